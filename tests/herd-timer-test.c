/* herd-timer-test.c -- what herd shows of timers.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <stdlib.h>

#include "herd-fixture.h"
#include "status.h"
#include "text.h"

#define HOURLY "(event (calendar-event (version 0) (seconds (0))" \
  " (minutes (0)) (hours (21 22 23)) (days-of-month (22 23))" \
  " (days-of-week (0 1 2 3 4 5 6)) (months (11))))"
#define COMMAND "(action (command (version 0) (arguments (\"sh\" \"-c\"" \
  " \"sleep 60\")) (user \"nobody\") (group #f) (more 1)))"
#define TAIL "  It is enabled.\n  Provides: t\n  Custom action: trigger\n" \
  "  Will not be respawned.\n"
#define IDLE "\xe2\x97\x8f Status of t:\n  Timed service.\n" \
  "  Awaiting next timer alarm; service active since" \
  " 20:46:02 (60 seconds ago).\n"

static void
show (struct fixture *fixture, const char *timer, const char *more,
      bool logs)
{
  struct text text = TEXT_EMPTY;

  text_printf (&text, "(service (version 0) (provides (t)) (enabled? #t)"
	       " (actions (trigger)) (status running)"
	       " (status-changes ((running . 1795380362)))"
	       " (running (timer (version 0) %s)) %s)", timer, more);
  status_display (&fixture->display,
		  fixture_read (fixture, text_string (&text)), logs);
  text_free (&text);
}

static const struct { const char *timer, *expected; } cases[] = {
  { HOURLY COMMAND "(processes ((12954 . 1795380422)))"
    " (remaining-occurrences 1)"
    " (past-runs ((512 1795380362 1795380361)))",
    "\xe2\x97\x8f Status of t:\n  Timed service.\n"
    "  Executing timer action since 20:47:02 (0 seconds ago).\n"
    "  Periodically running as \"nobody\": sh -c \"sleep 60\"\n"
    "  Child process: 12954\n" TAIL "\nRecent runs:\n"
    "  2026-11-22 20:46:02 Process exited with code 2 after 1 second.\n"
    "\nUpcoming timer alarm:\n  21:00:00 (in 13 minutes)\n" },
  { HOURLY "(action (command (version 0) (arguments (\"x\")) (user #f)))"
    "(processes ((2 . 1795380420) (1 . 1795380360)))"
    " (remaining-occurrences +inf.0) (past-runs ())",
    "\xe2\x97\x8f Status of t:\n  Timed service.\n"
    "  Executing timer action since 20:46:00 (62 seconds ago).\n"
    "  Periodically running: x\n  Child processes: 2 1\n" TAIL
    "\nUpcoming timer alarms:\n  21:00:00 (in 13 minutes)\n"
    "  22:00:00 (in 73 minutes)\n  23:00:00 (in 2 hours)\n"
    "  Mon Nov 23 21:00:00 2026 (in 24 hours)\n"
    "  Mon Nov 23 22:00:00 2026 (in 25 hours)\n" },
  { HOURLY "(action procedure) (processes ()) (remaining-occurrences 2)"
    " (past-runs (((exception misc-error #f \"~A!\" (\"bad\") #f)"
    "   1795380362 1795380182)"
    "  (success 1795380302 1795380302)"
    "  ((exception oops 1 \"two\") 1795380301 1795380300)))",
    IDLE "  Periodically running Scheme code.\n" TAIL "\nRecent runs:\n"
    "  2026-11-22 20:45:01 Exception thrown after 1 second:"
    " Throw to key `oops' with args `(1 \"two\")'.\n"
    "  2026-11-22 20:45:02 Completed in 0 seconds.\n"
    "  2026-11-22 20:46:02 Exception thrown after 3 minutes: bad!\n"
    "\nUpcoming timer alarms:\n  21:00:00 (in 13 minutes)\n"
    "  22:00:00 (in 73 minutes)\n" },
  { "(event #f) (action procedure) (processes ())"
    " (remaining-occurrences +inf.0) (past-runs ())",
    IDLE "  Periodically running Scheme code.\n" TAIL
    "\nNo upcoming timer alarm: about to stop.\n" },
  { HOURLY "(action procedure) (processes ()) (remaining-occurrences 0)",
    IDLE "  Periodically running Scheme code.\n" TAIL
    "\nNo upcoming timer alarm: about to stop.\n" },
  { HOURLY COMMAND "(processes ()) (remaining-occurrences 1)"
    " (past-runs ((0 7 7) (0 6 6) (9 5 5) (0 4 4) (0 3 3) (0 2 2)))",
    IDLE "  Periodically running as \"nobody\": sh -c \"sleep 60\"\n" TAIL
    "\nRecent runs:\n"
    "  1970-01-01 00:00:03 Process exited successfully after 0 seconds.\n"
    "  1970-01-01 00:00:04 Process exited successfully after 0 seconds.\n"
    "  1970-01-01 00:00:05 Process terminated with signal 9 after"
    " 0 seconds.\n"
    "  1970-01-01 00:00:06 Process exited successfully after 0 seconds.\n"
    "  1970-01-01 00:00:07 Process exited successfully after 0 seconds.\n"
    "\nUpcoming timer alarm:\n  21:00:00 (in 13 minutes)\n" },
};

START_TEST (a_timer_is_shown)
{
  struct fixture fixture;
  fixture_init (&fixture);
  show (&fixture, cases[_i].timer, "", true);
  fixture_check (&fixture, cases[_i].expected);
}
END_TEST

START_TEST (messages_are_between_runs_and_alarms)
{
  struct fixture fixture;
  fixture_init (&fixture);
  show (&fixture, HOURLY "(action procedure) (remaining-occurrences 1)"
	" (past-runs ((success 1 1)))",
	"(recent-messages ((1795380362 . \"hello\")))", true);
  fixture_check (&fixture,
		 IDLE "  Periodically running Scheme code.\n" TAIL
		 "\nRecent runs:\n  1970-01-01 00:00:01 Completed in"
		 " 0 seconds.\n"
		 "\nRecent messages (use '-n' to view more or less):\n"
		 "  2026-11-22 20:46:02 hello\n"
		 "\nUpcoming timer alarm:\n  21:00:00 (in 13 minutes)\n");
}
END_TEST

START_TEST (detailed_status_shows_neither_runs_nor_alarms)
{
  struct fixture fixture;
  fixture_init (&fixture);
  show (&fixture, HOURLY "(action procedure) (past-runs ((success 1 1)))",
	"", false);
  fixture_check (&fixture,
		 IDLE "  Periodically running Scheme code.\n" TAIL);
}
END_TEST

START_TEST (colours_tell_what_matters)
{
  struct fixture fixture;
  fixture_init (&fixture);
  fixture.display.colored = true;
  show (&fixture, "(action (command (version 0) (arguments (\"x\"))))"
	" (processes ((1 . 1795380362))) (past-runs (((exception e) 1 1)"
	" (256 1 1)))", "", true);
  fixture_check (&fixture,
		 "\033[1;32m\xe2\x97\x8f\033[0m \033[1mStatus of t:\n\033[0m"
		 "  Timed service.\n\033[1m  Executing timer action since"
		 " 20:46:02 (60 seconds ago).\n\033[0m"
		 "  Periodically running: x\n\033[1m  Child process: 1\n"
		 "\033[0m" TAIL "\n\033[1mRecent runs:\n\033[0m"
		 "  1970-01-01 00:00:01 \033[1;31mProcess exited with code 1"
		 " after 0 seconds.\n\033[0m"
		 "  1970-01-01 00:00:01 \033[1;31mException thrown after"
		 " 0 seconds: Throw to key `e' with args `()'.\n\033[0m"
		 "\n\033[1;35mNo upcoming timer alarm: about to stop.\n"
		 "\033[0m");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("herd-timer");
  TCase *test = tcase_create ("timer");

  tcase_add_loop_test (test, a_timer_is_shown, 0,
		       sizeof cases / sizeof *cases);
  tcase_add_test (test, messages_are_between_runs_and_alarms);
  tcase_add_test (test, detailed_status_shows_neither_runs_nor_alarms);
  tcase_add_test (test, colours_tell_what_matters);
  suite_add_tcase (suite, test);

  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
