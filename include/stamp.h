/* stamp.h -- the time before each line of a log file.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef STAMP_H
#define STAMP_H

#include <time.h>

/* "2026-11-22 20:45:13 "  */
#define STAMP_LENGTH 20

struct stamp
{
  time_t seconds;
  char text[STAMP_LENGTH + 1];
};

/* Before threads exist: read the time zone from disk, once.  */
void stamp_init (struct stamp *stamp);

/* Set STAMP to now.  Neither blocks nor makes a system call.  */
void stamp_update (struct stamp *stamp);

#endif
