/* sexp-atom.c -- numbers, symbols, strings and characters.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "sexp-atom.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct sexp sexp_true = { .kind = SEXP_BOOLEAN, .integer = 1 };
static const struct sexp sexp_false = { .kind = SEXP_BOOLEAN, .integer = 0 };

size_t
sexp_utf8 (char bytes[4], uint32_t c)
{
  if (c < 0x80)
    {
      bytes[0] = (char) c;
      return 1;
    }
  size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--, c >>= 6)
    bytes[i] = (char) (0x80 | (c & 0x3f));
  bytes[0] = (char) ((0xf00u >> length & 0xf0) | c);
  return length;
}

static int
hex_digit (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/* Read COUNT hexadecimal digits at *NEXT.  The code point, or -EINVAL.  */
static int32_t
hex_escape (const char **next, const char *end, int count)
{
  uint32_t c = 0;
  if (end - *next < count)
    return -EINVAL;
  while (count-- > 0)
    {
      int digit = hex_digit (*(*next)++);
      if (digit < 0)
	return -EINVAL;
      c = c * 16 + (uint32_t) digit;
    }
  return c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? -EINVAL : (int32_t) c;
}

/* Read the escape at *NEXT, after the backslash, of a string.  The code
   point, -1 for none (an escaped newline), or -EINVAL.  */
static int32_t
string_escape (const char **next, const char *end)
{
  static const char plain[] = "|\\(\"";
  static const char letters[] = "0abtnvfr";
  static const char values[] = "\0\a\b\t\n\v\f\r";
  char c = *(*next)++;

  if (c == '\n')
    return -1;
  if (strchr (plain, c) != NULL)
    return c;
  const char *letter = strchr (letters, c);
  if (letter != NULL)
    return values[letter - letters];
  if (c == 'x' || c == 'u' || c == 'U')
    return hex_escape (next, end, c == 'x' ? 2 : c == 'u' ? 4 : 6);
  return -EINVAL;
}

static int
make (struct sexp_tree *tree, struct sexp value, const struct sexp **result)
{
  struct sexp *x = sexp_allocate (tree, sizeof *x);
  if (x == NULL)
    return -ENOMEM;
  *x = value;
  *result = x;
  return 0;
}

static int
make_text (struct sexp_tree *tree, enum sexp_kind kind, bool exact,
	   const char *bytes, size_t length, const struct sexp **result)
{
  const char *text = sexp_copy (tree, bytes, length);
  if (text == NULL)
    return -ENOMEM;
  struct sexp x = { .kind = kind, .exact = exact };
  x.text = text;
  x.length = length;
  return make (tree, x, result);
}

static int
atom_string (struct sexp_tree *tree, const char **next, const char *end,
	     const struct sexp **result)
{
  const char *p = *next + 1;
  const char *close = p;
  while (*close != '"')
    close += *close == '\\' ? 2 : 1;

  /* No escape is shorter than what it stands for.  */
  char *out = sexp_allocate (tree, (size_t) (close - p) + 1);
  if (out == NULL)
    return -ENOMEM;
  size_t length = 0;
  while (p < close)
    if (*p != '\\')
      out[length++] = *p++;
    else
      {
	p++;
	int32_t c = string_escape (&p, end);
	if (c == -EINVAL)
	  return -EINVAL;
	if (c >= 0)
	  length += sexp_utf8 (out + length, (uint32_t) c);
      }
  out[length] = '\0';
  *next = close + 1;
  struct sexp x = { .kind = SEXP_STRING };
  x.text = out;
  x.length = length;
  return make (tree, x, result);
}

/* #{name}#  */
static int
atom_extended (struct sexp_tree *tree, const char **next,
	       const struct sexp **result)
{
  const char *p = *next + 2;
  const char *close = p;
  while (!(close[0] == '}' && close[1] == '#'))
    close += *close == '\\' ? 2 : 1;

  char *out = sexp_allocate (tree, (size_t) (close - p) + 1);
  if (out == NULL)
    return -ENOMEM;
  size_t length = 0;
  while (p < close)
    {
      if (*p != '\\')
	{
	  out[length++] = *p++;
	  continue;
	}
      p++;
      if (*p != 'x')
	{
	  out[length++] = *p++;
	  continue;
	}
      uint32_t c = 0;
      for (p++; *p != ';'; p++)
	{
	  int digit = hex_digit (*p);
	  if (digit < 0 || c > 0x10ffff)
	    return -EINVAL;
	  c = c * 16 + (uint32_t) digit;
	}
      p++;
      if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
	return -EINVAL;
      length += sexp_utf8 (out + length, c);
    }
  out[length] = '\0';
  *next = close + 2;
  struct sexp x = { .kind = SEXP_SYMBOL, .exact = false };
  x.text = out;
  x.length = length;
  return make (tree, x, result);
}

static uint32_t
decode_utf8 (const char *bytes, size_t *length)
{
  unsigned char c = (unsigned char) bytes[0];
  if (c < 0x80)
    {
      *length = 1;
      return c;
    }
  *length = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
  uint32_t code = c & (0xffu >> (*length + 1));
  for (size_t i = 1; i < *length; i++)
    code = code << 6 | ((unsigned char) bytes[i] & 0x3f);
  return code;
}

/* The code point of the character called NAME, or -EINVAL.  */
static int32_t
named_character (const char *name)
{
  static const struct { const char *name; int code; } names[] = {
    { "space", ' ' }, { "newline", '\n' }, { "nul", 0 }, { "null", 0 },
    { "alarm", 7 }, { "backspace", 8 }, { "tab", 9 }, { "linefeed", 10 },
    { "nl", 10 }, { "lf", 10 }, { "vtab", 11 }, { "page", 12 }, { "np", 12 },
    { "return", 13 }, { "cr", 13 }, { "esc", 27 }, { "escape", 27 },
    { "delete", 127 }, { "del", 127 }, { "soh", 1 }, { "stx", 2 },
    { "etx", 3 }, { "eot", 4 }, { "enq", 5 }, { "ack", 6 }, { "bel", 7 },
    { "bs", 8 }, { "ht", 9 }, { "vt", 11 }, { "ff", 12 }, { "so", 14 },
    { "si", 15 }, { "dle", 16 }, { "dc1", 17 }, { "dc2", 18 }, { "dc3", 19 },
    { "dc4", 20 }, { "nak", 21 }, { "syn", 22 }, { "etb", 23 }, { "can", 24 },
    { "em", 25 }, { "sub", 26 }, { "fs", 28 }, { "gs", 29 }, { "rs", 30 },
    { "us", 31 }, { "sp", 32 }
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcasecmp (names[i].name, name) == 0)
      return names[i].code;
  return -EINVAL;
}

static int
atom_character (struct sexp_tree *tree, const char **next, const char *end,
		const struct sexp **result)
{
  const char *start = *next + 2;
  size_t first;			/* bytes of the first character */
  long code = (long) decode_utf8 (start, &first);
  const char *p = start + first;

  if (!sexp_delimiter ((unsigned char) *start))
    while (p < end && !sexp_delimiter ((unsigned char) *p))
      p++;
  *next = p;
  bool dotted = ((size_t) (p - start) == first + 3
		 && memcmp (p - 3, "\xe2\x97\x8c", 3) == 0);
  if (p > start + first && !dotted)
    {
      char name[16] = "", *rest;
      if (p - start >= (long) sizeof name)
	return -EINVAL;
      memcpy (name, start, (size_t) (p - start));
      code = strtol (name, &rest, 8);
      if (*rest != '\0' && name[0] == 'x')
	code = strtol (name + 1, &rest, 16);
      if (*rest != '\0')
	code = named_character (name);
      if (code < 0 || code > 0x10ffff)
	return -EINVAL;
    }
  struct sexp x = { .kind = SEXP_CHARACTER };
  x.integer = code;
  return make (tree, x, result);
}

/* Is TEXT a decimal number, as an integer, a fraction or with a point?  */
static bool
is_number (const char *text, bool *integer)
{
  static const char digits[] = "0123456789";
  const char *p = text + (*text == '+' || *text == '-');
  size_t before = strspn (p, digits), after = 0;

  *integer = false;
  if (p > text && (strcmp (p, "inf.0") == 0 || strcmp (p, "nan.0") == 0))
    return true;
  p += before;
  if (*p == '/' && before > 0)
    {
      size_t denominator = strspn (p + 1, digits);
      return denominator > 0 && p[1 + denominator] == '\0';
    }
  *integer = before > 0 && *p == '\0';
  if (*p == '.')
    {
      after = strspn (p + 1, digits);
      p += 1 + after;
    }
  if (before + after == 0)
    return false;
  if (*p == 'e' || *p == 'E')
    {
      p++;
      p += *p == '+' || *p == '-';
      size_t exponent = strspn (p, digits);
      if (exponent == 0)
	return false;
      p += exponent;
    }
  return *p == '\0';
}

static void
set_number (struct sexp *x, bool integer, int radix, const char *digits)
{
  errno = 0;
  x->integer = integer ? strtoll (digits, NULL, radix) : 0;
  x->exact = integer && errno == 0;
  const char *slash = strchr (digits, '/');
  if (x->exact)
    x->real = (double) x->integer;
  else if (strstr (digits, "inf.0") != NULL)
    x->real = digits[0] == '-' ? -INFINITY : INFINITY;
  else if (strstr (digits, "nan.0") != NULL)
    x->real = NAN;
  else
    x->real = strtod (digits, NULL);
  if (slash != NULL)
    x->real /= strtod (slash + 1, NULL);
}

/* A token without `#': a number or a symbol.  */
static int
atom_plain (struct sexp_tree *tree, const char *text, size_t length,
	    const struct sexp **result)
{
  bool integer, dot = length == 1 && *text == '.';
  int rc = make_text (tree, SEXP_SYMBOL, !dot, text, length, result);
  if (rc == 0 && strchr ("+-.0123456789", *text) != NULL
      && is_number ((*result)->text, &integer))
    {
      struct sexp *x = (struct sexp *) *result;
      x->kind = SEXP_NUMBER;
      set_number (x, integer, 10, x->text);
    }
  return rc;
}

/* #x1F and the like.  */
static int
atom_radix (struct sexp_tree *tree, const char *token,
	    const struct sexp **result)
{
  int radix = (strchr ("xX", token[1]) ? 16 : strchr ("oO", token[1]) ? 8
	       : strchr ("bB", token[1]) ? 2 : 10);
  char *rest, decimal[24];
  const char *digits = token + 2;

  errno = 0;
  long long value = strtoll (digits, &rest, radix);
  bool exact = (*digits != '\0' && *rest == '\0' && errno == 0
		&& strchr ("iI", token[1]) == NULL && *digits != ' ');
  if (exact)
    snprintf (decimal, sizeof decimal, "%lld", value);
  const char *text = exact ? decimal : token;
  int rc = make_text (tree, SEXP_NUMBER, exact, text, strlen (text), result);
  if (rc == 0)
    {
      struct sexp *x = (struct sexp *) *result;
      x->integer = exact ? value : 0;
      x->real = exact ? (double) value : strtod (digits, NULL);
    }
  return rc;
}

static int
atom_hash (struct sexp_tree *tree, const char *text, size_t length,
	   const struct sexp **result)
{
  const char *token = sexp_copy (tree, text, length);
  if (token == NULL)
    return -ENOMEM;
  if (strcasecmp (token, "#t") == 0 || strcasecmp (token, "#true") == 0)
    *result = &sexp_true;
  else if (strcasecmp (token, "#f") == 0 || strcasecmp (token, "#false") == 0)
    *result = &sexp_false;
  else if (strcmp (token, "#nil") == 0
	   || (token[1] == '*' && strspn (token + 2, "01") == length - 2))
    return make_text (tree, SEXP_OTHER, true, text, length, result);
  else if (strchr ("xXoObBdDeEiI", token[1]) != NULL && length > 2)
    return atom_radix (tree, token, result);
  else
    return -EINVAL;
  return 0;
}

int
sexp_atom (struct sexp_tree *tree, const char **next, const char *end,
	   const struct sexp **result)
{
  const char *start = *next, *p = start;

  if (*p == '"')
    return atom_string (tree, next, end, result);
  if (*p == '#' && p[1] == '{')
    return atom_extended (tree, next, result);
  if (*p == '#' && p[1] == '\\')
    return atom_character (tree, next, end, result);
  while (p < end && !sexp_delimiter ((unsigned char) *p))
    p++;
  *next = p;
  return (*start == '#' ? atom_hash : atom_plain) (tree, start,
						   (size_t) (p - start),
						   result);
}
