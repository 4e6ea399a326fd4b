/* exit-status.h -- how a process ended, for people.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef EXIT_STATUS_H
#define EXIT_STATUS_H

#include <stddef.h>

#define EXIT_STATUS_SIZE 256

/* "Process exited with code 3." for the wait status STATUS, or, if DURATION
   is not NULL, "Process exited with code 3 after DURATION."  */
const char *exit_status_describe (char buffer[EXIT_STATUS_SIZE], int status,
				  const char *duration);

/* The colour to say that in, or NULL.  */
const char *exit_status_color (int status);

#endif
