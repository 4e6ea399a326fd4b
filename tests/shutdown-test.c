/* shutdown-test.c -- how the core ends.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Each core is in a process of its own, for it ends that; as PID 1 it is in
   namespaces of its own, too.  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core-fixture.h"

/* Shared with the process under test.  */
static struct
{
  char socket_file[100];
  pid_t pids[4];
  int64_t begin;
} *shared;

static void
start (void)
{
  shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ck_assert_ptr_ne (shared, MAP_FAILED);
}

/* Run FUNCTION in a new process, which must not return.  Its wait
   status.  */
static int
in_process (void (*function) (void))
{
  int status;
  pid_t pid = fork ();
  ck_assert_int_ge (pid, 0);
  if (pid == 0)
    {
      function ();
      /* The core has FIXTURE_DEADLINE to end this process.  */
      poll (NULL, 0, FIXTURE_DEADLINE);
      _exit (98);
    }
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  return status;
}

static struct fixture fixture;

/* Make a core whose interpreter has TIMEOUT seconds for a shutdown.  */
static void
start_core (int timeout, bool init)
{
  fixture_prepare (&fixture);
  fixture.options.shutdown_timeout = timeout;
  fixture.options.init = init;
  fixture_run (&fixture);
  strcpy (shared->socket_file, fixture.socket_file);
  shared->begin = fixture_clock ();
}

static void
expect_number (struct mailbox *box, enum message_kind kind, int64_t a)
{
  struct number_message *message = fixture_expect (box, kind);
  ck_assert_int_eq (message->a, a);
  message_free (&message->header);
}

/* Answer the request to write all log lines.  */
static void
flush_log (void)
{
  struct message *message;
  do
    message = fixture_next (&fixture.logger);
  while (message->kind != MESSAGE_LOG_FLUSH);
  message_free (message);
  fixture_send_number (&fixture, MESSAGE_FLUSHED, 0, 0, 0);
}

static void
remove_directory (void)
{
  *strrchr (shared->socket_file, '/') = '\0';
  rmdir (shared->socket_file);
}

/* Spawn SCRIPT as a service; wait until it has written something.  */
static pid_t
start_service (const char *script)
{
  int ends[2];
  char byte;
  struct spawn_plan *plan = fixture_shell_plan (1, script);
  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
  plan->output_fd = ends[1];
  plan->new_session = true;
  fixture_spawn (&fixture, plan);
  struct number_message *spawned
    = fixture_expect (&fixture.interpreter, MESSAGE_SPAWNED);
  pid_t pid = (pid_t) spawned->a;
  message_free (&spawned->header);
  ck_assert_int_eq (read (ends[0], &byte, 1), 1);
  close (ends[0]);
  return pid;
}

static void
exit_orderly (void)
{
  start_core (60, false);
  fixture_send_number (&fixture, MESSAGE_SHUTDOWN, 0, SHUTDOWN_EXIT, 0);
  flush_log ();
}

START_TEST (an_orderly_exit_has_status_0_and_removes_the_socket)
{
  ck_assert_int_eq (in_process (exit_orderly), 0);
  ck_assert_int_lt (fixture_clock () - shared->begin, 1500);
  ck_assert_int_lt (access (shared->socket_file, F_OK), 0);
  remove_directory ();
}
END_TEST

static void
exit_with_reply (void)
{
  char text[64] = "";
  start_core (60, false);
  int fd = fixture_connect (&fixture);
  fixture_ask (fd, "stop", "root");
  struct text_message *command
    = fixture_expect_text (&fixture.interpreter, MESSAGE_COMMAND);
  fixture_send (&fixture, message_text (MESSAGE_REPLY, command->id, 0,
					"(bye)", 5));
  fixture_send_number (&fixture, MESSAGE_SHUTDOWN, 0, SHUTDOWN_EXIT, 0);
  ck_assert_int_eq (recv (fd, text, sizeof text, MSG_WAITALL), 5);
  ck_assert_str_eq (text, "(bye)");
  flush_log ();
}

START_TEST (replies_are_written_before_the_exit)
{
  ck_assert_int_eq (in_process (exit_with_reply), 0);
  remove_directory ();
}
END_TEST

static void
exit_without_logger (void)
{
  start_core (60, false);
  fixture_send_number (&fixture, MESSAGE_SHUTDOWN, 0, SHUTDOWN_EXIT, 0);
}

START_TEST (a_stalled_logger_does_not_keep_us)
{
  ck_assert_int_eq (in_process (exit_without_logger), 0);
  ck_assert_int_ge (fixture_clock () - shared->begin, 1900);
  remove_directory ();
}
END_TEST

static void
be_told_to_end (void)
{
  start_core (1, false);
  shared->pids[0] = start_service ("echo; exec sleep 1000");
  shared->pids[1] = start_service ("trap '' TERM; echo; sleep 1000;"
				   " sleep 1000");
  kill (getpid (), SIGTERM);
  expect_number (&fixture.interpreter, MESSAGE_SIGNAL, SIGTERM);
  /* The interpreter does nothing; after a second the core does it.  */
  expect_number (&fixture.interpreter, MESSAGE_EXITED, shared->pids[0]);
  fixture_spawn (&fixture, fixture_shell_plan (9, ""));
  struct number_message *failed
    = fixture_expect (&fixture.interpreter, MESSAGE_SPAWN_FAILED);
  ck_assert_int_eq (failed->b, ESHUTDOWN);
  message_free (&failed->header);
  int fd = fixture_connect (&fixture);
  fixture_ask (fd, "status", "nothing");
  char *answer = fixture_read (fd);
  ck_assert_str_ne (answer, "");
  free (answer);
  flush_log ();
}

/* Weak spot: it waited for ever, and killed nothing.  */
START_TEST (without_the_interpreter_the_core_stops_everything_alone)
{
  ck_assert_int_eq (in_process (be_told_to_end), 0);
  ck_assert_int_lt (access (shared->socket_file, F_OK), 0);
  for (int i = 0; i < 2; i++)
    {
      /* Killed; maybe nobody has reaped it yet.  */
      int64_t until = fixture_clock () + FIXTURE_DEADLINE;
      while (kill (-shared->pids[i], 0) == 0 && fixture_clock () < until)
	{
	  char name[64], state = '?';
	  snprintf (name, sizeof name, "/proc/%d/stat", shared->pids[i]);
	  FILE *file = fopen (name, "r");
	  if (file == NULL || fscanf (file, "%*d %*s %c", &state) != 1
	      || state == 'Z')
	    until = 0;
	  if (file != NULL)
	    fclose (file);
	}
      ck_assert (until == 0 || kill (-shared->pids[i], 0) < 0);
    }
  remove_directory ();
}
END_TEST

static void
lose_socket (void)
{
  start_core (1, false);
  unlink (fixture.socket_file);
  message_free (&fixture_expect (&fixture.interpreter,
				 MESSAGE_SOCKET_DELETED)->header);
  flush_log ();
}

START_TEST (a_deleted_socket_has_the_same_deadline)
{
  ck_assert_int_eq (in_process (lose_socket), 0);
  remove_directory ();
}
END_TEST

static void
begin_and_hang (void)
{
  start_core (1, false);
  fixture_send_number (&fixture, MESSAGE_SHUTDOWN_BEGINS, 0, SHUTDOWN_EXIT, 1);
  flush_log ();
}

START_TEST (a_shutdown_that_was_asked_for_has_the_same_deadline)
{
  ck_assert_int_eq (in_process (begin_and_hang), 0);
  ck_assert_int_ge (fixture_clock () - shared->begin, 990);
  remove_directory ();
}
END_TEST

/* Ask for the end, as a client; the connection.  */
static int
ask_to_stop (const char *service)
{
  int fd = fixture_connect (&fixture);
  fixture_ask (fd, "stop", service);
  message_free (&fixture_expect_text (&fixture.interpreter,
				      MESSAGE_COMMAND)->header);
  return fd;
}

static void
ask_in_vain (void)
{
  start_core (1, false);
  ask_to_stop ("root");
  flush_log ();
}

/* Weak spot: such a command waited for ever.  */
START_TEST (a_command_to_end_has_the_same_deadline)
{
  ck_assert_int_eq (in_process (ask_in_vain), 0);
  ck_assert_int_ge (fixture_clock () - shared->begin, 990);
  remove_directory ();
}
END_TEST

static void
be_refused (void)
{
  start_core (1, false);
  int gone = ask_to_stop ("other"), fd = fixture_connect (&fixture);
  fixture_ask (fd, "stop", "root");
  struct text_message *command
    = fixture_expect_text (&fixture.interpreter, MESSAGE_COMMAND);
  fixture_send (&fixture, message_text (MESSAGE_REPLY, command->id, 0,
					"(no)", 4));
  message_free (&command->header);
  close (gone);
  message_free (&fixture_expect (&fixture.interpreter,
				 MESSAGE_CLIENT_GONE)->header);
  poll (NULL, 0, 1500);
  char *answer = fixture_read (fd);
  _exit (strcmp (answer, "(no)") == 0 && fixture_is_quiet (&fixture,
						     &fixture.logger)
	 ? 42 : 1);
}

START_TEST (a_command_to_end_that_is_refused_has_no_deadline)
{
  ck_assert_int_eq (in_process (be_refused), 42 << 8);
  unlink (shared->socket_file);
  remove_directory ();
}
END_TEST

static enum shutdown_how how;
static int errors = -1;		/* where the init writes them */

/* PID 1 in new namespaces, with stray processes.  */
static void
be_init (void)
{
  if (getpid () != 1)
    _exit (97);
  if (errors >= 0)
    dup2 (errors, STDERR_FILENO);
  start_core (60, true);
  shared->pids[0] = start_service ("echo; sleep 1000 & exec sleep 1000");
  shared->pids[1] = start_service ("setsid sh -c \"trap '' TERM; echo;"
				   " sleep 1000; sleep 1000\"");
  fixture_send_number (&fixture, MESSAGE_SHUTDOWN, 0, how, 0);
  flush_log ();
  flush_log ();
}

static void
make_namespaces (void)
{
  if (unshare (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC) < 0)
    _exit (77);
  int status = in_process (be_init);
  _exit (WIFSIGNALED (status) ? 100 + WTERMSIG (status)
	 : WEXITSTATUS (status));
}

/* reboot(2) in a namespace kills its PID 1 with a signal that tells which
   kind it was.  False if namespaces are not allowed here.  */
static bool
end_init (enum shutdown_how as, int signum)
{
  how = as;
  int status = in_process (make_namespaces);
  ck_assert (WIFEXITED (status));
  if (WEXITSTATUS (status) == 77)
    return false;
  ck_assert_int_eq (WEXITSTATUS (status), 100 + signum);
  remove_directory ();
  return true;
}

START_TEST (init_kills_everybody_and_reboots)
{
  end_init (SHUTDOWN_REBOOT, SIGHUP);
  ck_assert_int_ge (fixture_clock () - shared->begin, 4900);
}
END_TEST

START_TEST (init_powers_off)
{
  end_init (SHUTDOWN_POWER_OFF, SIGINT);
}
END_TEST

START_TEST (init_reboots_when_there_is_no_kexec)
{
  char said[80] = "";
  errors = memfd_create ("errors", MFD_CLOEXEC);
  if (!end_init (SHUTDOWN_KEXEC, SIGHUP))
    return;
  ck_assert_int_gt (pread (errors, said, sizeof said - 1, 0), 0);
  ck_assert_str_eq (said, "Failed to reboot with kexec: Invalid argument\n");
  close (errors);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("shutdown");
  TCase *tcase = tcase_create ("shutdown");
  tcase_add_checked_fixture (tcase, start, NULL);
  tcase_add_test (tcase,
		  an_orderly_exit_has_status_0_and_removes_the_socket);
  tcase_add_test (tcase, replies_are_written_before_the_exit);
  tcase_add_test (tcase, a_stalled_logger_does_not_keep_us);
  tcase_add_test (tcase,
		  without_the_interpreter_the_core_stops_everything_alone);
  tcase_add_test (tcase, a_deleted_socket_has_the_same_deadline);
  tcase_add_test (tcase, a_shutdown_that_was_asked_for_has_the_same_deadline);
  tcase_add_test (tcase, a_command_to_end_has_the_same_deadline);
  tcase_add_test (tcase, a_command_to_end_that_is_refused_has_no_deadline);
  tcase_add_test (tcase, init_kills_everybody_and_reboots);
  tcase_add_test (tcase, init_powers_off);
  tcase_add_test (tcase, init_reboots_when_there_is_no_kexec);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
