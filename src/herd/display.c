/* display.c -- where and how herd shows things.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "display.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "i18n.h"
#include "report.h"

/* What is shown of a thousand services fits into it.  */
enum { DISPLAY_BUFFER = 64 * 1024 };

void
display_set_clock (struct display *display)
{
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  display->now = now.tv_sec;
}

void
display_init (struct display *display, const char *program)
{
  /* A terminal, too, gets all at once.  */
  static char buffer[DISPLAY_BUFFER];
  setvbuf (stdout, buffer, _IOFBF, sizeof buffer);
  /* Not LC_NUMERIC: data are read with strtod.  */
  setlocale (LC_CTYPE, "");
  setlocale (LC_TIME, "");
  i18n_begin ();
  const char *codeset = nl_langinfo (CODESET);
  *display = (struct display) {
    .program = program, .out = stdout, .errors = stderr,
    .terminal = report_terminal (stdout),
    .colored = report_colored (stdout),
    .unicode = strcmp (codeset, "UTF-8") == 0,
    .history = DISPLAY_HISTORY
  };
  /* Where nobody set a locale, terminals are UTF-8 all the same.  */
  if (!display->unicode && strcmp (codeset, "ANSI_X3.4-1968") != 0)
    display->encoding = codeset;
  display_set_clock (display);
}

int
display_finish (const struct display *display, int status)
{
  if (fflush (display->out) == 0 && !ferror (display->out))
    return status;
  report_error (display->errors, display->program, "%s", strerror (errno));
  return EXIT_FAILURE;
}

static void __attribute__ ((format (printf, 4, 0), nonnull (4)))
colored_print (const struct display *display, const char *color,
	       const char *end, const char *format, va_list arguments)
{
  bool colored = color != NULL && display->colored;

  if (colored)
    fputs (color, display->out);
  report_print (display->out, display->terminal, format, arguments);
  fputs (end, display->out);
  if (colored)
    fputs (COLOR_RESET, display->out);
}

void
display_line (const struct display *display, const char *color,
	      const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  colored_print (display, color, "\n", format, arguments);
  va_end (arguments);
}

void
display_part (const struct display *display, const char *color,
	      const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  colored_print (display, color, "", format, arguments);
  va_end (arguments);
}
