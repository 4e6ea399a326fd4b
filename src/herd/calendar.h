/* calendar.h -- when a timer goes off next.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef CALENDAR_H
#define CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "sexp.h"

/* Sets of numbers, bit N standing for N.  */
struct calendar
{
  uint64_t seconds, minutes, hours, days_of_month, days_of_week, months;
  bool either_day;		/* one of the two kinds of day is enough */
};

/* Read the datum (calendar-event (version 0) (seconds (...)) ...).  False if
   it is none.  */
bool calendar_read (const struct sexp *event, struct calendar *calendar);

/* The first moment after AFTER, in seconds since the Epoch, whose local time
   matches; -1 if there is none.  A time of day that a change of the clock
   skips is taken at the moment when it would have been; one that comes
   twice counts the first time only, unless the event has all hours.  */
int64_t calendar_next (const struct calendar *calendar, int64_t after);

#endif
