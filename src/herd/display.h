/* display.h -- where and how herd shows things.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef DISPLAY_H
#define DISPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Log lines and the like shown unless the user says how many.  */
#define DISPLAY_HISTORY 5

struct display
{
  const char *program;		/* for errors */
  FILE *out, *errors;
  bool terminal;		/* OUT is one */
  bool colored;			/* OUT takes colours */
  bool unicode;			/* OUT takes UTF-8 */
  const char *encoding;		/* NULL: takes the daemon's texts as they are */
  long history;			/* option -n */
  int64_t now;			/* seconds since the Epoch */
};

/* Make a display of standard output and standard error, at this moment,
   in the user's locale.  */
void display_init (struct display *display, const char *program);

/* Set the clock of DISPLAY: it is now.  */
void display_set_clock (struct display *display);

/* Write out what was printed.  An exit status: STATUS, unless that fails.  */
int display_finish (const struct display *display, int status);

/* Print a line, to which a newline is added, as report_print does.  COLOR is
   a colour of report.h for all of it, or NULL.  */
void display_line (const struct display *display, const char *color,
		   const char *format, ...)
  __attribute__ ((format (printf, 3, 4)));

/* Print part of a line.  */
void display_part (const struct display *display, const char *color,
		   const char *format, ...)
  __attribute__ ((format (printf, 3, 4)));

#endif
