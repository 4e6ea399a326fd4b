/* herd-fixture.h -- show data as herd does, at a given time.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef HERD_FIXTURE_H
#define HERD_FIXTURE_H

#include <stdbool.h>

#include "display.h"
#include "sexp.h"

/* 2026-11-22 20:47:02 UTC, a Sunday.  */
#define FIXTURE_NOW 1795380422

/* A display in memory, at FIXTURE_NOW in UTC.  */
struct fixture
{
  struct display display;
  char *out, *errors;		/* what was shown, after fixture_finish */
  size_t out_size, errors_size;
  struct sexp_tree *tree;
};

void fixture_init (struct fixture *fixture);

/* Parse TEXT, which must be a datum.  It lasts as long as FIXTURE.  */
const struct sexp *fixture_read (struct fixture *fixture, const char *text);

/* End the display: OUT and ERRORS hold what it showed.  */
void fixture_finish (struct fixture *fixture);

void fixture_free (struct fixture *fixture);

/* Fail unless FIXTURE showed EXPECTED, then free it.  */
void fixture_check (struct fixture *fixture, const char *expected);

#endif
