/* whereabouts-test.c -- what threads do, as the system sees it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "whereabouts.h"

static int pipes[2];
static _Atomic pid_t other;
static atomic_bool ended;
static char text[512];

/* Look at the other thread until TEXT has PART; a busy machine may let it
   wait.  The test's own deadline ends this.  */
static void
expect (const char *part)
{
  do
    whereabouts_of_thread (other, text, sizeof text);
  while (strstr (text, part) == NULL);
}

static void
begin (pthread_t *thread, void *(*function) (void *))
{
  ck_assert_int_eq (pipe (pipes), 0);
  ck_assert_int_eq (pthread_create (thread, NULL, function, NULL), 0);
  while (other == 0)
    continue;
}

static void *
read_pipe (void *argument)
{
  char byte;
  other = (pid_t) syscall (SYS_gettid);
  ck_assert_int_eq (read (pipes[0], &byte, 1), 1);
  return argument;
}

static void *
compute (void *argument)
{
  other = (pid_t) syscall (SYS_gettid);
  while (!ended)
    continue;
  return argument;
}

START_TEST (one_that_reads_a_pipe)
{
  pthread_t thread;
  begin (&thread, read_pipe);
  expect ("it waits in system call read of pipe:[");
  ck_assert (!whereabouts_computes (other));
  ck_assert_int_eq (write (pipes[1], "x", 1), 1);
  pthread_join (thread, NULL);
}
END_TEST

START_TEST (one_that_computes)
{
  pthread_t thread;
  begin (&thread, compute);
  expect ("it computes");
  while (!whereabouts_computes (other))
    continue;
  ended = true;
  pthread_join (thread, NULL);
}
END_TEST

START_TEST (one_that_is_not_there)
{
  whereabouts_of_thread (-1, text, sizeof text);
  ck_assert_str_eq (text, "what it does is not known");
  ck_assert (!whereabouts_computes (-1));
}
END_TEST

START_TEST (a_small_buffer_is_not_exceeded)
{
  pthread_t thread;
  begin (&thread, read_pipe);
  expect ("pipe:[");
  memset (text, 'x', sizeof text);
  whereabouts_of_thread (other, text, 20);
  ck_assert_uint_lt (strlen (text), 20);
  ck_assert_int_eq (text[20], 'x');
  ck_assert_int_eq (write (pipes[1], "x", 1), 1);
  pthread_join (thread, NULL);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("whereabouts");
  TCase *tests = tcase_create ("whereabouts");
  tcase_add_test (tests, one_that_reads_a_pipe);
  tcase_add_test (tests, one_that_computes);
  tcase_add_test (tests, one_that_is_not_there);
  tcase_add_test (tests, a_small_buffer_is_not_exceeded);
  suite_add_tcase (suite, tests);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
