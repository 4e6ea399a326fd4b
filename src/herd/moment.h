/* moment.h -- dates and durations, for people.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Texts are in buffers of the caller, which comes first; all return it.  */

#ifndef MOMENT_H
#define MOMENT_H

#include <stdint.h>

#define MOMENT_SIZE 160

/* The seconds from FROM to TO; at the most what can be counted.  */
int64_t moment_elapsed (int64_t from, int64_t to);

/* "20:45:19 (1 second ago)": the time alone if it is today.  */
const char *moment_describe (char buffer[MOMENT_SIZE], int64_t moment,
			     int64_t now);

/* "2026-11-22 20:45:19", local time.  */
const char *moment_stamp (char buffer[MOMENT_SIZE], int64_t moment);

/* "22 Nov 2026 20:45:19", local time.  */
const char *moment_date (char buffer[MOMENT_SIZE], int64_t moment);

/* "3 minutes".  */
const char *moment_duration (char buffer[MOMENT_SIZE], int64_t seconds);

#endif
