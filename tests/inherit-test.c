/* inherit-test.c -- the table of what a new process image takes over.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inherit.h"

#define SECOND INT64_C (1000000000)

/* Each test runs in a process of its own: there is one table a process.  */

static char service[1000], log_prefix[1000], log_path[PATH_MAX];

static struct spawn_plan
make_plan (const char *name, int pipe_fd)
{
  strcpy (service, name);
  strcpy (log_prefix, "program");
  strcpy (log_path, "/var/log/program.log");
  return (struct spawn_plan)
    { .id = 9, .service = service, .log_prefix = log_prefix,
      .log_path = log_path, .log_with_pid = true, .ring = 3, .history = 20,
      .pipe_fd = pipe_fd };
}

/* The flight of a process of the service NAME, or NULL: too many.  */
static struct inherit_flight *
take_off (const char *name, int pipe_fd)
{
  struct inherit_flight *flight;
  struct spawn_plan plan = make_plan (name, pipe_fd);
  int result = inherit_take_off (&plan, &flight);
  ck_assert (flight != NULL ? result == 0 : result == -EAGAIN);
  inherit_keep (pipe_fd, INHERIT_PIPE);
  return flight;
}

START_TEST (without_a_table_nothing_happens)
{
  int status;
  struct spawn_plan plan = make_plan ("a", 5);
  struct inherit_flight *flight = (struct inherit_flight *) &plan;
  inherit_keep (5, INHERIT_VALUE);
  ck_assert_int_eq (inherit_kind (5), INHERIT_NOTHING);
  ck_assert_int_eq (inherit_next (0, INHERIT_VALUE), -1);
  ck_assert_int_eq (inherit_take_off (&plan, &flight), 0);
  ck_assert_ptr_null (flight);
  inherit_land (NULL);
  inherit_note_exit (17, 0);
  ck_assert (!inherit_find_exit (17, &status));
  ck_assert_int_eq (inherit_shutdown (), -1);
  ck_assert_int_eq (inherit_fd (), -1);
}
END_TEST

START_TEST (descriptors_are_kept_and_dropped)
{
  ck_assert_int_eq (inherit_begin (-1), 0);
  ck_assert (!inherit_is_successor ());
  ck_assert_int_eq (inherit_kind (inherit_fd ()), INHERIT_TABLE);
  inherit_keep (100, INHERIT_VALUE);
  inherit_keep (200, INHERIT_VALUE);
  inherit_keep (150, INHERIT_PIPE);
  ck_assert_int_eq (inherit_next (0, INHERIT_VALUE), 100);
  ck_assert_int_eq (inherit_next (101, INHERIT_VALUE), 200);
  ck_assert_int_eq (inherit_next (201, INHERIT_VALUE), -1);
  inherit_drop (100);
  ck_assert_int_eq (inherit_next (0, INHERIT_VALUE), 200);
  inherit_keep (-1, INHERIT_VALUE);
  inherit_keep (INHERIT_DESCRIPTORS, INHERIT_VALUE);
  ck_assert_int_eq (inherit_kind (INHERIT_DESCRIPTORS), INHERIT_NOTHING);
}
END_TEST

START_TEST (only_what_is_kept_survives_an_exec)
{
  ck_assert_int_eq (inherit_begin (-1), 0);
  int kept = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  int other = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  inherit_keep (kept, INHERIT_VALUE);
  inherit_prepare_exec ();
  ck_assert_int_eq (fcntl (kept, F_GETFD), 0);
  ck_assert_int_eq (fcntl (inherit_fd (), F_GETFD), 0);
  ck_assert_int_eq (fcntl (other, F_GETFD), FD_CLOEXEC);
}
END_TEST

/* Take over a table in a second mapping, as a new image would.  */
static void
take_over (void)
{
  ck_assert_int_eq (inherit_begin (inherit_fd ()), 0);
  ck_assert (inherit_is_successor ());
}

START_TEST (a_successor_finds_what_was_noted)
{
  int status = 0;
  ck_assert_int_eq (inherit_begin (-1), 0);
  inherit_keep (70, INHERIT_LISTEN);
  struct inherit_flight *flight = take_off ("nginx", -1);
  ck_assert_ptr_nonnull (flight);
  ck_assert_ptr_null (inherit_flight (0));	/* no process yet */
  flight->pid = 4711;
  inherit_note_exit (4712, 3 << 8);
  inherit_note_shutdown (2);
  inherit_set_flags (INHERIT_DAEMONIZED | INHERIT_CORE_ONLY, true);
  inherit_set_flags (INHERIT_CORE_ONLY, false);
  inherit_note_end (INHERIT_REEXEC, 0);
  take_over ();
  ck_assert_int_eq (inherit_next (0, INHERIT_LISTEN), 70);
  const struct inherit_flight *found = inherit_flight (0);
  ck_assert_ptr_nonnull (found);
  ck_assert_int_eq (found->pid, 4711);
  ck_assert_uint_eq (found->plan, 9);
  ck_assert_str_eq (found->service, "nginx");
  ck_assert (inherit_find_exit (4712, &status));
  ck_assert_int_eq (status, 3 << 8);
  ck_assert_int_eq (inherit_shutdown (), 2);
  ck_assert_uint_eq (inherit_flags (), INHERIT_DAEMONIZED);
  ck_assert_int_eq (inherit_reason (), INHERIT_REEXEC);
}
END_TEST

START_TEST (flights_are_bounded_and_land)
{
  struct inherit_flight *flights[INHERIT_FLIGHTS];
  char name[1000];
  memset (name, 'x', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  ck_assert_int_eq (inherit_begin (-1), 0);
  for (int i = 0; i < INHERIT_FLIGHTS; i++)
    {
      flights[i] = take_off (name, -1);
      ck_assert_ptr_nonnull (flights[i]);
      ck_assert_uint_eq (strlen (flights[i]->service),
			 sizeof flights[i]->service - 1);
    }
  ck_assert_ptr_null (take_off ("late", -1));
  inherit_land (flights[3]);
  ck_assert_ptr_eq (take_off ("b", -1), flights[3]);
  ck_assert_str_eq (flights[3]->service, "b");
}
END_TEST

START_TEST (a_flight_says_where_output_goes_until_the_logger_knows)
{
  ck_assert_int_eq (inherit_begin (-1), 0);
  struct inherit_flight *flight = take_off ("nginx", 80);
  flight->pid = 4711;
  inherit_land (flight);
  ck_assert_ptr_null (inherit_flight (0));
  take_over ();
  const struct inherit_flight *found = inherit_flight_of_pipe (80);
  ck_assert_ptr_nonnull (found);
  ck_assert_int_eq (found->pid, 4711);
  ck_assert_str_eq (found->service, "nginx");
  ck_assert_str_eq (found->log_prefix, "program");
  ck_assert_str_eq (inherit_flight_log_path (found), "/var/log/program.log");
  ck_assert (found->log_with_pid);
  ck_assert_uint_eq (found->ring, 3);
  ck_assert_uint_eq (found->history, 20);
  ck_assert_ptr_null (inherit_flight_of_pipe (81));
  ck_assert_ptr_ne (take_off ("other", 81), found);
  inherit_keep (80, INHERIT_LOGGER);
  ck_assert_ptr_null (inherit_flight_of_pipe (80));
  ck_assert_ptr_eq (take_off ("next", 80), found);
}
END_TEST

START_TEST (a_pipe_that_cannot_be_inherited_takes_no_flight)
{
  ck_assert_int_eq (inherit_begin (-1), 0);
  for (int i = 0; i < 2 * INHERIT_FLIGHTS; i++)
    {
      struct inherit_flight *flight = take_off ("a", INHERIT_DESCRIPTORS + i);
      ck_assert_ptr_nonnull (flight);
      inherit_land (flight);
      inherit_drop (INHERIT_DESCRIPTORS + i);
    }
}
END_TEST

/* Whoever died before the clone, or having closed the pipe.  */
START_TEST (flights_that_were_not_to_be_are_forgotten)
{
  ck_assert_int_eq (inherit_begin (-1), 0);
  for (int i = 0; i < INHERIT_FLIGHTS; i++)
    {
      struct inherit_flight *flight = take_off ("a", i % 2 ? -1 : 100 + i);
      inherit_drop (100 + i);
      if (i % 2 == 0)
	inherit_land (flight);
    }
  take_over ();
  for (int i = 0; i < INHERIT_FLIGHTS; i++)
    ck_assert_ptr_nonnull (take_off ("b", 100 + i));
  ck_assert_ptr_null (take_off ("b", 200));
}
END_TEST

START_TEST (the_latest_ends_are_known)
{
  int status = 0;
  ck_assert_int_eq (inherit_begin (-1), 0);
  inherit_note_exit (5, 1);
  inherit_note_exit (6, 2);
  inherit_note_exit (5, 3);	/* the number was used again */
  ck_assert (inherit_find_exit (5, &status));
  ck_assert_int_eq (status, 3);
  for (int pid = 1000; pid < 1000 + INHERIT_EXITS; pid++)
    inherit_note_exit (pid, pid);
  ck_assert (!inherit_find_exit (5, &status));
  ck_assert (inherit_find_exit (1000, &status));
  ck_assert_int_eq (status, 1000);
  ck_assert (!inherit_find_exit (0, &status));
}
END_TEST

START_TEST (crashes_of_the_last_minute_are_counted)
{
  int64_t start = 1000 * SECOND;
  ck_assert_int_eq (inherit_begin (-1), 0);
  ck_assert_uint_eq (inherit_note_end (INHERIT_CRASH, start), 1);
  ck_assert_uint_eq (inherit_note_end (INHERIT_CRASH, start + 50 * SECOND), 2);
  ck_assert_uint_eq (inherit_note_end (INHERIT_CRASH, start + 61 * SECOND), 2);
  ck_assert_uint_eq (inherit_note_end (INHERIT_CRASH, start + 62 * SECOND), 3);
  inherit_forgive ();
  ck_assert_uint_eq (inherit_note_end (INHERIT_CRASH, start + 63 * SECOND), 1);
  ck_assert_uint_eq (inherit_note_end (INHERIT_REEXEC, 0), 0);
}
END_TEST

START_TEST (a_strange_table_is_refused)
{
  char zeros[64] = "SHEPHEIR";
  int fd = memfd_create ("strange", MFD_CLOEXEC);
  ck_assert_int_eq (inherit_begin (fd), -EINVAL);	/* empty */
  ck_assert_int_eq (inherit_begin (-1), 0);
  off_t size = lseek (inherit_fd (), 0, SEEK_END);
  ck_assert_int_eq (ftruncate (fd, size), 0);
  ck_assert_int_eq (inherit_check (fd), -EINVAL);	/* no magic */
  ck_assert_int_eq (pwrite (fd, zeros, sizeof zeros, 0), sizeof zeros);
  ck_assert_int_eq (inherit_check (fd), -EINVAL);	/* version 0 */
  ck_assert_int_eq (inherit_begin (fd), -EINVAL);
  ck_assert_int_eq (inherit_begin (123), -EBADF);
}
END_TEST

START_TEST (only_the_same_process_takes_over)
{
  int status;
  ck_assert_int_eq (inherit_begin (-1), 0);
  int fd = inherit_fd ();
  ck_assert_int_eq (inherit_check (fd), 0);
  pid_t pid = fork ();
  if (pid == 0)
    {
      int result = inherit_begin (fd);
      inherit_begin (-1);
      _exit (result == -EINVAL ? 42 : 1);
    }
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  ck_assert_int_eq (status, 42 << 8);
  inherit_change_process ();
  take_over ();
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("inherit");
  TCase *tests = tcase_create ("inherit");
  tcase_add_test (tests, without_a_table_nothing_happens);
  tcase_add_test (tests, descriptors_are_kept_and_dropped);
  tcase_add_test (tests, only_what_is_kept_survives_an_exec);
  tcase_add_test (tests, a_successor_finds_what_was_noted);
  tcase_add_test (tests, flights_are_bounded_and_land);
  tcase_add_test (tests,
		  a_flight_says_where_output_goes_until_the_logger_knows);
  tcase_add_test (tests, a_pipe_that_cannot_be_inherited_takes_no_flight);
  tcase_add_test (tests, flights_that_were_not_to_be_are_forgotten);
  tcase_add_test (tests, the_latest_ends_are_known);
  tcase_add_test (tests, crashes_of_the_last_minute_are_counted);
  tcase_add_test (tests, a_strange_table_is_refused);
  tcase_add_test (tests, only_the_same_process_takes_over);
  suite_add_tcase (suite, tests);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
