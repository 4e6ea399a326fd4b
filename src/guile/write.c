/* write.c -- Scheme data to text, as `write' does it, but fast.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Every published state and every reply is made here, so the usual data
   (lists, symbols, strings of ASCII, small integers) take a path of their
   own; what is rare goes through Guile's own printer, which is therefore
   right by definition.  A test compares the two on random data.  */

#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "primitive.h"
#include "sexp.h"

/* A datum deeper or longer than this is a mistake, perhaps a circular
   list.  */
enum { WRITE_MAX_DEPTH = 10000 };
static const size_t write_max_length = (size_t) 256 << 20;

static void write_datum (struct text *text, SCM x, int depth);

static void
write_free (void *text)
{
  text_free (text);
}

void
write_begin (struct text *text)
{
  text_init (text);
  scm_dynwind_begin (0);
  scm_dynwind_unwind_handler (write_free, text, SCM_F_WIND_EXPLICITLY);
}

/* Raise an exception if TEXT cannot or should not grow any more.  */
static void
write_check (const struct text *text)
{
  if (text->failed)
    primitive_raise ("%datum->text", ENOMEM);
  if (text->length > write_max_length)
    scm_misc_error ("%datum->text", _("datum is too large or circular"),
		    SCM_EOL);
}

static void
write_integer (struct text *text, scm_t_inum n)
{
  char digits[24], *end = digits + sizeof digits, *p = end;
  uint64_t u = n < 0 ? - (uint64_t) n : (uint64_t) n;

  do
    *--p = '0' + u % 10;
  while ((u /= 10) > 0);
  if (n < 0)
    *--p = '-';
  text_append (text, p, end - p);
}

/* Append the characters of X, a string.  */
static void
write_characters (struct text *text, SCM x)
{
  size_t length;
  char *bytes = scm_to_utf8_stringn (x, &length);

  text_append (text, bytes, length);
  free (bytes);
}

/* Leave X to Guile's printer, which takes long to set up.  */
static void
write_other (struct text *text, SCM x)
{
  write_characters (text, scm_object_to_string (x, SCM_UNDEFINED));
}

/* True if a symbol of these characters needs no #{ }#.  Says false of some
   that do not need it either.  */
static bool
write_symbol_is_plain (const char *bytes, size_t length)
{
#define LETTERS \
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!$%&*/<=>?^_~"
  static const char initial[] = LETTERS;
  static const char following[] = LETTERS "0123456789+-.@";

  if (length == 0 || memchr (initial, bytes[0], sizeof initial - 1) == NULL)
    return false;
  for (size_t i = 1; i < length; i++)
    if (memchr (following, bytes[i], sizeof following - 1) == NULL)
      return false;
  return true;
#undef LETTERS
}

/* The text of a symbol that was written lately, which saves two objects for
   each time: a published state is property names above all.  */
struct write_known
{
  size_t length;
  char bytes[32];
};

/* Of the thread that calls %wait.  The symbols, which are plain, are in a
   vector that is never collected, so the address of one stays its own while
   its text is known.  */
enum { WRITE_KNOWN_BITS = 8 };
static struct write_known write_known[1 << WRITE_KNOWN_BITS];
static SCM write_symbols;

void
write_initialize (void)
{
  write_symbols = scm_gc_protect_object (scm_c_make_vector
					 (1 << WRITE_KNOWN_BITS, SCM_BOOL_F));
}

/* The index of SYMBOL in both.  */
static size_t
write_place (SCM symbol)
{
  /* Knuth's multiplicative hash: their addresses are regular.  */
  uint32_t hash = (uint32_t) (SCM_UNPACK (symbol) >> 4) * 2654435769u;

  return hash >> (32 - WRITE_KNOWN_BITS);
}

static void
write_know (SCM symbol, const char *bytes, size_t length)
{
  size_t place = write_place (symbol);
  struct write_known *known = &write_known[place];

  if (length <= sizeof known->bytes && bridge_is_waiter ())
    {
      SCM_SIMPLE_VECTOR_SET (write_symbols, place, symbol);
      known->length = length;
      memcpy (known->bytes, bytes, length);
    }
}

/* Append symbol X if its text is known.  */
static bool
write_known_symbol (struct text *text, SCM x)
{
  size_t place = write_place (x);
  bool is_known = (scm_is_eq (SCM_SIMPLE_VECTOR_REF (write_symbols, place), x)
		   && bridge_is_waiter ());

  if (is_known)
    text_append (text, write_known[place].bytes, write_known[place].length);
  return is_known;
}

/* Append symbol NAME, which follows "#:" in keyword X or is X itself.  */
static void
write_symbol (struct text *text, SCM x, SCM name)
{
  size_t length;
  char *bytes = scm_to_utf8_stringn (scm_symbol_to_string (name), &length);
  bool plain = write_symbol_is_plain (bytes, length);

  if (plain && !scm_is_eq (x, name))
    text_append (text, "#:", 2);
  if (plain)
    {
      text_append (text, bytes, length);
      write_know (name, bytes, length);
    }
  free (bytes);
  if (!plain)
    write_other (text, x);
}

/* Which characters beyond ASCII are printed as they are depends on tables
   that Guile has.  */
static void
write_string (struct text *text, SCM x)
{
  size_t length;
  char *bytes = scm_to_utf8_stringn (x, &length);
  bool ascii = primitive_is_ascii (bytes, length);

  if (ascii)
    sexp_write_string (text, bytes, length);
  free (bytes);
  if (!ascii)
    write_other (text, x);
}

static void
write_pairs (struct text *text, SCM x, int depth)
{
  char before = '(';

  for (; scm_is_pair (x); x = SCM_CDR (x))
    {
      text_append_char (text, before);
      write_datum (text, SCM_CAR (x), depth);
      before = ' ';
    }
  if (!scm_is_null (x))
    {
      text_append (text, " . ", 3);
      write_datum (text, x, depth);
    }
  text_append_char (text, ')');
}

static void
write_vector (struct text *text, SCM x, int depth)
{
  size_t length = scm_c_vector_length (x);

  text_append (text, "#(", 2);
  for (size_t i = 0; i < length; i++)
    {
      if (i > 0)
	text_append_char (text, ' ');
      write_datum (text, scm_c_vector_ref (x, i), depth);
    }
  text_append_char (text, ')');
}

static void
write_datum (struct text *text, SCM x, int depth)
{
  write_check (text);
  if (depth > WRITE_MAX_DEPTH)
    scm_misc_error ("%datum->text", _("datum is nested too deeply"), SCM_EOL);
  if (scm_is_pair (x))
    write_pairs (text, x, depth + 1);
  else if (scm_is_eq (x, SCM_EOL))
    text_append (text, "()", 2);
  else if (SCM_I_INUMP (x))
    write_integer (text, SCM_I_INUM (x));
  else if (scm_is_symbol (x))
    {
      if (!write_known_symbol (text, x))
	write_symbol (text, x, x);
    }
  else if (scm_is_string (x))
    write_string (text, x);
  else if (scm_is_eq (x, SCM_BOOL_F))
    text_append (text, "#f", 2);
  else if (scm_is_eq (x, SCM_BOOL_T))
    text_append (text, "#t", 2);
  else if (scm_is_keyword (x))
    write_symbol (text, x, scm_keyword_to_symbol (x));
  else if (scm_is_number (x))
    write_characters (text, scm_number_to_string (x, scm_from_int (10)));
  else if (scm_is_vector (x))
    write_vector (text, x, depth + 1);
  else
    write_other (text, x);
}

void
write_text (struct text *text, SCM x)
{
  write_datum (text, x, 0);
  write_check (text);
}

static SCM
prim_datum_to_text (SCM x)
{
  struct text text;
  SCM result;

  write_begin (&text);
  write_text (&text, x);
  result = scm_from_utf8_stringn (text_string (&text), text.length);
  scm_dynwind_end ();
  return result;
}

const struct primitive write_primitives[] =
{
  { "%datum->text", 1, 0, prim_datum_to_text,
    "Return the text that @code{write} prints for @var{x}." },
  { NULL, 0, 0, NULL, NULL }
};
