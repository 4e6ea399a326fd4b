/* report.h -- errors, hints and colours on terminals.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef REPORT_H
#define REPORT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#define COLOR_BOLD "\033[1m"
#define COLOR_DIM "\033[2m"
#define COLOR_RED "\033[1;31m"
#define COLOR_GREEN "\033[1;32m"
#define COLOR_MAGENTA "\033[1;35m"
#define COLOR_CYAN "\033[1;36m"
#define COLOR_RESET "\033[0m"

/* Print what FORMAT makes of ARGUMENTS.  On a TERMINAL control characters,
   but for newlines and tabs, are made visible, lest what a service wrote
   command the reader's terminal.  */
void report_print (FILE *port, bool terminal, const char *format,
		   va_list arguments)
  __attribute__ ((format (printf, 3, 0)));

/* Print TEXT and a newline, in the same way.  */
void report_line (FILE *port, const char *text);

/* Is PORT a terminal?  */
bool report_terminal (FILE *port);

/* May colours be used on PORT?  It is a terminal and NO_COLOR is unset.  */
bool report_colored (FILE *port);

/* Print `NAME: error: MESSAGE' or `NAME: hint: MESSAGE' and a newline, the
   second word coloured on a terminal.  */
void report_error (FILE *port, const char *name, const char *format, ...)
  __attribute__ ((format (printf, 3, 4)));
void report_hint (FILE *port, const char *name, const char *format, ...)
  __attribute__ ((format (printf, 3, 4)));

#endif
