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

/* How often the core interrupted the interpreter, by how.  */
static atomic_int interrupts[INTERRUPT_COUNT];

static void
interrupt (enum interruption how)
{
  interrupts[how]++;
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
await_interrupts (enum interruption how, int count)
{
  int64_t end = fixture_clock () + FIXTURE_DEADLINE;
  while (interrupts[how] < count)
    {
      ck_assert_int_lt (fixture_clock (), end);
      usleep (1000);
    }
}

START_TEST (an_interpreter_that_is_busy_is_interrupted)
{
  watch_enter (&fixture.watch);
  await_interrupts (INTERRUPT_COMPUTING, 3);
  ck_assert_int_eq (interrupts[INTERRUPT_WAITING], 0);
  ck_assert (fixture_is_quiet (&fixture, &fixture.logger));
}
END_TEST

START_TEST (one_that_sleeps_is_not)
{
  watch_enter (&fixture.watch);
  watch_leave (&fixture.watch);
  fixture_send_number (&fixture, MESSAGE_KILL, 1, 0, 0);
  message_free (fixture_next (&fixture.interpreter));
  for (int how = 0; how < INTERRUPT_COUNT; how++)
    ck_assert_int_eq (interrupts[how], 0);
}
END_TEST

START_TEST (past_the_limit_also_where_it_waits)
{
  watch_note (&fixture.watch, "nginx");
  watch_set_limit (&fixture.watch, 2 * WATCH_TICK);
  watch_enter (&fixture.watch);
  await_interrupts (INTERRUPT_WAITING, 3);
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
  await_interrupts (INTERRUPT_COMPUTING, 1);
  /* Keep the ticks away: only the news remain.  */
  watch_close_clock (&fixture.watch);
  int before = interrupts[INTERRUPT_COMPUTING];
  ck_assert (fixture_is_quiet (&fixture, &fixture.logger));
  await_interrupts (INTERRUPT_COMPUTING, before + 1);
}
END_TEST

START_TEST (one_that_stays_deaf_is_reported_with_its_place)
{
  watch_set_limit (&fixture.watch, 2 * WATCH_TICK);
  watch_enter (&fixture.watch);
  watch_note_place (&fixture.watch, "regexp-exec");
  message_free (fixture_next (&fixture.logger));
  struct text_message *line
    = fixture_expect_text (&fixture.logger, MESSAGE_LOG_LINE);
  ck_assert_ptr_nonnull (strstr (line->text, "cannot be interrupted"));
  ck_assert_ptr_nonnull (strstr (line->text, ", in regexp-exec: it "));
  message_free (&line->header);
}
END_TEST

/* Ask for a backtrace; the connection, and in CLIENT its number.  */
static int
ask (uint64_t *client)
{
  int fd = fixture_connect (&fixture);
  fixture_ask (fd, "backtrace", "root");
  struct text_message *message
    = fixture_expect_text (&fixture.interpreter, MESSAGE_COMMAND);
  *client = message->id;
  message_free (&message->header);
  return fd;
}

static void
expect_answer (int fd, const char *part)
{
  char *answer = fixture_read (fd);
  if (strstr (answer, part) == NULL)
    ck_abort_msg ("answer: %s", answer);
  free (answer);
}

START_TEST (an_interpreter_that_is_not_stuck_gives_backtraces_itself)
{
  uint64_t client;
  int fd = ask (&client);
  /* Beyond the time after which the core looks whether it is stuck.  */
  usleep (700000);
  fixture_send (&fixture, message_text (MESSAGE_REPLY, client, 0, "(reply)",
					7));
  expect_answer (fd, "(reply)");
  ck_assert_int_eq (interrupts[INTERRUPT_LOCATE], 0);
}
END_TEST

START_TEST (a_stuck_one_is_asked_again)
{
  uint64_t client;
  watch_enter (&fixture.watch);
  int fd = ask (&client);
  await_interrupts (INTERRUPT_LOCATE, 1);
  ck_assert_int_eq (__atomic_load_n (&fixture.watch.meter.asked,
				     __ATOMIC_RELAXED), (int64_t) client);
  fixture_send (&fixture, message_text (MESSAGE_REPLY, client, 0, "(reply)",
					7));
  expect_answer (fd, "(reply)");
  /* What it was asked at first has no one to answer to.  */
  struct number_message *gone
    = fixture_expect (&fixture.interpreter, MESSAGE_CLIENT_GONE);
  ck_assert_uint_eq (gone->id, client);
  message_free (&gone->header);
}
END_TEST

START_TEST (the_core_answers_for_one_that_does_not)
{
  uint64_t client;
  watch_note (&fixture.watch, "nginx");
  watch_enter (&fixture.watch);
  expect_answer (ask (&client), "(\"nginx: has not given up control for ");
  message_free (&fixture_expect (&fixture.interpreter,
				 MESSAGE_CLIENT_GONE)->header);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("tick");
  TCase *tests = tcase_create ("tick");
  tcase_add_checked_fixture (tests, start, stop);
  tcase_add_test (tests, an_interpreter_that_is_busy_is_interrupted);
  tcase_add_test (tests, one_that_sleeps_is_not);
  tcase_add_test (tests, past_the_limit_also_where_it_waits);
  tcase_add_test (tests, news_make_a_busy_one_look_up);
  tcase_add_test (tests, one_that_stays_deaf_is_reported_with_its_place);
  tcase_add_test (tests,
		  an_interpreter_that_is_not_stuck_gives_backtraces_itself);
  tcase_add_test (tests, a_stuck_one_is_asked_again);
  tcase_add_test (tests, the_core_answers_for_one_that_does_not);
  suite_add_tcase (suite, tests);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
