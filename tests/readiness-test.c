/* readiness-test.c -- descriptors that the interpreter waits for

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../src/guile/readiness.h"

#define SOON INT64_C (10000000000)	/* 10 s */

static struct readiness readiness;
static int bell, pair[2];

static void
set_up (void)
{
  bell = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  ck_assert_int_ge (bell, 0);
  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), 0);
  ck_assert_int_eq (readiness_open (&readiness, bell), 0);
}

static void
tear_down (void)
{
  close (readiness.epoll_fd);
  free (readiness.wishes);
  close (bell);
  close (pair[0]);
  close (pair[1]);
}

/* The only thing that happens within TIMEOUT.  */
static struct readiness_event
next_event (int64_t timeout)
{
  struct epoll_event events[4];

  ck_assert_int_eq (readiness_wait (&readiness, events, 4, timeout), 1);
  return readiness_take (&readiness, events);
}

static void
nothing_happens (void)
{
  struct epoll_event event;

  ck_assert_int_eq (readiness_wait (&readiness, &event, 1, 0), 0);
}

static void
put_byte (int fd)
{
  ck_assert_int_eq (write (fd, "x", 1), 1);
}

/* The bell, and nothing else, is told, once.  */
static void
the_bell_is_told (void)
{
  struct readiness_event event = next_event (SOON);

  ck_assert_int_eq (event.fd, bell);
  ck_assert (event.granted == 0);
  nothing_happens ();
}

START_TEST (each_ring_is_told_once_though_nobody_reads)
{
  nothing_happens ();
  for (int i = 0; i < 3; i++)
    {
      ck_assert_int_eq (eventfd_write (bell, 1), 0);
      the_bell_is_told ();
    }
}
END_TEST

START_TEST (a_wish_is_granted_once)
{
  ck_assert_int_eq (readiness_watch (&readiness, pair[0], EPOLLIN), 0);
  nothing_happens ();
  put_byte (pair[1]);
  struct readiness_event event = next_event (SOON);
  ck_assert_int_eq (event.fd, pair[0]);
  ck_assert (event.granted == EPOLLIN);
  nothing_happens ();
  ck_assert_int_eq (readiness_watch (&readiness, pair[0], EPOLLIN), 0);
  ck_assert_uint_eq (next_event (SOON).granted, EPOLLIN);
}
END_TEST

START_TEST (reading_and_writing_are_wished_for_apart)
{
  ck_assert_int_eq (readiness_watch (&readiness, pair[0], EPOLLIN), 0);
  ck_assert_int_eq (readiness_watch (&readiness, pair[0], EPOLLOUT), 0);
  struct readiness_event event = next_event (SOON);
  ck_assert_uint_eq (event.granted, EPOLLOUT);
  nothing_happens ();
  put_byte (pair[1]);
  event = next_event (SOON);
  ck_assert_uint_eq (event.granted, EPOLLIN);
  nothing_happens ();
}
END_TEST

START_TEST (the_end_of_the_other_side_grants_every_wish)
{
  ck_assert_int_eq (readiness_watch (&readiness, pair[0], EPOLLIN), 0);
  close (pair[1]);
  ck_assert_uint_eq (next_event (SOON).granted, EPOLLIN);
  nothing_happens ();
  pair[1] = dup (bell);
}
END_TEST

START_TEST (only_who_has_closed_both_ways_has_hung_up)
{
  ck_assert_int_eq (readiness_watch (&readiness, pair[0], EPOLLHUP), 0);
  put_byte (pair[1]);
  nothing_happens ();
  ck_assert_int_eq (shutdown (pair[1], SHUT_WR), 0);
  nothing_happens ();
  ck_assert_int_eq (readiness_watch (&readiness, pair[0], EPOLLIN), 0);
  ck_assert_uint_eq (next_event (SOON).granted, EPOLLIN);
  nothing_happens ();
  close (pair[1]);
  ck_assert_uint_eq (next_event (SOON).granted, EPOLLHUP);
  nothing_happens ();
  pair[1] = dup (bell);
}
END_TEST

START_TEST (what_is_forgotten_is_not_told)
{
  ck_assert_int_eq (readiness_watch (&readiness, pair[0], EPOLLIN), 0);
  put_byte (pair[1]);
  readiness_forget (&readiness, pair[0]);
  nothing_happens ();
  readiness_forget (&readiness, pair[0]);
  readiness_forget (&readiness, -1);
  readiness_forget (&readiness, 1000000);
  readiness_forget (&readiness, bell);
  ck_assert_int_eq (eventfd_write (bell, 1), 0);
  the_bell_is_told ();
}
END_TEST

START_TEST (a_number_may_come_to_name_another_descriptor)
{
  int fd = pair[0];

  ck_assert_int_eq (readiness_watch (&readiness, fd, EPOLLIN), 0);
  close (pair[0]);
  close (pair[1]);
  ck_assert_int_eq (socketpair (AF_UNIX, SOCK_STREAM, 0, pair), 0);
  ck_assert_int_eq (pair[0], fd);
  ck_assert_int_eq (readiness_watch (&readiness, fd, EPOLLIN), 0);
  put_byte (pair[1]);
  ck_assert_uint_eq (next_event (SOON).granted, EPOLLIN);
}
END_TEST

START_TEST (what_cannot_be_watched_is_refused)
{
  int fd = open ("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (readiness_watch (&readiness, fd, EPOLLIN), -EPERM);
  ck_assert_int_eq (readiness_watch (&readiness, -1, EPOLLIN), -EBADF);
  ck_assert_int_eq (readiness_watch (&readiness, bell, EPOLLOUT), -EBADF);
  close (fd);
  ck_assert_int_eq (readiness_watch (&readiness, fd, EPOLLIN), -EBADF);
  nothing_happens ();
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("readiness");
  TCase *tests = tcase_create ("readiness");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_add_checked_fixture (tests, set_up, tear_down);
  tcase_add_test (tests, each_ring_is_told_once_though_nobody_reads);
  tcase_add_test (tests, a_wish_is_granted_once);
  tcase_add_test (tests, reading_and_writing_are_wished_for_apart);
  tcase_add_test (tests, the_end_of_the_other_side_grants_every_wish);
  tcase_add_test (tests, only_who_has_closed_both_ways_has_hung_up);
  tcase_add_test (tests, what_is_forgotten_is_not_told);
  tcase_add_test (tests, a_number_may_come_to_name_another_descriptor);
  tcase_add_test (tests, what_cannot_be_watched_is_refused);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
