/* moment.c -- dates and durations, for people.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "moment.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "i18n.h"

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

/* DIVIDEND / DIVISOR to the nearest integer, halves to the even one.  */
static unsigned long
round_quotient (int64_t dividend, int64_t divisor)
{
  int64_t quotient = dividend / divisor, twice = dividend % divisor * 2;
  if (twice > divisor || (twice == divisor && quotient % 2 != 0))
    quotient++;
  return (unsigned long) quotient;
}

int64_t
moment_elapsed (int64_t from, int64_t to)
{
  int64_t elapsed;
  if (__builtin_sub_overflow (to, from, &elapsed) || elapsed < -INT64_MAX)
    return from < 0 ? INT64_MAX : -INT64_MAX;
  return elapsed;
}

static void
relative (char *buffer, size_t size, int64_t elapsed)
{
  bool past = elapsed >= 0;
  /* Two units of something are told in the unit below.  */
  int64_t n = past ? elapsed : -elapsed, sooner = past ? n : n - 1;
  const char *format;
  unsigned long count;

  if (sooner < 2 * MINUTE)
    {
      count = (unsigned long) n;
      format = (past ? P_("%lu second ago", "%lu seconds ago", count)
		: P_("in %lu second", "in %lu seconds", count));
    }
  else if (sooner < 2 * HOUR)
    {
      count = round_quotient (n, MINUTE);
      format = (past ? P_("%lu minute ago", "%lu minutes ago", count)
		: P_("in %lu minute", "in %lu minutes", count));
    }
  else if (sooner < 2 * DAY)
    {
      count = round_quotient (n, HOUR);
      format = (past ? P_("%lu hour ago", "%lu hours ago", count)
		: P_("in %lu hour", "in %lu hours", count));
    }
  else
    {
      count = round_quotient (n, DAY);
      format = (past ? P_("%lu day ago", "%lu days ago", count)
		: P_("in %lu day", "in %lu days", count));
    }
  snprintf (buffer, size, format, count);
}

static bool
local_time (int64_t moment, struct tm *tm)
{
  time_t t = (time_t) moment;
  return localtime_r (&t, tm) != NULL;
}

static const char *
formatted (char buffer[MOMENT_SIZE], const char *format, int64_t moment)
{
  struct tm tm;
  if (!local_time (moment, &tm)
      || strftime (buffer, MOMENT_SIZE, format, &tm) == 0)
    snprintf (buffer, MOMENT_SIZE, "@%lld", (long long) moment);
  return buffer;
}

const char *
moment_describe (char buffer[MOMENT_SIZE], int64_t moment, int64_t now)
{
  struct tm then, today;
  bool same = (local_time (moment, &then) && local_time (now, &today)
	       && then.tm_year == today.tm_year
	       && then.tm_yday == today.tm_yday);

  formatted (buffer, same ? "%X" : "%c", moment);
  size_t length = strlen (buffer);
  snprintf (buffer + length, MOMENT_SIZE - length, " (");
  length = strlen (buffer);
  relative (buffer + length, MOMENT_SIZE - length,
	    moment_elapsed (moment, now));
  length = strlen (buffer);
  snprintf (buffer + length, MOMENT_SIZE - length, ")");
  return buffer;
}

const char *
moment_stamp (char buffer[MOMENT_SIZE], int64_t moment)
{
  return formatted (buffer, "%Y-%m-%d %H:%M:%S", moment);
}

const char *
moment_date (char buffer[MOMENT_SIZE], int64_t moment)
{
  return formatted (buffer, "%e %b %Y %H:%M:%S", moment);
}

const char *
moment_duration (char buffer[MOMENT_SIZE], int64_t seconds)
{
  unsigned long n = seconds < 0 ? 0 : (unsigned long) seconds;
  const char *format;

  if (n < 3 * MINUTE)
    format = P_("%lu second", "%lu seconds", n);
  else if (n < 3 * HOUR)
    {
      n /= MINUTE;
      format = P_("%lu minute", "%lu minutes", n);
    }
  else
    {
      n /= HOUR;
      format = P_("%lu hour", "%lu hours", n);
    }
  snprintf (buffer, MOMENT_SIZE, format, n);
  return buffer;
}
