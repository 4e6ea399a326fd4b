/* memory-test.c -- the core when memory runs out.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The same story is played again and again; each time a later allocation of
   the core's thread fails, until none is left to fail.  Whoever asked for
   something must get an answer, if only an error, and afterwards everything
   must work again.  Linked with --wrap for the allocation functions.  */

#include <config.h>

#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core-fixture.h"

static struct fixture fixture;
static pthread_t test_thread;
static atomic_int fail_at;	/* the allocation to fail; -1: all; 0: none */
static atomic_int fired;

void *__real_malloc (size_t size);
void *__real_calloc (size_t count, size_t size);
void *__real_realloc (void *block, size_t size);
void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t count, size_t size);
void *__wrap_realloc (void *block, size_t size);

/* Shall this allocation fail?  */
static bool
fails (void)
{
  int nth = atomic_load (&fail_at);
  if (nth == 0 || pthread_equal (pthread_self (), test_thread))
    return false;
  if (nth > 0 && atomic_fetch_sub (&fail_at, 1) != 1)
    return false;
  atomic_fetch_add (&fired, 1);
  return true;
}

void *
__wrap_malloc (size_t size)
{
  return fails () ? NULL : __real_malloc (size);
}

void *
__wrap_calloc (size_t count, size_t size)
{
  return fails () ? NULL : __real_calloc (count, size);
}

void *
__wrap_realloc (void *block, size_t size)
{
  return fails () ? NULL : __real_realloc (block, size);
}

/* The next message that is no command.  */
static struct number_message *
next_answer (void)
{
  return (struct number_message *) fixture_next (&fixture.interpreter);
}

/* Send a command on a new connection, which there may be no memory for.  */
static int
ask (const char *action, const char *service)
{
  int fd = fixture_connect (&fixture);
  char *command = fixture_command (action, service, "()");
  send (fd, command, strlen (command), MSG_NOSIGNAL);
  free (command);
  return fd;
}

/* Ask the status of SERVICE.  */
static char *
ask_status (const char *service)
{
  return fixture_read (ask ("status", service));
}

static void
check_status (bool sound)
{
  char *answer = ask_status ("a");
  ck_assert (sound ? strstr (answer, "(service a") != NULL
	     : strncmp (answer, "(reply ", 7) == 0);
  free (answer);
  answer = ask_status ("root");
  ck_assert (!sound || strstr (answer, "(service a") != NULL);
  free (answer);
}

/* Have something done by the interpreter.  */
static void
check_command (bool sound)
{
  int fd = ask ("stop", "a");
  struct pollfd either[] = {
    { .fd = fd, .events = POLLIN },
    { .fd = fixture.interpreter.read_fd, .events = POLLIN }
  };
  ck_assert_int_ge (poll (either, 2, FIXTURE_DEADLINE), 1);
  bool forwarded = (either[1].revents & POLLIN) != 0;
  ck_assert (forwarded || !sound);
  if (forwarded)
    {
      struct text_message *command
	= fixture_expect_text (&fixture.interpreter, MESSAGE_COMMAND);
      fixture_send (&fixture, message_text (MESSAGE_REPLY, command->id, 0,
					    "(reply)", 7));
      message_free (&command->header);
    }
  free (fixture_read (fd));
}

static void
check_spawn (bool sound)
{
  struct spawn_plan *plan = fixture_shell_plan (3, "exit 3");
  plan->logged = true;
  fixture_spawn (&fixture, plan);
  struct number_message *answer = next_answer ();
  ck_assert_uint_eq (answer->id, 3);
  bool started = answer->header.kind == MESSAGE_SPAWNED;
  if (!started)
    {
      ck_assert (!sound);
      ck_assert_int_eq (answer->header.kind, MESSAGE_SPAWN_FAILED);
      ck_assert_int_eq (answer->a, SPAWN_MEMORY);
    }
  int64_t pid = answer->a;
  message_free (&answer->header);
  if (!started)
    return;
  answer = next_answer ();
  ck_assert_int_eq (answer->header.kind, MESSAGE_EXITED);
  ck_assert_int_eq (answer->a, pid);
  ck_assert_int_eq (answer->b, 3 << 8);
  message_free (&answer->header);
}

static void
check_signals (void)
{
  struct number_message *answer;
  fixture_send_number (&fixture, MESSAGE_WATCH_PROCESS, 0, 4194303, 0);
  answer = fixture_expect (&fixture.interpreter, MESSAGE_EXITED);
  message_free (&answer->header);
  fixture_send_number (&fixture, MESSAGE_KILL, 5, 0, SIGTERM);
  answer = fixture_expect (&fixture.interpreter, MESSAGE_KILLED);
  ck_assert_uint_eq (answer->id, 5);
  message_free (&answer->header);
  kill (getpid (), SIGHUP);
  answer = fixture_expect (&fixture.interpreter, MESSAGE_SIGNAL);
  message_free (&answer->header);
}

static void
play (bool sound)
{
  fixture_publish (&fixture, 0, 1, "a\0b\0", "(service a");
  check_status (sound);
  check_command (sound);
  check_spawn (sound);
  check_signals ();
  fixture_publish (&fixture, 0, 1, "a\0b\0c\0", "(service a");
  fixture_send (&fixture, message_text (MESSAGE_FORGET, 0, 0, "b", 1));
}

/* Play with failures from the NTH allocation on, then without.  How many
   failed.  */
static int
play_with_failure (int nth)
{
  test_thread = pthread_self ();
  fixture_start (&fixture);
  atomic_store (&fired, 0);
  atomic_store (&fail_at, nth);
  play (false);
  atomic_store (&fail_at, 0);
  play (true);
  fixture_park (&fixture);
  return atomic_load (&fired);
}

START_TEST (every_allocation_may_fail)
{
  int nth = 0;
  while (play_with_failure (++nth) > 0)
    continue;
  ck_assert_int_gt (nth, 20);
}
END_TEST

START_TEST (all_allocations_may_fail)
{
  ck_assert_int_gt (play_with_failure (-1), 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("memory");
  TCase *tcase = tcase_create ("memory");
  tcase_set_timeout (tcase, 100);
  tcase_add_test (tcase, every_allocation_may_fail);
  tcase_add_test (tcase, all_allocations_may_fail);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
