/* exception.c -- exceptions of the daemon as Guile's print-exception shows
   them, but for messages, of which it makes less.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "exception.h"

#include <inttypes.h>
#include <limits.h>
#include <netdb.h>
#include <string.h>

/* A renderer appends to OUT and returns true, or returns false if ARGUMENTS
   are not what it expects; what it appended is then removed.  */
typedef bool renderer (struct text *out, const struct sexp *arguments);

static bool
append_formatted (struct text *out, const char *format,
		  const struct sexp *arguments)
{
  for (const char *p = format; *p; p++)
    {
      if (*p != '~')
	{
	  text_append_char (out, *p);
	  continue;
	}
      switch (*++p)
	{
	case '%':
	  text_append_char (out, '\n');
	  break;
	case '~':
	  text_append_char (out, '~');
	  break;
	case 'a': case 'A': case 's': case 'S': case 'd': case 'D':
	  if (!sexp_is (arguments, SEXP_PAIR))
	    return false;
	  if (*p == 's' || *p == 'S')
	    sexp_write (out, arguments->car);
	  else
	    sexp_display (out, arguments->car);
	  arguments = arguments->cdr;
	  break;
	default:
	  return false;
	}
    }
  return !sexp_is (arguments, SEXP_PAIR);
}

/* (SUBR FORMAT ARGUMENTS REST ...)  */
static bool
render_error (struct text *out, const struct sexp *arguments)
{
  const struct sexp *subr = sexp_nth (arguments, 0);
  const struct sexp *format = sexp_nth (arguments, 1);
  const struct sexp *values = sexp_nth (arguments, 2);

  if (!sexp_is (format, SEXP_STRING) || values == NULL
      || (sexp_is_true (values) && !sexp_is_list (values)))
    return false;
  if (sexp_is_true (subr))
    {
      text_append_string (out, "In procedure ");
      sexp_display (out, subr);
      text_append_string (out, ": ");
    }
  return append_formatted (out, format->text, values);
}

/* (SUBR MESSAGE ARGUMENTS (FAULTY ...))  */
static bool
render_keyword_error (struct text *out, const struct sexp *arguments)
{
  const struct sexp *message = sexp_nth (arguments, 1);
  const struct sexp *faulty = sexp_car (sexp_nth (arguments, 3));

  if (message == NULL || faulty == NULL)
    return false;
  sexp_display (out, message);
  text_append_string (out, ": ");
  sexp_write (out, faulty);
  return true;
}

static const struct sexp *
lookup (const struct sexp *alist, const char *key)
{
  sexp_for_each (cell, alist)
    if (sexp_is_symbol (sexp_car (cell->car), key))
      return sexp_cdr (cell->car);
  return NULL;
}

static void
append_location (struct text *out, const struct sexp *where)
{
  if (!sexp_is_true (where))
    {
      text_append_string (out, "unknown location: ");
      return;
    }
  const struct sexp *file = lookup (where, "filename");
  const struct sexp *line = lookup (where, "line");
  const struct sexp *column = lookup (where, "column");

  if (sexp_is_true (file))
    sexp_display (out, file);
  else
    text_append_string (out, "unknown file");
  if (sexp_is (line, SEXP_NUMBER))
    text_printf (out, ":%" PRId64 ":",
		 (int64_t) ((uint64_t) sexp_integer (line, 0) + 1));
  else
    text_append_string (out, ":#f:");
  if (column != NULL)
    sexp_display (out, column);
  else
    text_append_string (out, "#f");
  text_append_string (out, ": ");
}

/* (WHO WHAT WHERE FORM SUBFORM ...)  */
static bool
render_syntax_error (struct text *out, const struct sexp *arguments)
{
  const struct sexp *who = sexp_nth (arguments, 0);
  const struct sexp *what = sexp_nth (arguments, 1);
  const struct sexp *where = sexp_nth (arguments, 2);
  const struct sexp *form = sexp_nth (arguments, 3);
  const struct sexp *subform = sexp_nth (arguments, 4);

  if (subform == NULL)
    return false;
  text_append_string (out, "Syntax error:\n");
  append_location (out, where);
  if (sexp_is_true (who))
    {
      sexp_display (out, who);
      text_append_string (out, ": ");
    }
  sexp_display (out, what);
  if (sexp_is_true (subform))
    {
      text_append_string (out, " in subform ");
      sexp_write (out, subform);
      text_append_string (out, " of ");
      sexp_write (out, form);
    }
  else if (sexp_is_true (form))
    {
      text_append_string (out, " in form ");
      sexp_write (out, form);
    }
  return true;
}

/* (CODE)  */
static bool
render_address_error (struct text *out, const struct sexp *arguments)
{
  int64_t code = sexp_integer (sexp_car (arguments), INT64_MAX);
  if (code > INT_MAX || code < INT_MIN)
    return false;
  text_printf (out, "In procedure getaddrinfo: %s",
	       gai_strerror ((int) code));
  return true;
}

/* (TEXT), which is how an object that was raised is written; here, that of one
   with a message and nothing else.  */
static bool
render_message (struct text *out, const struct sexp *arguments)
{
  static const char head[] = "#<&message message: \"", tail[] = "\">";
  const struct sexp *object = sexp_car (arguments);

  if (!sexp_is (object, SEXP_STRING)
      || strncmp (object->text, head, strlen (head)) != 0)
    return false;
  const char *p = object->text + strlen (head);
  for (; *p != '\0' && *p != '"'; p++)
    {
      bool escaped = *p == '\\' && p[1] != '\0';
      p += escaped;
      text_append_char (out, escaped && *p == 'n' ? '\n' : *p);
    }
  return strcmp (p, tail) == 0;
}

static const struct { const char *key; renderer *render; } renderers[] = {
  { "%exception", render_message },
  { "goops-error", render_error },
  { "host-not-found", render_error },
  { "misc-error", render_error },
  { "no-data", render_error },
  { "no-recovery", render_error },
  { "null-pointer-error", render_error },
  { "out-of-memory", render_error },
  { "out-of-range", render_error },
  { "program-error", render_error },
  { "read-error", render_error },
  { "regular-expression-syntax", render_error },
  { "signal", render_error },
  { "stack-overflow", render_error },
  { "system-error", render_error },
  { "try-again", render_error },
  { "unbound-variable", render_error },
  { "wrong-number-of-args", render_error },
  { "wrong-type-arg", render_error },
  { "keyword-argument-error", render_keyword_error },
  { "syntax-error", render_syntax_error },
  { "getaddrinfo-error", render_address_error },
};

void
exception_describe (struct text *out, const struct sexp *key,
		    const struct sexp *arguments)
{
  size_t start = out->length;

  for (size_t i = 0; i < sizeof renderers / sizeof *renderers; i++)
    if (sexp_is_symbol (key, renderers[i].key))
      {
	if (renderers[i].render (out, arguments))
	  return;
	out->length = start;
	break;
      }
  text_append_string (out, "Throw to key `");
  sexp_display (out, key);
  text_append_string (out, "' with args `");
  sexp_write (out, arguments);
  text_append_string (out, "'.");
}
