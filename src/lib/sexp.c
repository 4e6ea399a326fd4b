/* sexp.c -- look at a tree of Scheme data.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "sexp.h"

#include <string.h>

static bool
is_symbol (const struct sexp *x, const char *name, size_t length)
{
  return (sexp_is (x, SEXP_SYMBOL) && x->length == length
	  && memcmp (x->text, name, length) == 0);
}

bool
sexp_is_symbol (const struct sexp *x, const char *name)
{
  return is_symbol (x, name, strlen (name));
}

bool
sexp_is_list (const struct sexp *x)
{
  while (sexp_is (x, SEXP_PAIR))
    x = x->cdr;
  return sexp_is (x, SEXP_NIL);
}

bool
sexp_is_true (const struct sexp *x)
{
  return x != NULL && !(x->kind == SEXP_BOOLEAN && x->integer == 0);
}

const struct sexp *
sexp_nth (const struct sexp *list, size_t index)
{
  while (index-- > 0)
    list = sexp_cdr (list);
  return sexp_car (list);
}

size_t
sexp_length (const struct sexp *list)
{
  size_t length = 0;
  sexp_for_each (cell, list)
    length++;
  return length;
}

const char *
sexp_text (const struct sexp *x)
{
  if (sexp_is (x, SEXP_SYMBOL) || sexp_is (x, SEXP_STRING)
      || sexp_is (x, SEXP_KEYWORD))
    return x->text;
  return NULL;
}

int64_t
sexp_integer (const struct sexp *x, int64_t otherwise)
{
  return sexp_is (x, SEXP_NUMBER) && x->exact ? x->integer : otherwise;
}

bool
sexp_is_record (const struct sexp *x, const char *tag)
{
  const struct sexp *version = sexp_nth (x, 1);
  return (sexp_is_list (x)
	  && sexp_is_symbol (sexp_car (x), tag)
	  && sexp_is_symbol (sexp_car (version), "version")
	  && sexp_integer (sexp_nth (version, 1), -1) == 0);
}

const struct sexp *
sexp_property (const struct sexp *record, const char *name)
{
  size_t length = strlen (name);
  sexp_for_each (cell, record)
    if (is_symbol (sexp_car (cell->car), name, length))
      return sexp_nth (cell->car, 1);
  return NULL;
}
