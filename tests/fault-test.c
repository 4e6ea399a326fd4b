/* fault-test.c -- the core when system calls fail.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The story is played again and again, for each system call that the core's
   threads make and each errno that it may give; each time a later one fails,
   once, until none is left to fail.  Clients may lose their connections, but
   nobody waits for ever, and afterwards everything must work again.  */

#include <config.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core-story.h"
#include "faults.h"

/* What the core's threads do; memory is the matter of memory-test.  */
static const enum fault faults[] = {
  FAULT_ACCEPT, FAULT_CLONE, FAULT_CLOSE, FAULT_EPOLL_ADD,
  FAULT_EPOLL_CHANGE, FAULT_EPOLL_WAIT, FAULT_FALLOCATE, FAULT_FCNTL,
  FAULT_KILL, FAULT_MREMAP, FAULT_OPEN, FAULT_PEER, FAULT_PIDFD, FAULT_PIPE,
  FAULT_READ, FAULT_RECEIVE, FAULT_RING, FAULT_SEND, FAULT_WAIT
};

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { ERRORS = 2 };		/* of each; it takes long enough */
#else
enum { ERRORS = 100 };
#endif

static struct fixture fixture;

/* Play with the NTH FAULT being ERROR, then without.  Did it fail?  */
static bool
play_with_failure (enum fault fault, int error, int nth)
{
  fixture_start (&fixture);
  fault_arm (fault, error, nth);
  story_play (&fixture, STORY_ENDED);
  bool failed = fault_disarm ();
  story_play (&fixture, STORY_SOUND);
  fixture_park (&fixture);
  return failed;
}

START_TEST (every_call_may_fail)
{
  enum fault fault = faults[_i];
  const int *errors = fault_errors (fault), *error;
  for (error = errors; *error != 0 && error < errors + ERRORS; error++)
    {
      int nth = 0;
      printf ("%s: %s ", fault_names[fault], strerrorname_np (*error));
      do
	{
	  nth++;
	  putchar ('.');	/* how far it came, should it fail */
	  fflush (stdout);
	}
      while (play_with_failure (fault, *error, nth));
      putchar ('\n');
#ifdef __SANITIZE_THREAD__
      if (fault == FAULT_CLONE)
	continue;		/* the core makes it another way then */
#endif
      ck_assert_int_gt (nth, 1);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("fault");
  TCase *tcase = tcase_create ("fault");
  tcase_add_loop_test (tcase, every_call_may_fail, 0,
		       sizeof faults / sizeof *faults);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
