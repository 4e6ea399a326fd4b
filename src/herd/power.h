/* power.h -- the commands that end the machine's day.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef POWER_H
#define POWER_H

#include "display.h"

/* Ask the shepherd of the machine, or the one behind the socket FILE if it
   is not NULL, to perform ACTION on itself.  Returns an exit status.  */
int power_run (const struct display *display, const char *file,
	       const char *action);

#endif
