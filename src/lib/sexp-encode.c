/* sexp-encode.c -- Scheme data in another encoding than UTF-8, to be shown.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "sexp.h"
#include "sexp-atom.h"

#include <iconv.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

/* No character is spelled with more bytes.  */
enum { ENCODE_MOST = 8 };

static void
encode_text (struct sexp_tree *tree, iconv_t conversion, struct sexp *x)
{
  char *from = (char *) x->text, *to, *start;
  size_t from_left = x->length, to_left = ENCODE_MOST * from_left;

  if (utf8_is_ascii (x->text, x->length))
    return;
  to = start = sexp_allocate (tree, to_left + 1);
  if (start == NULL
      || iconv (conversion, &from, &from_left, &to, &to_left) == (size_t) -1)
    return;
  *to = '\0';
  x->text = start;
  x->length = (size_t) (to - start);
}

static void
encode (struct sexp_tree *tree, iconv_t conversion, const struct sexp *x)
{
  for (; sexp_is (x, SEXP_PAIR); x = x->cdr)
    encode (tree, conversion, x->car);
  if (sexp_text (x) != NULL)
    /* All data with text are TREE's, which is ours to change.  */
    encode_text (tree, conversion, (struct sexp *) x);
  else if (sexp_is (x, SEXP_VECTOR))
    encode (tree, conversion, x->items);
}

void
sexp_encode (struct sexp_tree *tree, const char *encoding)
{
  char name[64];
  iconv_t conversion;

  snprintf (name, sizeof name, "%s//TRANSLIT", encoding);
  conversion = iconv_open (name, "UTF-8");
  if (conversion == (iconv_t) -1)
    return;
  encode (tree, conversion, sexp_root (tree));
  iconv_close (conversion);
}
