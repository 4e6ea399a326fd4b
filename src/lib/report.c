/* report.c -- errors, hints and colours on terminals.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "i18n.h"

bool
report_colored (FILE *port)
{
  int fd = fileno (port);
  return fd >= 0 && getenv ("NO_COLOR") == NULL && isatty (fd);
}

/* HEAD is a format for NAME and for what is around the coloured word.  */
static void __attribute__ ((format (printf, 5, 0), nonnull (5)))
report (FILE *port, const char *head, const char *name, const char *color,
	const char *format, va_list arguments)
{
  bool colored = report_colored (port);

  fprintf (port, head, name, colored ? color : "",
	   colored ? COLOR_RESET : "");
  vfprintf (port, format, arguments);
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
