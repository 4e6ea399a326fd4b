/* watch-test.c -- the core's watch on the interpreter.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "watch.h"

/* Longest wait for a tick, in ms.  */
enum { DEADLINE = 20000 };

/* Longer than a tick may take on a busy machine.  */
#define FAR (1000 * CLOCK_SECOND)

static struct watch watch;
static int clock_fd;

static void
open_clock (void)
{
  memset (&watch, 0, sizeof watch);
  clock_fd = watch_open_clock (&watch);
  ck_assert_int_ge (clock_fd, 0);
}

static void
close_clock (void)
{
  watch_close_clock (&watch);
  ck_assert_int_eq (fcntl (clock_fd, F_GETFD), -1);
}

/* Wait for a tick, and take it.  */
static enum watch_verdict
tick (void)
{
  struct pollfd readable = { .fd = clock_fd, .events = POLLIN };
  ck_assert_int_eq (poll (&readable, 1, DEADLINE), 1);
  return watch_tick (&watch);
}

/* Take ticks for as long as the verdict is EXPECTED; the other one.  */
static enum watch_verdict
tick_past (enum watch_verdict expected)
{
  enum watch_verdict verdict;
  do
    verdict = tick ();
  while (verdict == expected);
  return verdict;
}

START_TEST (the_clock_stands_still_while_the_interpreter_sleeps)
{
  struct pollfd readable = { .fd = clock_fd, .events = POLLIN };
  watch_enter (&watch);
  watch_leave (&watch);
  ck_assert_int_eq (tick (), WATCH_FINE);
  ck_assert_int_eq (watch.clock, WATCH_CLOCK_STOPPED);
  ck_assert_int_eq (poll (&readable, 1, 50), 0);
  watch_enter (&watch);
  ck_assert_int_eq (tick (), WATCH_FINE);
}
END_TEST

START_TEST (a_tick_that_did_not_come_changes_nothing)
{
  watch_enter (&watch);
  tick_past (WATCH_FINE);
  ck_assert_int_eq (watch_tick (&watch), WATCH_FINE);
  ck_assert_int_eq (tick (), WATCH_LONG);
}
END_TEST

START_TEST (a_run_is_long_once_it_was_seen_twice)
{
  watch_enter (&watch);
  ck_assert_int_eq (tick (), WATCH_FINE);
  ck_assert_int_eq (tick (), WATCH_LONG);
}
END_TEST

START_TEST (each_run_begins_anew)
{
  watch_enter (&watch);
  watch_set_limit (&watch, 1);
  ck_assert_int_eq (tick (), WATCH_FINE);
  for (int i = 0; i < 5; i++)
    {
      watch.meter.run++;
      ck_assert_int_eq (tick (), WATCH_FINE);
    }
  ck_assert_int_eq (tick (), WATCH_OVERDUE);
}
END_TEST

START_TEST (each_time_awake_begins_anew)
{
  watch_enter (&watch);
  watch_set_limit (&watch, 1);
  ck_assert_int_eq (tick (), WATCH_FINE);
  watch_leave (&watch);
  watch_enter (&watch);
  ck_assert_int_eq (tick (), WATCH_FINE);
}
END_TEST

START_TEST (a_run_past_the_limit_is_overdue)
{
  watch_enter (&watch);
  watch_set_limit (&watch, 3 * WATCH_TICK);
  watch.meter.run = 7;
  tick ();
  ck_assert_int_eq (tick_past (WATCH_LONG), WATCH_OVERDUE);
  ck_assert_int_eq (watch.meter.overdue, 7);
  ck_assert_int_ge (watch.meter.held, 3 * WATCH_TICK);
  ck_assert_int_eq (tick (), WATCH_OVERDUE);
  watch.meter.run++;
  ck_assert_int_eq (tick (), WATCH_FINE);
}
END_TEST

START_TEST (one_that_heeds_no_interruption_is_deaf_and_then_lost)
{
  watch_enter (&watch);
  watch_set_limit (&watch, 3 * WATCH_TICK);
  tick ();
  ck_assert_int_eq (tick_past (WATCH_LONG), WATCH_OVERDUE);
  ck_assert_int_eq (tick_past (WATCH_OVERDUE), WATCH_DEAF);
  watch.held = watch.lasted = FAR;
  ck_assert_int_eq (tick (), WATCH_DEAF);
  watch_set_last_limit (&watch, FAR);
  ck_assert_int_eq (tick (), WATCH_LOST);
  /* A limit that was set on purpose is not undercut.  */
  watch.held = watch.lasted += CLOCK_SECOND;
  watch.meter.limit = FAR;
  ck_assert_int_eq (tick (), WATCH_DEAF);
}
END_TEST

START_TEST (without_a_limit_no_run_is_overdue)
{
  watch_enter (&watch);
  tick ();
  watch.held = FAR;
  ck_assert_int_eq (tick (), WATCH_LONG);
}
END_TEST

START_TEST (a_run_may_have_a_limit_of_its_own)
{
  watch_enter (&watch);
  watch_set_limit (&watch, 1);
  watch.meter.limit = FAR;
  tick ();
  ck_assert_int_eq (tick (), WATCH_LONG);
  watch_set_limit (&watch, FAR);
  watch.meter.limit = 1;
  ck_assert_int_eq (tick (), WATCH_OVERDUE);
}
END_TEST

START_TEST (collections_do_not_count)
{
  watch_enter (&watch);
  watch_set_limit (&watch, 3 * WATCH_TICK);
  tick ();
  watch_note_collection (&watch, true);
  for (int i = 0; i < 5; i++)
    ck_assert_int_eq (tick (), WATCH_LONG);
  watch_note_collection (&watch, false);
  ck_assert_int_eq (tick (), WATCH_LONG);
  ck_assert_int_eq (tick_past (WATCH_LONG), WATCH_OVERDUE);
}
END_TEST

START_TEST (one_that_never_ends_is_lost)
{
  watch_enter (&watch);
  watch_set_limit (&watch, 1);
  watch_set_last_limit (&watch, FAR);
  tick ();
  watch_note_collection (&watch, true);
  ck_assert_int_eq (tick (), WATCH_LONG);
  watch.lasted = FAR;
  ck_assert_int_eq (tick (), WATCH_LOST);
}
END_TEST

START_TEST (time_in_which_all_stood_still_counts_little)
{
  watch_enter (&watch);
  tick ();
  watch.seen_at -= FAR;
  ck_assert_int_eq (tick (), WATCH_LONG);
  ck_assert_int_le (watch.held, 10 * WATCH_TICK);
}
END_TEST

START_TEST (it_is_busy_once_a_tick_has_seen_it_so)
{
  ck_assert (!watch_busy (&watch));
  watch_enter (&watch);
  ck_assert (!watch_busy (&watch));
  tick ();
  ck_assert (watch_busy (&watch));
  watch_leave (&watch);
  ck_assert (!watch_busy (&watch));
}
END_TEST

START_TEST (the_name_is_that_noted_last)
{
  char name[WATCH_NAME_SIZE];
  ck_assert_int_eq (watch_read (&watch, name), 0);
  ck_assert_str_eq (name, "");
  watch_note (&watch, "first");
  watch_note (&watch, "x");
  watch_enter (&watch);
  watch.busy_since -= CLOCK_SECOND;
  ck_assert_int_ge (watch_read (&watch, name), CLOCK_SECOND);
  ck_assert_str_eq (name, "x");
}
END_TEST

START_TEST (a_long_name_ends_with_a_whole_character)
{
  char long_name[WATCH_NAME_SIZE + 8], name[WATCH_NAME_SIZE];
  memset (long_name, 'x', sizeof long_name);
  long_name[sizeof long_name - 1] = '\0';
  memcpy (long_name + WATCH_NAME_SIZE - 2, "\u00e9", 2);
  watch_note (&watch, long_name);
  watch_read (&watch, name);
  ck_assert_uint_eq (strlen (name), WATCH_NAME_SIZE - 2);
}
END_TEST

START_TEST (a_name_half_written_is_not_read)
{
  char name[WATCH_NAME_SIZE];
  watch_note (&watch, "x");
  watch.name.sequence++;		/* as if the writer had been stopped */
  watch_read (&watch, name);
  ck_assert_str_eq (name, "");
}
END_TEST

START_TEST (a_place_is_that_of_one_run)
{
  char place[WATCH_NAME_SIZE];
  watch.meter.run = 3;
  watch_note_place (&watch, "flock");
  watch_read_place (&watch, place);
  ck_assert_str_eq (place, "flock");
  watch.meter.run++;
  watch_read_place (&watch, place);
  ck_assert_str_eq (place, "");
}
END_TEST

START_TEST (all_that_is_known_makes_a_sentence)
{
  char text[512];
  watch_enter (&watch);
  tick ();
  watch.held = 12 * CLOCK_SECOND + 340 * CLOCK_MILLISECOND;
  watch_describe (&watch, text, sizeof text);
  ck_assert_ptr_nonnull (strstr (text, "The interpreter: has not given up"
				 " control for 12.3 s: it "));
  watch_note (&watch, "nginx");
  watch_note_place (&watch, "flock");
  watch_describe (&watch, text, sizeof text);
  ck_assert_ptr_nonnull (strstr (text, "nginx: has not given up control for"
				 " 12.3 s, in flock: it "));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("watch");
  TCase *tests = tcase_create ("watch");
  tcase_add_checked_fixture (tests, open_clock, close_clock);
  tcase_add_test (tests, the_clock_stands_still_while_the_interpreter_sleeps);
  tcase_add_test (tests, a_tick_that_did_not_come_changes_nothing);
  tcase_add_test (tests, a_run_is_long_once_it_was_seen_twice);
  tcase_add_test (tests, each_run_begins_anew);
  tcase_add_test (tests, each_time_awake_begins_anew);
  tcase_add_test (tests, a_run_past_the_limit_is_overdue);
  tcase_add_test (tests,
		  one_that_heeds_no_interruption_is_deaf_and_then_lost);
  tcase_add_test (tests, without_a_limit_no_run_is_overdue);
  tcase_add_test (tests, a_run_may_have_a_limit_of_its_own);
  tcase_add_test (tests, collections_do_not_count);
  tcase_add_test (tests, one_that_never_ends_is_lost);
  tcase_add_test (tests, time_in_which_all_stood_still_counts_little);
  tcase_add_test (tests, it_is_busy_once_a_tick_has_seen_it_so);
  tcase_add_test (tests, the_name_is_that_noted_last);
  tcase_add_test (tests, a_long_name_ends_with_a_whole_character);
  tcase_add_test (tests, a_name_half_written_is_not_read);
  tcase_add_test (tests, a_place_is_that_of_one_run);
  tcase_add_test (tests, all_that_is_known_makes_a_sentence);
  suite_add_tcase (suite, tests);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
