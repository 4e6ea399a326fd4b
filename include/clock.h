/* clock.h -- the clock that deadlines refer to.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND INT64_C (1000000000)
#define CLOCK_MILLISECOND INT64_C (1000000)

/* CLOCK_MONOTONIC, in ns.  */
int64_t clock_now (void);

#endif
