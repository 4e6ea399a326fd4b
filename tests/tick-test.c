/* tick-test.c -- the core interrupts an interpreter that is busy for long.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core-fixture.h"

static struct fixture fixture;

/* How often the core interrupted the interpreter, by `waiting'.  */
static atomic_int interrupts[2];

static void
interrupt (bool waiting)
{
  interrupts[waiting]++;
}

static void
start (void)
{
  fixture_prepare (&fixture);
  fixture.options.interrupt = interrupt;
  fixture_run (&fixture);
}

static void
stop (void)
{
  watch_leave (&fixture.watch);
  fixture_park (&fixture);
}

static void
await_interrupts (bool waiting, int count)
{
  int64_t end = fixture_clock () + FIXTURE_DEADLINE;
  while (interrupts[waiting] < count)
    {
      ck_assert_int_lt (fixture_clock (), end);
      usleep (1000);
    }
}

START_TEST (an_interpreter_that_is_busy_is_interrupted)
{
  watch_enter (&fixture.watch);
  await_interrupts (false, 3);
  ck_assert_int_eq (interrupts[true], 0);
  ck_assert (fixture_is_quiet (&fixture, &fixture.logger));
}
END_TEST

START_TEST (one_that_sleeps_is_not)
{
  watch_enter (&fixture.watch);
  watch_leave (&fixture.watch);
  fixture_send_number (&fixture, MESSAGE_KILL, 1, 0, 0);
  message_free (fixture_next (&fixture.interpreter));
  ck_assert_int_eq (interrupts[false] + interrupts[true], 0);
}
END_TEST

START_TEST (past_the_limit_also_where_it_waits)
{
  watch_note (&fixture.watch, "nginx");
  watch_set_limit (&fixture.watch, 2 * WATCH_TICK);
  watch_enter (&fixture.watch);
  await_interrupts (true, 3);
  struct text_message *line
    = fixture_expect_text (&fixture.logger, MESSAGE_LOG_LINE);
  ck_assert_ptr_nonnull (strstr (line->text, "stuck in service nginx"));
  message_free (&line->header);
  /* Logged once for each run.  */
  ck_assert (fixture_is_quiet (&fixture, &fixture.logger));
  __atomic_add_fetch (&fixture.watch.meter.run, 1, __ATOMIC_RELAXED);
  message_free (fixture_next (&fixture.logger));
}
END_TEST

START_TEST (news_make_a_busy_one_look_up)
{
  watch_enter (&fixture.watch);
  await_interrupts (false, 1);
  /* Keep the ticks away: only the news remain.  */
  watch_close_clock (&fixture.watch);
  int before = interrupts[false];
  ck_assert (fixture_is_quiet (&fixture, &fixture.logger));
  await_interrupts (false, before + 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("tick");
  TCase *tests = tcase_create ("tick");
  tcase_set_timeout (tests, 60);
  tcase_add_checked_fixture (tests, start, stop);
  tcase_add_test (tests, an_interpreter_that_is_busy_is_interrupted);
  tcase_add_test (tests, one_that_sleeps_is_not);
  tcase_add_test (tests, past_the_limit_also_where_it_waits);
  tcase_add_test (tests, news_make_a_busy_one_look_up);
  suite_add_tcase (suite, tests);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
