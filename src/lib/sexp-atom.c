/* sexp-atom.c -- numbers, symbols, strings and characters.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "sexp-atom.h"

#include <errno.h>
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
hex_escape (char **next, const char *end, int count)
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
string_escape (char **next, const char *end)
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
made (const struct sexp *x, const struct sexp **result)
{
  *result = x;
  return x == NULL ? -ENOMEM : 0;
}

static int
atom_string (struct sexp_source *source, const struct sexp **result)
{
  char *start = source->next + 1, *out = start, *p;

  while (*out != '"' && *out != '\\')
    out++;
  /* No escape is shorter than what it stands for.  */
  for (p = out; *p != '"'; )
    if (*p != '\\')
      *out++ = *p++;
    else
      {
	p++;
	int32_t c = string_escape (&p, source->end);
	if (c == -EINVAL)
	  return -EINVAL;
	if (c >= 0)
	  out += sexp_utf8 (out, (uint32_t) c);
      }
  source->next = p + 1;
  *out = '\0';
  return made (sexp_make (source->tree, SEXP_STRING, false, start, out),
	       result);
}

/* Read the escape at *NEXT, after the backslash and the `x', of a name: as
   far as the `;'.  The code point, or -EINVAL.  */
static int32_t
name_escape (char **next)
{
  uint32_t c = 0;
  for (; **next != ';'; ++*next)
    {
      int digit = hex_digit (**next);
      if (digit < 0 || c > 0x10ffff)
	return -EINVAL;
      c = c * 16 + (uint32_t) digit;
    }
  ++*next;
  return c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? -EINVAL : (int32_t) c;
}

/* #{name}#  */
static int
atom_extended (struct sexp_source *source, const struct sexp **result)
{
  char *start = source->next + 2, *out = start, *p = start;

  while (!(p[0] == '}' && p[1] == '#'))
    if (*p != '\\')
      *out++ = *p++;
    else if (*++p != 'x')
      *out++ = *p++;
    else
      {
	p++;
	int32_t c = name_escape (&p);
	if (c < 0)
	  return -EINVAL;
	out += sexp_utf8 (out, (uint32_t) c);
      }
  source->next = p + 2;
  *out = '\0';
  return made (sexp_make (source->tree, SEXP_SYMBOL, false, start, out),
	       result);
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
atom_character (struct sexp_source *source, const struct sexp **result)
{
  char *start = source->next + 2, *p;
  size_t first;			/* bytes of the first character */
  long code = (long) decode_utf8 (start, &first);

  p = start + first;
  if (!sexp_delimiter ((unsigned char) *start))
    while (p < source->end && !sexp_delimiter ((unsigned char) *p))
      p++;
  source->next = p;
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
  struct sexp *x = sexp_make (source->tree, SEXP_CHARACTER, false, p, p);
  if (x != NULL)
    x->integer = code;
  return made (x, result);
}

/* Is TEXT a decimal integer that VALUE can be?  */
static bool
read_integer (const char *text, int64_t *value)
{
  const char *p = text + (*text == '+' || *text == '-');
  int64_t sum = 0;		/* there is one more below 0 than above */

  if (*p == '\0')
    return false;
  for (; *p >= '0' && *p <= '9'; p++)
    if (__builtin_mul_overflow (sum, 10, &sum)
	|| __builtin_sub_overflow (sum, *p - '0', &sum))
      return false;
  if (*p != '\0' || (*text != '-' && sum == INT64_MIN))
    return false;
  *value = *text == '-' ? sum : -sum;
  return true;
}

/* Is TEXT a decimal number, as an integer, a fraction or with a point?  */
static bool
is_number (const char *text)
{
  static const char digits[] = "0123456789";
  const char *p = text + (*text == '+' || *text == '-');
  size_t before = strspn (p, digits), after = 0;

  if (p > text && (strcmp (p, "inf.0") == 0 || strcmp (p, "nan.0") == 0))
    return true;
  p += before;
  if (*p == '/' && before > 0)
    {
      size_t denominator = strspn (p + 1, digits);
      return denominator > 0 && p[1 + denominator] == '\0';
    }
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

double
sexp_real (const struct sexp *x, double otherwise)
{
  if (!sexp_is (x, SEXP_NUMBER))
    return otherwise;
  if (x->exact)
    return (double) x->integer;
  const char *digits = x->text + (x->text[0] == '#' ? 2 : 0);
  const char *slash = strchr (digits, '/');
  if (strstr (digits, "inf.0") != NULL)
    return digits[0] == '-' ? -INFINITY : INFINITY;
  if (strstr (digits, "nan.0") != NULL)
    return NAN;
  return strtod (digits, NULL) / (slash ? strtod (slash + 1, NULL) : 1);
}

/* A token without `#': a number or a symbol.  */
static int
atom_plain (struct sexp_tree *tree, const char *text, const char *end,
	    const struct sexp **result)
{
  bool dot = end - text == 1 && *text == '.';
  struct sexp *x = sexp_make (tree, SEXP_SYMBOL, !dot, text, end);
  if (x != NULL && (sexp_bytes[(unsigned char) *text] & SEXP_IN_NUMBER))
    {
      if (read_integer (text, &x->integer))
	x->kind = SEXP_NUMBER;
      else if (is_number (text))
	{
	  x->kind = SEXP_NUMBER;
	  x->exact = false;
	}
    }
  return made (x, result);
}

/* #x1F and the like.  */
static int
atom_radix (struct sexp_tree *tree, const char *token, const char *end,
	    const struct sexp **result)
{
  enum { DECIMAL_SIZE = 24 };
  int radix = (strchr ("xX", token[1]) ? 16 : strchr ("oO", token[1]) ? 8
	       : strchr ("bB", token[1]) ? 2 : 10);
  char *rest;
  const char *digits = token + 2;

  errno = 0;
  long long value = strtoll (digits, &rest, radix);
  if (*digits == '\0' || *rest != '\0' || errno != 0
      || strchr ("iI", token[1]) != NULL)
    return made (sexp_make (tree, SEXP_NUMBER, false, token, end), result);

  char *decimal = sexp_allocate (tree, DECIMAL_SIZE);
  if (decimal == NULL)
    return -ENOMEM;
  int length = snprintf (decimal, DECIMAL_SIZE, "%lld", value);
  struct sexp *x = sexp_make (tree, SEXP_NUMBER, true, decimal,
			      decimal + length);
  if (x != NULL)
    x->integer = value;
  return made (x, result);
}

static int
atom_hash (struct sexp_tree *tree, const char *token, const char *end,
	   const struct sexp **result)
{
  size_t length = (size_t) (end - token);
  if (strcasecmp (token, "#f") == 0 || strcasecmp (token, "#false") == 0)
    return made (&sexp_false, result);
  if (strcasecmp (token, "#t") == 0 || strcasecmp (token, "#true") == 0)
    return made (&sexp_true, result);
  if (strcmp (token, "#nil") == 0
      || (token[1] == '*' && strspn (token + 2, "01") == length - 2))
    return made (sexp_make (tree, SEXP_OTHER, true, token, end), result);
  if (strchr ("xXoObBdDeEiI", token[1]) != NULL && length > 2)
    return atom_radix (tree, token, end, result);
  return -EINVAL;
}

int
sexp_atom (struct sexp_source *source, const struct sexp **result)
{
  char *start = source->next, *p = start;

  if (*p == '"' || *p == '\0')	/* the one that ended the last atom */
    return atom_string (source, result);
  if (*p == '#' && p[1] == '{')
    return atom_extended (source, result);
  if (*p == '#' && p[1] == '\\')
    return atom_character (source, result);
  while (p < source->end && !sexp_delimiter ((unsigned char) *p))
    p++;
  source->next = p;
  source->delimiter = *p;
  *p = '\0';
  return (*start == '#' ? atom_hash : atom_plain) (source->tree, start, p,
						   result);
}
