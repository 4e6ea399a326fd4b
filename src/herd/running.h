/* running.h -- the running values of services.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef RUNNING_H
#define RUNNING_H

#include "display.h"
#include "sexp.h"

/* Print the lines about VALUE, which is not a timer.  */
void running_display (const struct display *display,
		      const struct sexp *value);

/* Print a line with LABEL and the elements of LIST; none if it is empty.  */
void running_list (const struct display *display, const char *label,
		   const struct sexp *list);

/* Append the words of COMMAND as one would type them, more or less.  */
void running_command (struct text *out, const struct sexp *command);

/* Append a socket address of the wire, such as #(2 2130706433 80).  */
void running_address (struct text *out, const struct sexp *address);

#endif
