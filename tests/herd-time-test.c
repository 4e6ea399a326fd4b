/* herd-time-test.c -- dates, durations, exits and calendars.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calendar.h"
#include "exit-status.h"
#include "herd-fixture.h"
#include "moment.h"

static void
set_zone (const char *zone)
{
  setenv ("TZ", zone, 1);
  tzset ();
}

static const struct { int64_t ago; const char *expected; } moments[] = {
  { 0, "20:47:02 (0 seconds ago)" },
  { 1, "20:47:01 (1 second ago)" },
  { 119, "20:45:03 (119 seconds ago)" },
  { 120, "20:45:02 (2 minutes ago)" },
  { 150, "20:44:32 (2 minutes ago)" },	/* halves to even */
  { 151, "20:44:31 (3 minutes ago)" },
  { 210, "20:43:32 (4 minutes ago)" },
  { 7199, "18:47:03 (120 minutes ago)" },
  { 7200, "18:47:02 (2 hours ago)" },
  { 74822, "00:00:00 (21 hours ago)" },
  { 74823, "Sat Nov 21 23:59:59 2026 (21 hours ago)" },
  { 172799, "Fri Nov 20 20:47:03 2026 (48 hours ago)" },
  { 172800, "Fri Nov 20 20:47:02 2026 (2 days ago)" },
  /* The same day of the month before (weak spot: it was shown as today),
     and of the year before.  */
  { 31 * 86400, "Thu Oct 22 20:47:02 2026 (31 days ago)" },
  { 365 * 86400, "Sat Nov 22 20:47:02 2025 (365 days ago)" },
  { -1, "20:47:03 (in 1 second)" },
  { -120, "20:49:02 (in 120 seconds)" },
  { -121, "20:49:03 (in 2 minutes)" },
  { -7200, "22:47:02 (in 120 minutes)" },
  { -7201, "22:47:03 (in 2 hours)" },
  { -172800, "Tue Nov 24 20:47:02 2026 (in 48 hours)" },
  { -172801, "Tue Nov 24 20:47:03 2026 (in 2 days)" },
};

START_TEST (a_moment_is_told_as_now_sees_it)
{
  char buffer[MOMENT_SIZE];
  set_zone ("UTC0");
  moment_describe (buffer, FIXTURE_NOW - moments[_i].ago, FIXTURE_NOW);
  ck_assert_str_eq (buffer, moments[_i].expected);
}
END_TEST

START_TEST (dates_are_local)
{
  char buffer[MOMENT_SIZE];
  set_zone ("XXX-2");
  ck_assert_str_eq (moment_stamp (buffer, FIXTURE_NOW),
		    "2026-11-22 22:47:02");
  ck_assert_str_eq (moment_date (buffer, FIXTURE_NOW),
		    "22 Nov 2026 22:47:02");
  ck_assert_str_eq (moment_date (buffer, 0), " 1 Jan 1970 02:00:00");
}
END_TEST

static const struct { int64_t seconds; const char *expected; } durations[] = {
  { -5, "0 seconds" }, { 0, "0 seconds" }, { 1, "1 second" },
  { 179, "179 seconds" }, { 180, "3 minutes" }, { 239, "3 minutes" },
  { 10799, "179 minutes" }, { 10800, "3 hours" }, { 100000, "27 hours" },
};

START_TEST (a_duration_is_cut)
{
  char buffer[MOMENT_SIZE];
  ck_assert_str_eq (moment_duration (buffer, durations[_i].seconds),
		    durations[_i].expected);
}
END_TEST

static const struct { int status; const char *alone, *after; } exits[] = {
  { 0, "Process exited successfully.",
    "Process exited successfully after 1 second." },
  { 3 << 8, "Process exited with code 3.",
    "Process exited with code 3 after 1 second." },
  { SIGTERM, "Process terminated with signal 15.",
    "Process terminated with signal 15 after 1 second." },
  { SIGSEGV | 0x80, "Process terminated with signal 11.",
    "Process terminated with signal 11 after 1 second." },
  { SIGSTOP << 8 | 0x7f, "Process stopped with signal 19.",
    "Process stopped with signal 19 after 1 second." },
};

START_TEST (an_exit_is_told)
{
  char buffer[EXIT_STATUS_SIZE];
  int status = exits[_i].status;
  ck_assert_str_eq (exit_status_describe (buffer, status, NULL),
		    exits[_i].alone);
  ck_assert_str_eq (exit_status_describe (buffer, status, "1 second"),
		    exits[_i].after);
  ck_assert ((exit_status_color (status) == NULL) == (status == 0));
}
END_TEST

#define ALL(n) ((UINT64_C (1) << (n)) - 1)
#define BIT(n) (UINT64_C (1) << (n))

static const struct calendar every_second
  = { ALL (60), ALL (60), ALL (24), ALL (32), ALL (7), ALL (13), false };

/* The local time TEXT, "YYYY-MM-DD HH:MM:SS", that comes the second time
   if it ends in "+".  */
static int64_t
moment (const char *text)
{
  struct tm tm = { .tm_isdst = -1 };
  const char *rest = strptime (text, "%Y-%m-%d %H:%M:%S", &tm);
  ck_assert_ptr_nonnull (rest);
  if (*rest == '+')
    tm.tm_isdst = 0;
  else if (*rest == '-')
    tm.tm_isdst = 1;
  return mktime (&tm);
}

static const struct
{
  const char *name;
  struct calendar calendar;
  const char *from, *next;	/* NULL: never */
} events[] = {
  { "hours 12, minutes 0 30",
    { BIT (0), BIT (0) | BIT (30), BIT (12), ALL (32), ALL (7), ALL (13), false },
    "2026-11-22 12:00:00", "2026-11-22 12:30:00" },
  { "hours 12, minutes 0 30",
    { BIT (0), BIT (0) | BIT (30), BIT (12), ALL (32), ALL (7), ALL (13), false },
    "2026-11-22 12:30:00", "2026-11-23 12:00:00" },
  { "lower fields are reset",
    { BIT (0), BIT (0) | BIT (30), BIT (12), ALL (32), ALL (7), ALL (13), false },
    "2026-11-22 13:15:00", "2026-11-23 12:00:00" },
  { "Sundays at 22",
    { BIT (0), BIT (0), BIT (22), ALL (32), BIT (0), ALL (13), false },
    "2026-11-22 22:00:00", "2026-11-29 22:00:00" },
  { "the 31st, 09:10",
    { BIT (0), BIT (10), BIT (9), BIT (31), ALL (7), ALL (13), false },
    "2026-11-22 00:00:00", "2026-12-31 09:10:00" },
  { "Friday the 13th",
    { BIT (0), BIT (0), BIT (0), BIT (13), BIT (5), ALL (13), false },
    "2026-11-01 00:00:00", "2026-11-13 00:00:00" },
  { "hour 5, any minute",
    { BIT (0), ALL (60), BIT (5), ALL (32), ALL (7), ALL (13), false },
    "2026-11-25 07:03:00", "2026-11-26 05:00:00" },
  { "seconds 10 20",
    { BIT (10) | BIT (20), ALL (60), ALL (24), ALL (32), ALL (7), ALL (13), false },
    "2026-11-25 00:05:20", "2026-11-25 00:06:10" },
  { "February 29 on a Sunday",
    { BIT (0), BIT (0), BIT (0), BIT (29), BIT (0), BIT (2), false },
    "2026-11-25 00:05:20", "2032-02-29 00:00:00" },
  { "February 30",
    { BIT (0), BIT (0), BIT (0), BIT (30), ALL (7), BIT (2), false },
    "2026-11-25 00:05:20", NULL },
  { "no minutes",
    { BIT (0), 0, ALL (24), ALL (32), ALL (7), ALL (13), false },
    "2026-11-25 00:05:20", NULL },
  { "every second",
    { ALL (60), ALL (60), ALL (24), ALL (32), ALL (7), ALL (13), false },
    "2026-12-31 23:59:59", "2027-01-01 00:00:00" },

  /* Summer time starts 2026-03-29 at 02:00 and ends 2026-10-25 at 03:00.  */
  { "noon, 23 hours on",
    { BIT (0), BIT (0), BIT (12), ALL (32), ALL (7), ALL (13), false },
    "2026-03-28 12:00:00", "2026-03-29 12:00:00" },
  { "02:30 that is skipped",
    { BIT (0), BIT (30), BIT (2), ALL (32), ALL (7), ALL (13), false },
    "2026-03-28 12:00:00", "2026-03-29 03:30:00" },
  { "02:30 that comes twice: the first",
    { BIT (0), BIT (30), BIT (2), ALL (32), ALL (7), ALL (13), false },
    "2026-10-24 12:00:00", "2026-10-25 02:30:00-" },
  { "02:30 that comes twice: not the second",
    { BIT (0), BIT (30), BIT (2), ALL (32), ALL (7), ALL (13), false },
    "2026-10-25 02:30:00-", "2026-10-26 02:30:00" },
  { "hourly: first of two hours",
    { BIT (0), BIT (0), ALL (24), ALL (32), ALL (7), ALL (13), false },
    "2026-10-25 01:30:00", "2026-10-25 02:00:00-" },
  { "hourly: second of two hours",
    { BIT (0), BIT (0), ALL (24), ALL (32), ALL (7), ALL (13), false },
    "2026-10-25 02:30:00-", "2026-10-25 02:00:00+" },
  { "hourly: over the start of summer time",
    { BIT (0), BIT (0), ALL (24), ALL (32), ALL (7), ALL (13), false },
    "2026-03-29 01:30:00", "2026-03-29 03:00:00" },
};

START_TEST (the_next_event_is_found)
{
  set_zone ("CET-1CEST,M3.5.0,M10.5.0/3");
  int64_t next = calendar_next (&events[_i].calendar,
				moment (events[_i].from));
  int64_t expected = events[_i].next ? moment (events[_i].next) : -1;
  ck_assert_msg (next == expected, "%s: %lld, expected %lld",
		 events[_i].name, (long long) next, (long long) expected);
}
END_TEST

/* Does the local time of T match C?  */
static bool
is_match (const struct calendar *c, time_t t)
{
  struct tm tm;
  localtime_r (&t, &tm);
  return (c->seconds >> tm.tm_sec & 1 && c->minutes >> tm.tm_min & 1
	  && c->hours >> tm.tm_hour & 1 && c->days_of_month >> tm.tm_mday & 1
	  && c->days_of_week >> tm.tm_wday & 1
	  && c->months >> (tm.tm_mon + 1) & 1);
}

START_TEST (the_next_event_is_the_first_that_matches)
{
  static const char *const zones[]
    = { "UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "NST3:30NDT,M3.2.0,M11.1.0" };
  uint64_t seed = 42 + (uint64_t) _i;

  set_zone (zones[_i]);
  for (int round = 0; round < 150; round++)
    {
      struct calendar c = every_second;
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      uint64_t r = seed >> 20;
      c.seconds = BIT (r % 60);
      c.minutes = BIT (r / 60 % 60) | BIT (r / 77 % 60);
      if (_i == 0 && round % 2)
	c.hours = BIT (r / 7 % 24) | BIT (r / 11 % 24);
      /* Around the changes of the clock, and elsewhere.  */
      int64_t from = (round % 3 == 0 ? 1774738800 : round % 3 == 1
		      ? 1792882800 : FIXTURE_NOW) + (int64_t) (r % 14400);
      int64_t expected = from + 1;
      while (!is_match (&c, expected))
	expected++;
      ck_assert_int_eq (calendar_next (&c, from), expected);
    }
}
END_TEST

START_TEST (a_calendar_is_read)
{
  static const char *const bad[] = {
    "(calendar-event (version 0) (seconds (0)))",
    "(calendar-event (version 0) (seconds (64)) (minutes (1)) (hours (0))"
    " (days-of-month (1)) (days-of-week (0)) (months (1)))",
    "(calendar-event (version 0) (seconds (a)) (minutes (1)) (hours (0))"
    " (days-of-month (1)) (days-of-week (0)) (months (1)))",
    "(other (version 0))", "#f"
  };
  struct fixture fixture;
  struct calendar calendar;

  fixture_init (&fixture);
  ck_assert (calendar_read (fixture_read (&fixture,
    "(calendar-event (version 0) (seconds (0 59)) (minutes (1)) (hours ())"
    " (days-of-month (1 31)) (days-of-week (0)) (months (12)))"),
			    &calendar));
  ck_assert_uint_eq (calendar.seconds, BIT (0) | BIT (59));
  ck_assert_uint_eq (calendar.hours, 0);
  ck_assert_uint_eq (calendar.months, BIT (12));
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert (!calendar_read (fixture_read (&fixture, bad[i]), &calendar));
  ck_assert (!calendar_read (NULL, &calendar));
  fixture_finish (&fixture);
  fixture_free (&fixture);
}
END_TEST

#define COUNT(array) ((int) (sizeof (array) / sizeof *(array)))

int
main (void)
{
  Suite *suite = suite_create ("herd-time");
  TCase *test = tcase_create ("time");

  tcase_add_loop_test (test, a_moment_is_told_as_now_sees_it,
		       0, COUNT (moments));
  tcase_add_test (test, dates_are_local);
  tcase_add_loop_test (test, a_duration_is_cut, 0, COUNT (durations));
  tcase_add_loop_test (test, an_exit_is_told, 0, COUNT (exits));
  tcase_add_loop_test (test, the_next_event_is_found, 0, COUNT (events));
  tcase_add_loop_test (test, the_next_event_is_the_first_that_matches, 0, 3);
  tcase_add_test (test, a_calendar_is_read);
  suite_add_tcase (suite, test);

  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
