/* plea.h -- asking a thread, from a signal handler, to save what it has.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef PLEA_H
#define PLEA_H

#include <stdbool.h>

struct plea
{
  int ask;			/* eventfd: the thread polls it for POLLIN */
  int done;			/* eventfd */
};

/* Open PLEA.  0 or -errno.  */
int plea_open (struct plea *plea);

void plea_close (struct plea *plea);

/* Ask, and wait for plea_answer, at most TIMEOUT milliseconds.  Has it
   been answered?  Async-signal-safe.  */
bool plea_call (const struct plea *plea, int timeout);

/* Say that all is saved.  Async-signal-safe.  */
void plea_answer (const struct plea *plea);

#endif
