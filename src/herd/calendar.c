/* calendar.c -- when a timer goes off next.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "calendar.h"

#include <time.h>

/* A day of February 29 and of a given week comes within 40 years.  */
#define DAYS_AHEAD (41 * 366)

#define ALL_HOURS ((UINT64_C (1) << 24) - 1)

/* Read the set NAME, of numbers from LOW to HIGH; others never come.  */
static bool
read_set (const struct sexp *event, const char *name, int low, int high,
	  uint64_t *set)
{
  const struct sexp *list = sexp_property (event, name);

  *set = 0;
  sexp_for_each (cell, list)
    {
      int64_t n = sexp_integer (cell->car, -1);
      if (n < 0 || n > 63)
	return false;
      if (n >= low && n <= high)
	*set |= UINT64_C (1) << n;
    }
  return sexp_is_list (list);
}

bool
calendar_read (const struct sexp *event, struct calendar *calendar)
{
  calendar->either_day = sexp_is_true (sexp_property (event, "either-day?"));
  return (sexp_is_record (event, "calendar-event")
	  && read_set (event, "seconds", 0, 59, &calendar->seconds)
	  && read_set (event, "minutes", 0, 59, &calendar->minutes)
	  && read_set (event, "hours", 0, 23, &calendar->hours)
	  && read_set (event, "days-of-month", 1, 31,
		       &calendar->days_of_month)
	  && read_set (event, "days-of-week", 0, 6,
		       &calendar->days_of_week)
	  && read_set (event, "months", 1, 12, &calendar->months));
}

static bool
has (uint64_t set, int n)
{
  return set >> n & 1;
}

/* A day of the local calendar.  */
struct day
{
  struct tm tm;
  int64_t midnight;		/* as if local time were UTC */
  long before, after;		/* seconds east of UTC, around this day */
};

static long
offset_at (int64_t moment)
{
  time_t t = (time_t) moment;
  struct tm tm;

  return localtime_r (&t, &tm) == NULL ? 0 : tm.tm_gmtoff;
}

/* Fill in the rest of DAY.  The clock is changed once at most within four
   days.  */
static void
day_prepare (struct day *day)
{
  struct tm midnight = {
    .tm_year = day->tm.tm_year, .tm_mon = day->tm.tm_mon,
    .tm_mday = day->tm.tm_mday
  };

  day->midnight = timegm (&midnight);
  day->before = offset_at (day->midnight + 43200 - 2 * 86400);
  day->after = offset_at (day->midnight + 43200 + 2 * 86400);
}

/* Put the moments of that minute into MOMENTS; return how many there are.
   The first is the one to take for events that are not hourly.  */
static int
minute_moments (const struct day *day, int hour, int minute,
		int64_t moments[2])
{
  int64_t wall = day->midnight + hour * 3600 + minute * 60;
  int64_t old = wall - day->before, new = wall - day->after;

  moments[0] = old;
  if (day->before == day->after)
    return 1;
  bool is_new = offset_at (new) == day->after;
  if (offset_at (old) == day->before)
    {
      moments[1] = new;
      return is_new ? 2 : 1;
    }
  if (is_new)
    moments[0] = new;		/* else it is skipped */
  return 1;
}

/* The first matching second, from the minute at START on, after AFTER.  */
static int64_t
second_in_minute (const struct calendar *c, int64_t start, int64_t after)
{
  for (int second = 0; second < 60; second++)
    if (has (c->seconds, second) && start + second > after)
      return start + second;
  return -1;
}

static int64_t
first_in_hour (const struct calendar *c, const struct day *day, int hour,
	       int64_t after, int64_t best)
{
  for (int minute = 0; minute < 60; minute++)
    {
      int64_t moments[2];
      if (!has (c->minutes, minute))
	continue;
      int count = minute_moments (day, hour, minute, moments);
      if (c->hours != ALL_HOURS)
	count = 1;
      for (int i = 0; i < count; i++)
	{
	  int64_t found = second_in_minute (c, moments[i], after);
	  if (found >= 0 && (best < 0 || found < best))
	    best = found;
	}
    }
  return best;
}

/* The first match on DAY after AFTER, or -1.  Where the clock is changed,
   a later hour of the day may come earlier: look at all that are near.  */
static int64_t
first_in_day (const struct calendar *c, const struct day *day,
	      int64_t after)
{
  int64_t best = -1;

  for (int hour = 0; hour < 24; hour++)
    {
      int64_t start[2];
      if (!has (c->hours, hour))
	continue;
      int count = minute_moments (day, hour, 0, start);
      if (start[count - 1] + 3 * 3600 < after)
	continue;
      if (best >= 0 && start[0] - 3 * 3600 > best)
	break;
      best = first_in_hour (c, day, hour, after, best);
    }
  return best;
}

static void
day_after (struct tm *tm)
{
  static const int lengths[]
    = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  int year = tm->tm_year + 1900;
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

  tm->tm_wday = (tm->tm_wday + 1) % 7;
  if (++tm->tm_mday <= lengths[tm->tm_mon] + (leap && tm->tm_mon == 1))
    return;
  tm->tm_mday = 1;
  if (++tm->tm_mon < 12)
    return;
  tm->tm_mon = 0;
  tm->tm_year++;
}

static bool
day_matches (const struct calendar *c, const struct tm *tm)
{
  bool by_month = has (c->days_of_month, tm->tm_mday);
  bool by_week = has (c->days_of_week, tm->tm_wday);

  return (has (c->months, tm->tm_mon + 1)
	  && (c->either_day ? by_month || by_week : by_month && by_week));
}

int64_t
calendar_next (const struct calendar *calendar, int64_t after)
{
  /* Begin the day before, for midnights that come twice.  */
  time_t start = (time_t) after - 86400;
  struct day day;

  /* It would take long to find out that there is no such second.  */
  if (calendar->seconds == 0 || calendar->minutes == 0
      || calendar->hours == 0 || localtime_r (&start, &day.tm) == NULL)
    return -1;
  for (int i = 0; i < DAYS_AHEAD; i++, day_after (&day.tm))
    if (day_matches (calendar, &day.tm))
      {
	day_prepare (&day);
	int64_t found = first_in_day (calendar, &day, after);
	if (found >= 0)
	  return found;
      }
  return -1;
}
