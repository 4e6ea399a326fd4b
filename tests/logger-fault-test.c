/* logger-fault-test.c -- the logger when system calls and allocations fail.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A story is played again and again, for each call that the logger's and the
   writer's threads make and each errno that it may give; each time a later one
   fails, once.  Who asks is answered, what is lost is counted, and afterwards
   everything must work.  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "logger-fixture.h"

static const enum fault faults[] = {
  FAULT_ALLOCATE, FAULT_CLOSE, FAULT_CONNECT, FAULT_EPOLL_ADD,
  FAULT_EPOLL_WAIT, FAULT_OPEN, FAULT_READ, FAULT_RENAME, FAULT_RING,
  FAULT_SEND, FAULT_SOCKET, FAULT_WRITE_FILE
};

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { ERRORS = 2 };		/* of each; it takes long enough */
#else
enum { ERRORS = 100 };
#endif

/* Where lines go while there is no log file.  */
static int syslog_fd;

static void
open_syslog (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX,
    .sun_path = "dev-log" };
  syslog_fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  ck_assert_int_eq (bind (syslog_fd, (struct sockaddr *) &address,
			  sizeof address), 0);
}

/* Wait for an answer to BOX, taken for what it is.  */
static void
await (struct mailbox *box)
{
  ck_assert (mailbox_wait (box, DEADLINE_MS));
  message_free (mailbox_next (box));
}

/* Lines of a service to PATH, or to the log if it is NULL; their source may be
   given up for lack of memory.  The write end.  */
static int
write_lines (uint64_t ring, const char *path)
{
  char line[400];
  int fd = attach (ring, path, path == NULL ? "a " : "");
  memset (line, 'x', sizeof line);
  line[sizeof line - 1] = '\n';
  for (int i = 0; i < 40; i++)
    if (write (fd, i % 4 == 0 ? line : "short\n",
	       i % 4 == 0 ? sizeof line : 6) < 0)
      ck_assert_int_eq (errno, EPIPE);
  return fd;
}

/* Wait for all lines of the file to be written, or dropped and told so.  */
static void
flush_file (void)
{
  post (message_number (MESSAGE_LOG_FLUSH, 7, 0, 0));
  await (&interpreter);
}

static void
story (void)
{
  post (message_text (MESSAGE_LOG_LINE, 0, 0, "mine", 4));
  int file = write_lines (2, "file"), other = write_lines (3, NULL);
  post (message_number (MESSAGE_LOG_QUERY, 5, 2, 0));
  await (&interpreter);
  post (message_log_rotate (6, "file", "file.1"));
  await (&interpreter);
  close (file);
  close (other);
  post (message_number (MESSAGE_LOG_COLLECT, 0, 0, 0));
  flush_file ();
  await (&core);
  post (message_number (MESSAGE_LOG_DETACH_RING, 2, 0, 0));
  flush ();
}

/* Everything works.  */
static void
check_logger (bool file)
{
  int fd = attach (9, "after", "");
  say (fd, "one\ntwo\n");
  close (fd);
  flush ();
  fd = attach (9, NULL, "b ");
  say (fd, "three\n");
  close (fd);
  flush ();
  assert_ring (9, "(\"three\" \"two\" \"one\")");
  assert_lines ("after", "one\ntwo\n");
  if (!file)
    return;
  char *log = contents ("log", NULL);
  ck_assert_ptr_nonnull (strstr (log, " b three\n"));
  free (log);
}

/* Play with the NTH FAULT being ERROR.  Did it fail?  */
static bool
play (enum fault fault, int error, int nth, bool file)
{
  setup ();
  if (!file)
    open_syslog ();
  start_logger (file ? "log" : NULL, "dev-log", true);
  fault_arm (fault, error, nth);
  story ();
  bool failed = fault_disarm ();
  check_logger (file);
  teardown ();
  return failed;
}

/* The same in a process of its own: a logger is never freed.  */
static bool
play_with_failure (enum fault fault, int error, int nth, bool file)
{
  int status;
  fflush (stdout);
  pid_t pid = fork ();
  ck_assert_int_ge (pid, 0);
  if (pid == 0)
    exit (play (fault, error, nth, file) ? 42 : 43);
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  ck_assert (WIFEXITED (status));
  ck_assert_int_ge (WEXITSTATUS (status), 42);
  return WEXITSTATUS (status) == 42;
}

START_TEST (every_call_may_fail)
{
  enum fault fault = faults[_i];
  const int *errors = fault_errors (fault), *error;
  bool journal = fault == FAULT_CONNECT || fault == FAULT_SEND
    || fault == FAULT_SOCKET;
  for (error = errors; *error != 0 && error < errors + ERRORS; error++)
    {
      int nth = 0;
      printf ("%s: %s ", fault_names[fault], strerrorname_np (*error));
      do
	{
	  nth++;
	  putchar ('.');	/* how far it came, should it fail */
	}
      while (play_with_failure (fault, *error, nth, !journal));
      putchar ('\n');
      ck_assert_int_gt (nth, 1);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("logger faults");
  TCase *tcase = tcase_create ("logger faults");
  tcase_add_loop_test (tcase, every_call_may_fail, 0,
		       sizeof faults / sizeof *faults);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
