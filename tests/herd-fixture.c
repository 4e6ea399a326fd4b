/* herd-fixture.c -- show data as herd does, at a given time.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "herd-fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void
fixture_init (struct fixture *fixture)
{
  *fixture = (struct fixture) { .tree = NULL };
  setenv ("TZ", "UTC0", 1);
  tzset ();
  fixture->display = (struct display) {
    .program = "herd",
    .out = open_memstream (&fixture->out, &fixture->out_size),
    .errors = open_memstream (&fixture->errors, &fixture->errors_size),
    .unicode = true, .history = DISPLAY_HISTORY, .now = FIXTURE_NOW
  };
}

const struct sexp *
fixture_read (struct fixture *fixture, const char *text)
{
  sexp_free (fixture->tree);
  ck_assert_msg (sexp_parse (text, strlen (text), &fixture->tree) == 0,
		 "%s", text);
  return sexp_root (fixture->tree);
}

void
fixture_finish (struct fixture *fixture)
{
  fclose (fixture->display.out);
  fclose (fixture->display.errors);
}

void
fixture_free (struct fixture *fixture)
{
  free (fixture->out);
  free (fixture->errors);
  sexp_free (fixture->tree);
}

void
fixture_check (struct fixture *fixture, const char *expected)
{
  fixture_finish (fixture);
  ck_assert_str_eq (fixture->out, expected);
  ck_assert_str_eq (fixture->errors, "");
  fixture_free (fixture);
}
