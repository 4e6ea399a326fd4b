/* rewrite-data.c -- parse Scheme data and write them again.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Reads one list on standard input; writes each element on a line.  */

#include <config.h>

#include <err.h>
#include <stdio.h>

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
  sexp_for_each (cell, sexp_root (tree))
    {
      sexp_write (&output, cell->car);
      text_append_char (&output, '\n');
    }
  fwrite (text_string (&output), 1, output.length, stdout);
  sexp_free (tree);
  text_free (&input);
  text_free (&output);
  return 0;
}
