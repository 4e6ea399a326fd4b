/* clock.c -- the clock that deadlines refer to.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "clock.h"

#include <time.h>

int64_t
clock_now (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * CLOCK_SECOND + now.tv_nsec;
}
