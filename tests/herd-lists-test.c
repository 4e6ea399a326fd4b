/* herd-lists-test.c -- what herd shows of all services together.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <stdlib.h>

#include "graph.h"
#include "herd-fixture.h"
#include "log.h"
#include "overview.h"

#define SERVICE(name, more) \
  "(service (version 0) (provides (" name ")) " more ")"

static const char services[] = "("
  SERVICE ("zoo", "(status running) (running #t)")
  SERVICE ("root shepherd", "(status running) (running #t)")
  SERVICE ("updatedb", "(status running) (running (timer (version 0)))")
  SERVICE ("slow", "(status starting)")
  SERVICE ("proc alias", "(status stopped) (requires (root zoo))")
  SERVICE ("other", "(status stopping) (running #t)")
  SERVICE ("cleanup", "(status stopped) (one-shot? #t)"
	   " (startup-failures (1))")
  SERVICE ("broken", "(status stopped) (startup-failures (1))"
	   " (requires (alias))")
  SERVICE ("passing", "(status running) (running 1) (transient? #t)")
  ")";

START_TEST (an_overview_has_sorted_sections)
{
  struct fixture fixture;
  fixture_init (&fixture);
  overview_display (&fixture.display, fixture_read (&fixture, services));
  fixture_check (&fixture,
		 "Started:\n + passing\n + root\n + zoo\n"
		 "Running timers:\n + updatedb\n"
		 "Starting:\n ^ slow\n"
		 "Stopped:\n - proc\n"
		 "Stopping:\n v other\n"
		 "One-shot:\n * cleanup\n"
		 "Failed to start:\n ! broken\n");
}
END_TEST

START_TEST (an_overview_of_nothing_is_empty)
{
  struct fixture fixture;
  fixture_init (&fixture);
  overview_display (&fixture.display, fixture_read (&fixture, "()"));
  overview_display (&fixture.display, NULL);
  fixture_check (&fixture, "");
}
END_TEST

START_TEST (an_overview_has_colours)
{
  struct fixture fixture;
  fixture_init (&fixture);
  fixture.display.colored = true;
  overview_display (&fixture.display, fixture_read (&fixture, "("
    SERVICE ("a", "(running 1) (pending-replacement? #t)")
    SERVICE ("b", "(running 1) (transient? #t)")
    SERVICE ("c", "(status starting)"
	     " (status-changes ((starting . 1795380393)))")
    SERVICE ("d", "(status starting)"
	     " (status-changes ((starting . 1795380392)))")
    SERVICE ("e", "(status stopping)"
	     " (status-changes ((stopping . 1795380362)))")
    SERVICE ("f", "(startup-failures (1))") ")"));
  fixture_check (&fixture,
		 "\033[1mStarted:\n\033[0m + \033[1ma\033[0m\n"
		 " + \033[2mb\033[0m\n"
		 "\033[1mStarting:\n\033[0m ^ c\n ^ \033[1;35md\033[0m\n"
		 "\033[1mStopping:\n\033[0m v \033[1;31me\033[0m\n"
		 "\033[1;31mFailed to start:\n\033[0m ! f\n");
}
END_TEST

static const char history[] = "("
  SERVICE ("proc", "(status-changes ((running . 102) (starting . 101)))")
  SERVICE ("dep", "(status-changes ((stopped . 103) (stopping . 102)"
	   " (running . 101) (starting . 101)))")
  SERVICE ("bad", "(status-changes ((stopped . 104) (starting . 104)))")
  SERVICE ("once", "(one-shot? #t) (status-changes ((stopped . 105)"
	   " (starting . 105)))")
  SERVICE ("never", "(one-shot? #t) (startup-failures (106))"
	   " (status-changes ((stopped . 106) (starting . 106)))")
  SERVICE ("passing", "(transient? #t) (status-changes ((stopped . 107)"
	   " (running . 100)))")
  SERVICE ("quiet", "")
  ")";

START_TEST (the_log_is_merged_oldest_first)
{
  struct fixture fixture;
  fixture_init (&fixture);
  ck_assert_int_eq (log_display (&fixture.display,
				 fixture_read (&fixture, history)), 14);
  fixture_check (&fixture,
    " 1 Jan 1970 00:01:40\tservice passing is running\n"
    " 1 Jan 1970 00:01:41\tservice proc is being started\n"
    " 1 Jan 1970 00:01:41\tservice dep is being started\n"
    " 1 Jan 1970 00:01:41\tservice dep is running\n"
    " 1 Jan 1970 00:01:42\tservice proc is running\n"
    " 1 Jan 1970 00:01:42\tservice dep is being stopped\n"
    " 1 Jan 1970 00:01:43\tservice dep is stopped\n"
    " 1 Jan 1970 00:01:44\tservice bad is being started\n"
    " 1 Jan 1970 00:01:44\tservice bad failed to start\n"
    " 1 Jan 1970 00:01:45\tservice once is being started\n"
    " 1 Jan 1970 00:01:45\tservice once is done (one-shot)\n"
    " 1 Jan 1970 00:01:46\tservice never is being started\n"
    " 1 Jan 1970 00:01:46\tservice never failed to start\n"
    " 1 Jan 1970 00:01:47\tservice passing is done (transient)\n");
}
END_TEST

START_TEST (the_log_has_colours)
{
  struct fixture fixture;
  fixture_init (&fixture);
  fixture.display.colored = true;
  log_display (&fixture.display, fixture_read (&fixture, "("
    SERVICE ("a", "(status-changes ((stopped . 4) (starting . 3)"
	     " (stopped . 2) (running . 1)))") ")"));
  fixture_check (&fixture,
    " 1 Jan 1970 00:00:01\t\033[1mservice a is running\n\033[0m"
    " 1 Jan 1970 00:00:02\t\033[1;35mservice a is stopped\n\033[0m"
    " 1 Jan 1970 00:00:03\tservice a is being started\n"
    " 1 Jan 1970 00:00:04\t\033[1;31mservice a failed to start\n\033[0m");
}
END_TEST

START_TEST (a_log_without_events_is_told)
{
  struct fixture fixture;
  fixture_init (&fixture);
  ck_assert_int_eq (log_display (&fixture.display,
				 fixture_read (&fixture, "()")), 0);
  fixture_check (&fixture, "");
}
END_TEST

START_TEST (the_graph_is_drawn)
{
  struct fixture fixture;
  fixture_init (&fixture);
  graph_display (&fixture.display, fixture_read (&fixture, services));
  fixture_check (&fixture,
    "digraph \"Service Graph\" {\n"
    "  \"zoo\" [shape = box, color = green, fontcolor = black,"
    " style = solid];\n"
    "  \"zoo\" -> \"root\";\n"
    "  \"root\" [shape = box, color = green, fontcolor = black,"
    " style = solid];\n"
    "  \"updatedb\" [shape = diamond, color = green, fontcolor = black,"
    " style = solid];\n"
    "  \"updatedb\" -> \"root\";\n"
    "  \"slow\" [shape = box, color = gray, fontcolor = gray,"
    " style = solid];\n"
    "  \"slow\" -> \"root\";\n"
    "  \"proc\" [shape = box, color = purple, fontcolor = purple,"
    " style = solid];\n"
    "  \"proc\" -> \"root\";\n"
    "  \"proc\" -> \"zoo\";\n"
    "  \"other\" [shape = box, color = gray, fontcolor = gray,"
    " style = solid];\n"
    "  \"other\" -> \"root\";\n"
    "  \"cleanup\" [shape = circle, color = red, fontcolor = red,"
    " style = solid];\n"
    "  \"cleanup\" -> \"root\";\n"
    "  \"broken\" [shape = box, color = red, fontcolor = red,"
    " style = solid];\n"
    "  \"broken\" -> \"root\";\n"
    "  \"broken\" -> \"proc\";\n"
    "  \"passing\" [shape = box, color = green, fontcolor = black,"
    " style = dashed];\n"
    "  \"passing\" -> \"root\";\n"
    "}\n");
}
END_TEST

/* Weak spot: the graph ended at a requirement that nobody provides.  */
START_TEST (an_unknown_requirement_is_drawn_once_and_told)
{
  struct fixture fixture;
  fixture_init (&fixture);
  graph_display (&fixture.display, fixture_read (&fixture, "("
    SERVICE ("a", "(requires (x))") SERVICE ("#{b\\x22;\\x5c;}#",
					     "(requires (x))") ")"));
  fixture_finish (&fixture);
  ck_assert_str_eq (fixture.out,
    "digraph \"Service Graph\" {\n"
    "  \"a\" [shape = box, color = purple, fontcolor = purple,"
    " style = solid];\n"
    "  \"a\" -> \"root\";\n"
    "  \"x\" [shape = box, color = red, fontcolor = red, style = dotted];\n"
    "  \"a\" -> \"x\";\n"
    "  \"b\\\"\\\\\" [shape = box, color = purple, fontcolor = purple,"
    " style = solid];\n"
    "  \"b\\\"\\\\\" -> \"root\";\n"
    "  \"b\\\"\\\\\" -> \"x\";\n"
    "}\n");
  ck_assert_str_eq (fixture.errors,
    "herd: hint: service 'a' requires 'x', which no service provides\n"
    "herd: hint: service 'b\"\\' requires 'x', which no service provides\n");
  fixture_free (&fixture);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("herd-lists");
  TCase *test = tcase_create ("lists");

  tcase_add_test (test, an_overview_has_sorted_sections);
  tcase_add_test (test, an_overview_of_nothing_is_empty);
  tcase_add_test (test, an_overview_has_colours);
  tcase_add_test (test, the_log_is_merged_oldest_first);
  tcase_add_test (test, the_log_has_colours);
  tcase_add_test (test, a_log_without_events_is_told);
  tcase_add_test (test, the_graph_is_drawn);
  tcase_add_test (test, an_unknown_requirement_is_drawn_once_and_told);
  suite_add_tcase (suite, test);

  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
