/* memory-test.c -- the core when memory runs out.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Each time that the story is played, a later allocation of the core fails,
   until none is left to fail.  Linked with --wrap for the allocation
   functions.  */

#include <config.h>

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core-story.h"

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

/* Play with failures from the NTH allocation on, then without.  How many
   failed.  */
static int
play_with_failure (int nth)
{
  test_thread = pthread_self ();
  fixture_start (&fixture);
  atomic_store (&fired, 0);
  atomic_store (&fail_at, nth);
  story_play (&fixture, STORY_ANSWERED);
  atomic_store (&fail_at, 0);
  story_play (&fixture, STORY_SOUND);
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
  tcase_add_test (tcase, every_allocation_may_fail);
  tcase_add_test (tcase, all_allocations_may_fail);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
