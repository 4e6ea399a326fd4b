/* sexp-write.c -- Scheme data as text.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "sexp-atom.h"

#include <string.h>

static void
append_utf8 (struct text *out, uint32_t c)
{
  char bytes[4];
  text_append (out, bytes, sexp_utf8 (bytes, c));
}

void
sexp_write_string (struct text *out, const char *bytes, size_t length)
{
  static const char letters[] = "abtnvfr";	/* from 7 on */

  text_append_char (out, '"');
  size_t start = 0;
  for (size_t i = 0; i < length; i++)
    {
      unsigned char c = (unsigned char) bytes[i];
      if (c >= ' ' && c != 0x7f && c != '"' && c != '\\')
	continue;
      text_append (out, bytes + start, i - start);
      start = i + 1;
      if (c == '"' || c == '\\')
	text_printf (out, "\\%c", c);
      else if (c >= 7 && c <= 13)
	text_printf (out, "\\%c", letters[c - 7]);
      else
	text_printf (out, "\\x%02x", c);
    }
  text_append (out, bytes + start, length - start);
  text_append_char (out, '"');
}

/* Would `read' take NAME for something other than that symbol?  True as
   well for some names that it would take rightly.  */
static bool
symbol_is_extended (const char *name, size_t length)
{
  if (length == 0 || (length == 1 && name[0] == '.')
      || strchr ("0123456789'`,#", name[0]) != NULL)
    return true;
  if (length > 1 && strchr ("+-.", name[0]) != NULL
      && strchr ("0123456789.iInN", name[1]) != NULL
      && strncmp (name, "...", length) != 0 && strncmp (name, "..", length))
    return true;
  for (size_t i = 0; i < length; i++)
    if ((unsigned char) name[i] <= ' ' || name[i] == 0x7f
	|| strchr ("()[]{};\"#", name[i]) != NULL)
      return true;
  return false;
}

void
sexp_write_symbol (struct text *out, const char *name, size_t length)
{
  if (!symbol_is_extended (name, length))
    {
      text_append (out, name, length);
      return;
    }
  text_append_string (out, "#{");
  for (size_t i = 0; i < length; i++)
    {
      unsigned char c = (unsigned char) name[i];
      if (c < ' ' || c == 0x7f || c == '\\'
	  || strchr ("()[]{}", c) != NULL)
	text_printf (out, "\\x%x;", c);
      else
	text_append_char (out, (char) c);
    }
  text_append_string (out, "}#");
}

static void
write_character (struct text *out, uint32_t c)
{
  static const char *const names[] = {
    "nul", "soh", "stx", "etx", "eot", "enq", "ack", "alarm", "backspace",
    "tab", "newline", "vtab", "page", "return", "so", "si", "dle", "dc1",
    "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub", "esc",
    "fs", "gs", "rs", "us", "space"
  };

  text_append_string (out, "#\\");
  if (c <= ' ')
    text_append_string (out, names[c]);
  else if (c == 0x7f)
    text_append_string (out, "delete");
  else if (c > 0x7f && c < 0xa0)
    text_printf (out, "x%x", (unsigned int) c);
  else
    append_utf8 (out, c);
}

static void
print_atom (struct text *out, const struct sexp *x, bool display)
{
  switch (x->kind)
    {
    case SEXP_NIL:
      text_append_string (out, "()");
      break;
    case SEXP_KEYWORD:
      text_append_string (out, "#:");
      /* Fall through.  */
    case SEXP_SYMBOL:
      if (display || x->exact)
	text_append (out, x->text, x->length);
      else
	sexp_write_symbol (out, x->text, x->length);
      break;
    case SEXP_STRING:
      if (display)
	text_append (out, x->text, x->length);
      else
	sexp_write_string (out, x->text, x->length);
      break;
    case SEXP_BOOLEAN:
      text_append_string (out, x->integer ? "#t" : "#f");
      break;
    case SEXP_CHARACTER:
      if (display)
	append_utf8 (out, (uint32_t) x->integer);
      else
	write_character (out, (uint32_t) x->integer);
      break;
    case SEXP_NUMBER:
      {
	bool plus = x->text[0] == '+' && x->text[1] < 'A';
	text_append (out, x->text + plus, x->length - plus);
      }
      break;
    case SEXP_OTHER:
      text_append (out, x->text, x->length);
      break;
    case SEXP_PAIR: case SEXP_VECTOR:
      break;
    }
}

/* Print X.  REST holds, for each open list, what remains to be printed of
   it; no tree is deeper than SEXP_DEPTH_MAX.  */
static void
print (struct text *out, const struct sexp *x, bool display)
{
  const struct sexp *rest[SEXP_DEPTH_MAX + 1];
  size_t depth = 0;

  while (x != NULL)
    {
      if ((x->kind == SEXP_PAIR || x->kind == SEXP_VECTOR)
	  && depth <= SEXP_DEPTH_MAX)
	{
	  if (x->kind == SEXP_VECTOR)
	    text_append (out, x->text, x->length);
	  text_append_char (out, '(');
	  const struct sexp *list = x->kind == SEXP_PAIR ? x : x->items;
	  if (list->kind == SEXP_PAIR)
	    {
	      rest[depth++] = list->cdr;
	      x = list->car;
	      continue;
	    }
	  text_append_char (out, ')');
	}
      else
	print_atom (out, x, display);

      /* Go on with the innermost list that has something left.  */
      x = NULL;
      while (depth > 0 && x == NULL)
	{
	  const struct sexp *more = rest[depth - 1];
	  if (more->kind == SEXP_PAIR)
	    {
	      text_append_char (out, ' ');
	      rest[depth - 1] = more->cdr;
	      x = more->car;
	      continue;
	    }
	  if (more->kind != SEXP_NIL)
	    {
	      /* A tail after a dot is an atom or a vector; after it there is
		 nothing: let a vector print within this frame.  */
	      text_append_string (out, " . ");
	      if (more->kind == SEXP_VECTOR)
		{
		  static const struct sexp nil = { .kind = SEXP_NIL };
		  rest[depth - 1] = &nil;
		  x = more;
		  continue;
		}
	      print_atom (out, more, display);
	    }
	  text_append_char (out, ')');
	  depth--;
	}
    }
}

void
sexp_write (struct text *out, const struct sexp *x)
{
  print (out, x, false);
}

void
sexp_display (struct text *out, const struct sexp *x)
{
  print (out, x, true);
}
