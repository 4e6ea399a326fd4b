/* next-alarms.c -- show when events occur as herd computes it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Reads a list of data (EVENT FROM ...) on standard input, and writes a list
   of lists: for each FROM, when EVENT occurs next, or -1.  */

#include <config.h>

#include <err.h>
#include <inttypes.h>
#include <stdio.h>

#include "calendar.h"
#include "sexp.h"
#include "text.h"

int
main (void)
{
  struct text input = TEXT_EMPTY;
  struct sexp_tree *tree;
  char buffer[4096];
  size_t n;

  while ((n = fread (buffer, 1, sizeof buffer, stdin)) > 0)
    text_append (&input, buffer, n);
  if (sexp_parse (text_string (&input), input.length, &tree) < 0)
    errx (1, "invalid input");
  putchar ('(');
  sexp_for_each (cell, sexp_root (tree))
    {
      struct calendar calendar;

      if (!calendar_read (sexp_car (cell->car), &calendar))
	errx (1, "invalid event");
      putchar ('(');
      sexp_for_each (from, sexp_cdr (cell->car))
	printf ("%" PRId64 " ",
		calendar_next (&calendar, sexp_integer (from->car, 0)));
      puts (")");
    }
  putchar (')');
  sexp_free (tree);
  text_free (&input);
  return 0;
}
