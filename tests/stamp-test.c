/* stamp-test.c -- tests of the time before each line.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "stamp.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Weak spot: with time(2), a line just after the full second was stamped
   with the second before.  */
START_TEST (a_second_is_new_at_once)
{
  struct stamp stamp;
  struct timespec begin, now;

  stamp_init (&stamp);
  clock_gettime (CLOCK_REALTIME, &begin);
  do
    clock_gettime (CLOCK_REALTIME, &now);
  while (now.tv_sec == begin.tv_sec);
  stamp_update (&stamp);
  ck_assert_int_ge (stamp.seconds, now.tv_sec);
}
END_TEST

START_TEST (a_stamp_is_local_time)
{
  struct stamp stamp;
  struct tm tm;
  char expected[STAMP_LENGTH + 1];

  setenv ("TZ", "EST5", 1);
  stamp_init (&stamp);
  time_t shifted = stamp.seconds - 5 * 3600;
  ck_assert_ptr_nonnull (gmtime_r (&shifted, &tm));
  strftime (expected, sizeof expected, "%Y-%m-%d %H:%M:%S ", &tm);
  ck_assert_str_eq (stamp.text, expected);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("stamp");
  TCase *tests = tcase_create ("stamp");
  tcase_add_test (tests, a_second_is_new_at_once);
  tcase_add_test (tests, a_stamp_is_local_time);
  suite_add_tcase (suite, tests);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
