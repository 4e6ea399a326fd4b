/* describe-exceptions.c -- show exceptions as herd does.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Reads a list of data (KEY (ARGUMENT ...)) on standard input, and writes
   the list of what herd shows for them, as strings.  */

#include <config.h>

#include <err.h>
#include <stdio.h>

#include "exception.h"
#include "sexp.h"
#include "text.h"

int
main (void)
{
  struct text input = TEXT_EMPTY, output = TEXT_EMPTY;
  struct sexp_tree *tree;
  char buffer[4096];
  size_t n;

  while ((n = fread (buffer, 1, sizeof buffer, stdin)) > 0)
    text_append (&input, buffer, n);
  if (sexp_parse (text_string (&input), input.length, &tree) < 0)
    errx (1, "invalid input");
  text_append_char (&output, '(');
  sexp_for_each (cell, sexp_root (tree))
    {
      struct text shown = TEXT_EMPTY;
      exception_describe (&shown, sexp_nth (cell->car, 0),
			  sexp_nth (cell->car, 1));
      sexp_write_string (&output, text_string (&shown), shown.length);
      text_append_char (&output, '\n');
      text_free (&shown);
    }
  text_append_char (&output, ')');
  fputs (text_string (&output), stdout);
  sexp_free (tree);
  text_free (&input);
  text_free (&output);
  return 0;
}
