/* sexp-atom.h -- atoms of Scheme data; private to the parser.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef SEXP_ATOM_H
#define SEXP_ATOM_H

#include "sexp.h"

/* Memory that lasts as long as TREE, or NULL.  */
void *sexp_allocate (struct sexp_tree *tree, size_t size);

/* A copy of LENGTH BYTES with a NUL after them, or NULL.  */
char *sexp_copy (struct sexp_tree *tree, const char *bytes, size_t length);

/* Read the atom at *NEXT, in text that the scanner accepted and that ends
   at END, and move *NEXT behind it.  0, -EINVAL or -ENOMEM.  */
int sexp_atom (struct sexp_tree *tree, const char **next, const char *end,
	       const struct sexp **result);

/* Is C one of the characters that end an atom?  */
bool sexp_delimiter (unsigned char c);

/* Write the code point C as UTF-8 to BYTES; return how many there are.  */
size_t sexp_utf8 (char bytes[4], uint32_t c);

#endif
