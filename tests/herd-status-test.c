/* herd-status-test.c -- what herd shows of a service.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "herd-fixture.h"
#include "status.h"
#include "text.h"

/* Show the service with these PROPERTIES, beside a name.  */
static void
show (struct fixture *fixture, const char *properties, bool logs)
{
  struct text text = TEXT_EMPTY;

  text_printf (&text, "(service (version 0) (provides (x y)) %s)",
	       properties);
  status_display (&fixture->display,
		  fixture_read (fixture, text_string (&text)), logs);
  text_free (&text);
}

#define PROCESS "(running (process (version 0) (id 123) (command (\"a\"))))"
#define ENABLED "(enabled? #t)"
#define TAIL "  It is enabled.\n  Provides: x y\n  Will not be respawned.\n"

static const struct { const char *properties, *expected; } cases[] = {
  /* Running.  */
  { ENABLED "(status running) (status-changes ((running . 1795380421)"
    " (starting . 1795380420)))" PROCESS,
    "\xe2\x97\x8f Status of x:\n"
    "  It is running since 20:47:01 (1 second ago).\n"
    "  Main PID: 123\n  Command: a\n" TAIL },
  { ENABLED "(transient? #t) (status running)"
    " (status-changes ((running . 1795380302))) (running #t)",
    "\xe2\x97\x8f Status of x:\n"
    "  It is transient, running since 20:45:02 (2 minutes ago).\n"
    "  Running value is #t.\n" TAIL },
  { ENABLED "(status running) (running (1 \"two\" #\\3))",
    "\xe2\x97\x8f Status of x:\n  It is started.\n"
    "  Running value is (1 \"two\" #\\3).\n" TAIL },
  { ENABLED "(transient? #t) (running \"#<port>\")",
    "\xe2\x97\x8f Status of x:\n  It is started and transient.\n"
    "  Running value is \"#<port>\".\n" TAIL },
  { ENABLED "(status running) (running #t)",
    "\xe2\x97\x8f Status of x:\n  It is started.\n"
    "  Running value is #t.\n" TAIL },

  /* Commands.  */
  { ENABLED "(running (process (version 0) (id 7) (command (\"/bin/sh\" \"-c\""
    " \"exec x\" \"it's\" \"a\\\\b\" \"\\\"\" \"(\" \"?\" \"!\" \"*\" \"\"))))",
    "\xe2\x97\x8f Status of x:\n  It is started.\n  Main PID: 7\n"
    "  Command: /bin/sh -c \"exec x\" \"it's\" \"a\\\\b\" \"\\\"\" \"(\""
    " \"?\" \"!\" * \"\"\n" TAIL },
  { ENABLED "(running (process (version 0 1) (id 7) (command ())))",
    "\xe2\x97\x8f Status of x:\n  It is started.\n  Main PID: 7\n" TAIL },

  /* Stopped.  */
  { ENABLED "(status stopped) (running #f) (status-changes"
    " ((stopped . 1795371000) (stopping . 1795370000)))",
    "\xe2\x97\x8f Status of x:\n"
    "  It is stopped since 18:10:00 (3 hours ago).\n" TAIL },
  { ENABLED, "\xe2\x97\x8f Status of x:\n  It is stopped.\n" TAIL },
  { ENABLED "(one-shot? #t) (status-changes ((stopped . 1795371000)))",
    "\xe2\x97\x8f Status of x:\n  It is stopped (one-shot).\n" TAIL },
  { ENABLED "(one-shot? #t) (startup-failures (1795380362))",
    "\xe2\x97\x8f Status of x:\n  It is stopped (one-shot).\n" TAIL
    "  Failed to start at 20:46:02 (60 seconds ago).\n" },
  { ENABLED "(startup-failures (1795380362 1795380002))",
    "\xe2\x97\x8f Status of x:\n  It is stopped (failing).\n" TAIL
    "  Failed to start at 20:46:02 (60 seconds ago).\n" },
  { ENABLED "(status-changes ((stopped . 1795380422)))"
    " (exit-statuses ((1024 . 1795380422) (0 . 1795380421)))",
    "\xe2\x97\x8f Status of x:\n"
    "  It is stopped since 20:47:02 (0 seconds ago).\n"
    "  Process exited with code 4.\n" TAIL },
  { ENABLED "(exit-statuses ((9 . 1)))",
    "\xe2\x97\x8f Status of x:\n  It is stopped.\n"
    "  Process terminated with signal 9.\n" TAIL },

  /* In between.  */
  { ENABLED "(status starting)",
    "\xe2\x97\x8f Status of x:\n  It is starting.\n" TAIL },
  { ENABLED "(status stopping)" PROCESS,
    "\xe2\x97\x8f Status of x:\n  It is being stopped.\n"
    "  Main PID: 123\n  Command: a\n" TAIL },

  /* Everything else.  */
  { "(enabled? #f) (requires (a b)) (actions (reload)) (respawn? #t)"
    " (pending-replacement? #t) (log-files (\"/var/log/x.log\"))",
    "\xe2\x97\x8f Status of x:\n  It is stopped.\n  It is disabled.\n"
    "  Provides: x y\n  Requires: a b\n  Custom action: reload\n"
    "  Replacement pending (restart to upgrade).\n  Will be respawned.\n"
    "  Log file: /var/log/x.log\n" },
  { ENABLED "(actions (reload flush)) (log-files (\"/a\" \"/b c\"))",
    "\xe2\x97\x8f Status of x:\n  It is stopped.\n  It is enabled.\n"
    "  Provides: x y\n  Custom actions: reload flush\n"
    "  Will not be respawned.\n  Log files: /a /b c\n" },
  { "(enabled? #f) (respawn? #t) (last-respawns (1795380319 1795380318))"
    " (exit-statuses ((1024 . 1795380319) (15 . 1795380318)"
    " (0 . 1795293918))) (status-changes ((stopped . 1795380319)))",
    "\xe2\x97\x8f Status of x:\n"
    "  It is stopped since 20:45:19 (103 seconds ago).\n"
    "  Process exited with code 4.\n  It is disabled.\n  Provides: x y\n"
    "  Will be respawned.\n"
    "  Last respawned on 20:45:19 (103 seconds ago).\n  Latest exits:\n"
    "    - 2026-11-21 20:45:18  Process exited successfully.\n"
    "    - 2026-11-22 20:45:18  Process terminated with signal 15.\n"
    "    - 2026-11-22 20:45:19  Process exited with code 4.\n" },
  { ENABLED "(respawn? #t) (last-respawns (1795293918))"
    " (exit-statuses ((256 . 1795293918)))" PROCESS,
    "\xe2\x97\x8f Status of x:\n  It is started.\n"
    "  Main PID: 123\n  Command: a\n  It is enabled.\n  Provides: x y\n"
    "  Will be respawned.\n"
    "  Last respawned on Sat Nov 21 20:45:18 2026 (24 hours ago).\n"
    "  Latest exit:\n"
    "    - 2026-11-21 20:45:18  Process exited with code 1.\n" },
  { ENABLED "(recent-messages ((1795380422 . \"last\") (1795380421 . \"\")"
    " (1795380420 . \"c\") (1795380419 . \"b\") (1795380418 . \"a\")"
    " (1795380417 . \"gone\")))",
    "\xe2\x97\x8f Status of x:\n  It is stopped.\n" TAIL "\n"
    "Recent messages (use '-n' to view more or less):\n"
    "  2026-11-22 20:46:58 a\n  2026-11-22 20:46:59 b\n"
    "  2026-11-22 20:47:00 c\n  2026-11-22 20:47:01 \n"
    "  2026-11-22 20:47:02 last\n" },

  /* Values of inetd-style and other services.  */
  { ENABLED "(running (inetd-service (version 0) (endpoints ((endpoint"
    " (version 0) (name \"unknown\") (address #(2 2130706433 5551))"
    " (style 1) (backlog 128)))) (sockets (15)) (command (\"cat\" \"a b\"))))",
    "\xe2\x97\x8f Status of x:\n  It is started.\n"
    "  Inetd-style service listening on 1 endpoint:\n"
    "    - 127.0.0.1:5551\n  Command: cat \"a b\"\n" TAIL },
  { ENABLED "(running (inetd-service (version 0) (endpoints ((endpoint"
    " (version 0) (address #(2 0 22))))) (sockets (15)) (command (\"d\"))"
    " (connections (d-7 d-9))))",
    "\xe2\x97\x8f Status of x:\n  It is started.\n"
    "  Inetd-style service listening on 1 endpoint:\n"
    "    - 0.0.0.0:22\n  Command: d\n  Connections: d-7 d-9\n" TAIL },
  { ENABLED "(running (inetd-service (version 0) (endpoints ((endpoint"
    " (version 0) (name \"a\") (address #(10 1 5553 0 0)))"
    " (endpoint (version 0) (address #(1 \"/run/x.sock\")))"
    " (endpoint (version 0)"
    "  (address #(10 338288524927261089654018896841347694593 80 0 0)))))))",
    "\xe2\x97\x8f Status of x:\n  It is started.\n"
    "  Inetd-style service listening on 3 endpoints:\n"
    "    - [::1]:5553\n    - /run/x.sock\n    - [fe80::1]:80\n" TAIL },
  { ENABLED "(running (systemd-service (version 0) (endpoints ((endpoint"
    " (version 0) (name \"web\") (address #(2 0 80)))))"
    " (sockets (3)) (command (\"d\")) (more 1)))",
    "\xe2\x97\x8f Status of x:\n  It is started.\n"
    "  Systemd-style service listening on 1 endpoint:\n"
    "    - 0.0.0.0:80 (\"web\")\n  Command: d\n" TAIL },
  { ENABLED "(running (system-log (version 0) (endpoints ((endpoint"
    " (version 0) (name \"log\") (address #(1 \"/dev/log\")))"
    " (endpoint (version 0) (name \"b\") (address #(1 \"/x\")))))"
    " (kernel-log-file \"/proc/kmsg\") (sockets (3 4))))",
    "\xe2\x97\x8f Status of x:\n  It is started.\n"
    "  System log listening on 2 endpoints:\n"
    "    - /dev/log (\"log\")\n    - /x (\"b\")\n"
    "  Kernel log file: /proc/kmsg\n" TAIL },
  { ENABLED "(running (system-log (version 0) (endpoints ())"
    " (kernel-log-file #f)))",
    "\xe2\x97\x8f Status of x:\n  It is started.\n"
    "  System log listening on 0 endpoints:\n  Kernel log file: -\n" TAIL },
};

START_TEST (a_service_is_shown)
{
  struct fixture fixture;
  fixture_init (&fixture);
  show (&fixture, cases[_i].properties, true);
  fixture_check (&fixture, cases[_i].expected);
}
END_TEST

static const char messages[]
  = ENABLED "(recent-messages ((1795380422 . \"b\") (1795380421 . \"a\")))";

START_TEST (as_many_messages_are_shown_as_wished)
{
  static const char *const expected[] = {
    "\xe2\x97\x8f Status of x:\n  It is stopped.\n" TAIL,
    "\xe2\x97\x8f Status of x:\n  It is stopped.\n" TAIL
    "\nRecent messages:\n  2026-11-22 20:47:02 b\n",
    "\xe2\x97\x8f Status of x:\n  It is stopped.\n" TAIL
    "\nRecent messages:\n  2026-11-22 20:47:01 a\n"
    "  2026-11-22 20:47:02 b\n",
  };
  struct fixture fixture;
  fixture_init (&fixture);
  fixture.display.history = _i == 2 ? 1000000000000 : _i;
  show (&fixture, messages, true);
  fixture_check (&fixture, expected[_i]);
}
END_TEST

START_TEST (as_many_exits_are_shown_as_wished)
{
  static const char *const expected[] = {
    "",
    "  Latest exit:\n"
    "    - 2026-11-22 20:47:02  Process exited with code 4.\n",
    "  Latest exits:\n"
    "    - 2026-11-22 20:47:01  Process exited successfully.\n"
    "    - 2026-11-22 20:47:02  Process exited with code 4.\n",
  };
  struct fixture fixture;
  struct text text = TEXT_EMPTY;
  fixture_init (&fixture);
  fixture.display.history = _i;
  show (&fixture, ENABLED "(running #t) (last-respawns (1795380302))"
	" (exit-statuses ((1024 . 1795380422) (0 . 1795380421)))", true);
  text_printf (&text, "\xe2\x97\x8f Status of x:\n  It is started.\n"
	       "  Running value is #t.\n" TAIL
	       "  Last respawned on 20:45:02 (2 minutes ago).\n%s",
	       expected[_i]);
  fixture_check (&fixture, text_string (&text));
  text_free (&text);
}
END_TEST

START_TEST (detailed_status_has_no_messages)
{
  struct fixture fixture;
  fixture_init (&fixture);
  show (&fixture, messages, false);
  fixture_check (&fixture,
		 "\xe2\x97\x8f Status of x:\n  It is stopped.\n" TAIL);
}
END_TEST

START_TEST (there_is_no_bullet_without_utf_8)
{
  struct fixture fixture;
  fixture_init (&fixture);
  fixture.display.unicode = false;
  show (&fixture, ENABLED, true);
  fixture_check (&fixture, "Status of x:\n  It is stopped.\n" TAIL);
}
END_TEST

START_TEST (nothing_is_required_of_a_service)
{
  struct fixture fixture;
  fixture_init (&fixture);
  status_display (&fixture.display,
		  fixture_read (&fixture, "(service (version 0))"), true);
  fixture_check (&fixture, "\xe2\x97\x8f Status of ?:\n  It is stopped.\n"
		 "  It is disabled.\n  Will not be respawned.\n");
}
END_TEST

/* A bold title, then what has a colour.  */
#define TITLE(color) color "\xe2\x97\x8f\033[0m \033[1mStatus of x:\n\033[0m"
#define GREEN "\033[1;32m"
#define MAGENTA "\033[1;35m"
#define RED "\033[1;31m"
#define END "\n\033[0m"

static const struct { const char *properties, *expected; } colored[] = {
  { ENABLED PROCESS,
    TITLE (GREEN) "  It is started.\n  Main PID: \033[1m123\033[0m\n"
    "  Command: a\n" TAIL },
  { ENABLED "(exit-statuses ((0 . 1)))",
    TITLE (MAGENTA) MAGENTA "  It is stopped." END
    "  Process exited successfully.\n" TAIL },
  { "(pending-replacement? #t) (exit-statuses ((256 . 1)))",
    TITLE (RED) MAGENTA "  It is stopped." END
    "  " RED "Process exited with code 1." END
    MAGENTA "  It is disabled." END "  Provides: x y\n"
    MAGENTA "  Replacement pending (restart to upgrade)." END
    "  Will not be respawned.\n" },
  { "(respawn? #t) (last-respawns (1795380319)) (exit-statuses"
    " ((9 . 1795380319))) (startup-failures (1795380319))"
    " (recent-messages ((1795380319 . \"a\\x1b[31m\")))",
    TITLE (RED) RED "  It is stopped (failing)." END
    "  " RED "Process terminated with signal 9." END
    RED "  It is disabled." END "  Provides: x y\n  Will be respawned.\n"
    MAGENTA "  Last respawned on 20:45:19 (103 seconds ago)." END
    "  Latest exit:\n    - 2026-11-22 20:45:19  "
    RED "Process terminated with signal 9." END
    RED "  Failed to start at 20:45:19 (103 seconds ago)." END
    "\n\033[1mRecent messages (use '-n' to view more or less):" END
    "  2026-11-22 20:45:19 a^[[31m\n" },
};

START_TEST (colours_tell_the_state)
{
  struct fixture fixture;
  fixture_init (&fixture);
  fixture.display.colored = fixture.display.terminal = true;
  show (&fixture, colored[_i].properties, true);
  fixture_check (&fixture, colored[_i].expected);
}
END_TEST

/* A log, a command line and a name may all come from who is not trusted.  */
START_TEST (what_services_say_cannot_command_a_terminal)
{
  static const char properties[] = "(enabled? #t) (log-files (\"\x1b[2J\"))"
    " (running (process (version 0) (id 7) (command (\"a\" \"\x1b]0;b\x07\"))))"
    " (recent-messages ((1795380319 . \"a\tb\x7f\xc2\x9b""c\xc3\xa9\")))";
  struct fixture fixture;
  for (int terminal = 0; terminal < 2; terminal++)
    {
      fixture_init (&fixture);
      fixture.display.terminal = terminal;
      show (&fixture, properties, true);
      fixture_finish (&fixture);
      ck_assert_int_eq (strchr (fixture.out, '\x1b') == NULL, terminal);
      ck_assert_int_eq (strstr (fixture.out, "^[[2J") != NULL, terminal);
      ck_assert_int_eq (strstr (fixture.out, "^[]0;b^G") != NULL, terminal);
      ck_assert_ptr_nonnull (strstr (fixture.out, terminal
				     ? " a\tb^?<U+009B>c\xc3\xa9\n"
				     : " a\tb\x7f\xc2\x9b""c\xc3\xa9\n"));
      fixture_free (&fixture);
    }
}
END_TEST

#define COUNT(array) ((int) (sizeof (array) / sizeof *(array)))

int
main (void)
{
  Suite *suite = suite_create ("herd-status");
  TCase *test = tcase_create ("status");

  tcase_add_loop_test (test, a_service_is_shown, 0, COUNT (cases));
  tcase_add_loop_test (test, as_many_messages_are_shown_as_wished, 0, 3);
  tcase_add_loop_test (test, as_many_exits_are_shown_as_wished, 0, 3);
  tcase_add_test (test, detailed_status_has_no_messages);
  tcase_add_test (test, there_is_no_bullet_without_utf_8);
  tcase_add_test (test, nothing_is_required_of_a_service);
  tcase_add_loop_test (test, colours_tell_the_state, 0, COUNT (colored));
  tcase_add_test (test, what_services_say_cannot_command_a_terminal);
  suite_add_tcase (suite, test);

  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
