/* report.c -- errors, hints and colours on terminals.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "report.h"

#include <stdlib.h>
#include <unistd.h>

#include "i18n.h"

bool
report_terminal (FILE *port)
{
  int fd = fileno (port);
  return fd >= 0 && isatty (fd);
}

bool
report_colored (FILE *port)
{
  return getenv ("NO_COLOR") == NULL && report_terminal (port);
}

static void
report_visibly (FILE *port, const char *text)
{
  for (; *text != '\0'; text++)
    {
      unsigned char c = (unsigned char) *text, next = (unsigned char) text[1];
      if ((c < ' ' && c != '\t' && c != '\n') || c == 0x7f)
	fprintf (port, "^%c", c ^ 0x40);
      else if (c == 0xc2 && next >= 0x80 && next < 0xa0)
	{
	  /* Terminals know those of 8 bits, too, in UTF-8.  */
	  fprintf (port, "<U+%04X>", next);
	  text++;
	}
      else
	putc (c, port);
    }
}

void
report_print (FILE *port, bool terminal, const char *format,
	      va_list arguments)
{
  char *text;
  if (!terminal)
    vfprintf (port, format, arguments);
  else if (vasprintf (&text, format, arguments) >= 0)
    {
      report_visibly (port, text);
      free (text);
    }
}

void
report_line (FILE *port, const char *text)
{
  if (report_terminal (port))
    report_visibly (port, text);
  else
    fputs (text, port);
  putc ('\n', port);
}

/* HEAD is a format for NAME and for what is around the coloured word.  */
static void __attribute__ ((format (printf, 5, 0), nonnull (5)))
report (FILE *port, const char *head, const char *name, const char *color,
	const char *format, va_list arguments)
{
  bool colored = report_colored (port);

  fprintf (port, head, name, colored ? color : "",
	   colored ? COLOR_RESET : "");
  report_print (port, report_terminal (port), format, arguments);
  putc ('\n', port);
  fflush (port);
}

void
report_error (FILE *port, const char *name, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  /* TRANSLATORS: a program's name, and what begins and ends a colour.  */
  report (port, _("%s: %serror%s: "), name, COLOR_RED, format, arguments);
  va_end (arguments);
}

void
report_hint (FILE *port, const char *name, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  report (port, _("%s: %shint%s: "), name, COLOR_CYAN, format, arguments);
  va_end (arguments);
}
