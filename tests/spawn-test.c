/* spawn-test.c -- how the core starts, signals and reaps processes.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core-fixture.h"
#include "spawner.h"

static struct fixture fixture;

static void
start (void)
{
  fixture_start (&fixture);
}

static void
stop (void)
{
  fixture_park (&fixture);
}

/* Wait for the end of PID.  Its wait status.  */
static int
expect_exit (pid_t pid)
{
  struct number_message *exited
    = fixture_expect (&fixture.interpreter, MESSAGE_EXITED);
  int status = (int) exited->b;
  ck_assert_int_eq (exited->a, pid);
  message_free (&exited->header);
  return status;
}

/* Wait for plan ID to be running.  Its pid.  */
static pid_t
expect_spawned (uint64_t id)
{
  struct number_message *spawned
    = fixture_expect (&fixture.interpreter, MESSAGE_SPAWNED);
  pid_t pid = (pid_t) spawned->a;
  ck_assert_uint_eq (spawned->id, id);
  ck_assert_int_gt (pid, 1);
  message_free (&spawned->header);
  return pid;
}

/* Spawn PLAN and wait for its end.  Its wait status.  */
static int
run (struct spawn_plan *plan)
{
  uint64_t id = plan->id;
  fixture_spawn (&fixture, plan);
  return expect_exit (expect_spawned (id));
}

/* A plan for a script whose output goes to *OUTPUT.  */
static struct spawn_plan *
plan_with_output (const char *script, int *output)
{
  int ends[2];
  struct spawn_plan *plan = fixture_shell_plan (1, script);
  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
  plan->output_fd = ends[1];
  *output = ends[0];
  return plan;
}

/* Spawn PLAN of plan_with_output, and compare its whole output.  */
static void
expect_output (struct spawn_plan *plan, int output, const char *expected)
{
  ck_assert_int_eq (run (plan), 0);
  char *text = fixture_read (output);
  ck_assert_str_eq (text, expected);
  free (text);
}

/* Spawn PLAN, which fails at STEP with ERROR.  */
static void
expect_failure (struct spawn_plan *plan, enum spawn_step step, int error)
{
  uint64_t id = plan->id;
  fixture_spawn (&fixture, plan);
  struct number_message *failed
    = fixture_expect (&fixture.interpreter, MESSAGE_SPAWN_FAILED);
  ck_assert_uint_eq (failed->id, id);
  ck_assert_str_eq (spawn_step_name ((enum spawn_step) failed->a),
		    spawn_step_name (step));
  ck_assert_int_eq (failed->b, error);
  message_free (&failed->header);
}

static void
kill_process (pid_t pid, int signum, int expected)
{
  static uint64_t id = 1;
  fixture_send_number (&fixture, MESSAGE_KILL, ++id, pid, signum);
  struct number_message *killed
    = fixture_expect (&fixture.interpreter, MESSAGE_KILLED);
  ck_assert_uint_eq (killed->id, id);
  ck_assert_int_eq (killed->a, expected);
  message_free (&killed->header);
}

START_TEST (a_process_starts_and_its_end_is_told)
{
  ck_assert_int_eq (run (fixture_shell_plan (7, "exit 3")), 3 << 8);
  ck_assert_int_eq (run (fixture_shell_plan (8, "kill -9 $$")), SIGKILL);
}
END_TEST

START_TEST (arguments_and_environment_are_as_planned)
{
  int output;
  struct spawn_plan *plan
    = plan_with_output ("echo \"$0 $1 $2\"; env | sort; pwd", &output);
  plan->argv = realloc (plan->argv, 7 * sizeof *plan->argv);
  plan->argv[3] = strdup ("zero");
  plan->argv[4] = strdup ("one");
  plan->argv[5] = strdup ("t w o");
  plan->argv[6] = NULL;
  plan->directory = strdup ("/usr");
  expect_output (plan, output, "zero one t w o\nLC_ALL=C\n"
		 "PATH=/usr/bin:/bin\nPWD=/usr\n/usr\n");
}
END_TEST

START_TEST (listen_pid_is_the_pid)
{
  int output;
  struct spawn_plan *plan
    = plan_with_output ("test $LISTEN_PID = $$ && echo same", &output);
  plan->envp = realloc (plan->envp, 4 * sizeof *plan->envp);
  plan->envp[2] = plan->listen_pid = calloc (1, 32);
  strcpy (plan->listen_pid, "LISTEN_PID=");
  plan->envp[3] = NULL;
  expect_output (plan, output, "same\n");
}
END_TEST

START_TEST (a_session_is_new_only_if_wanted)
{
  int output;
  struct spawn_plan *plan
    = plan_with_output ("test $(ps -o sid= -p $$) = $$ && echo own", &output);
  plan->new_session = true;
  expect_output (plan, output, "own\n");
  plan = plan_with_output ("test $(ps -o sid= -p $$) = $$ || echo not",
			   &output);
  expect_output (plan, output, "not\n");
}
END_TEST

/* Weak spot: dispositions and mask of the daemon were inherited.  */
START_TEST (no_signal_is_ignored_or_blocked)
{
  int output;
  static const unsigned long ignore[8] = { (unsigned long) SIG_IGN };
  /* Not through libc, which keeps 32 for itself.  */
  syscall (SYS_rt_sigaction, SIGUSR1, ignore, NULL, 8);
  syscall (SYS_rt_sigaction, 32, ignore, NULL, 8);
  struct spawn_plan *plan
    = plan_with_output ("grep -E '^Sig(Blk|Ign)' /proc/self/status", &output);
  expect_output (plan, output, "SigBlk:\t0000000000000000\n"
		 "SigIgn:\t0000000000000000\n");
}
END_TEST

START_TEST (descriptors_0_1_2_are_dev_null_by_default)
{
  ck_assert_int_eq (run (fixture_shell_plan
			 (1, "for i in 0 1 2; do"
			  " test $(readlink /proc/$$/fd/$i) = /dev/null"
			  " || exit 1; done")), 0);
}
END_TEST

/* A file whose contents tell which one it is.  */
static int
tagged_file (char tag)
{
  int fd = memfd_create ("tag", MFD_CLOEXEC);
  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (pwrite (fd, &tag, 1, 0), 1);
  return fd;
}

/* Sources that lie where targets will be, in wrong order: a chain of dup2
   in place would lose some (weak spot).  */
START_TEST (no_descriptor_is_overwritten_before_its_turn)
{
  enum { COUNT = 52 };
  int output;
  char expected[COUNT + 1] = "";
  struct spawn_plan *plan = plan_with_output
    ("i=2; while test $((i += 1)) -lt 55; do head -c1 /proc/self/fd/$i; done",
     &output);
  plan->extra_fds = calloc (COUNT, sizeof *plan->extra_fds);
  plan->extra_count = COUNT;
  for (int i = 0; i < COUNT; i++)
    expected[i] = (char) (i < 26 ? 'a' + i : 'A' + i - 26);
  for (int i = 1; i <= COUNT; i++)
    {
      int target = i * 17 % (COUNT + 1) - 1;	/* 16, 33, 50, 14, ... */
      plan->extra_fds[target] = tagged_file (expected[target]);
    }
  ck_assert_int_lt (plan->extra_fds[16], COUNT + 3);
  expect_output (plan, output, expected);
}
END_TEST

/* The same with sources exactly on their own and each other's targets: 4
   becomes 0, 1 becomes 1 and 2, 0 becomes 3, 3 becomes 4.  In a process of
   its own, without check, which has descriptors there.  */
static _Noreturn void
spawn_from_low_descriptors (bool lows)
{
  static char stack[SPAWNER_STACK_SIZE];
  struct mailbox box;
  struct spawner spawner;
  char text[32] = "";
  int ends[2], status;
  int high[4] = { tagged_file ('z'), tagged_file ('t'), tagged_file ('f') };
  if (pipe2 (ends, O_CLOEXEC) < 0)
    _exit (2);
  high[3] = ends[1];
  for (int i = 0; i < 4; i++)
    high[i] = fcntl (high[i], F_DUPFD_CLOEXEC, 200);
  int input = fcntl (ends[0], F_DUPFD_CLOEXEC, 200);
  dup3 (high[0], 4, O_CLOEXEC);
  dup3 (high[1], 0, O_CLOEXEC);
  dup3 (high[2], 3, O_CLOEXEC);
  dup3 (high[3], 1, O_CLOEXEC);
  struct spawn_plan *plan = fixture_shell_plan
    (1, "for i in 0 3 4; do head -c1 /proc/self/fd/$i; done; echo >&2");
  plan->input_fd = 4;
  plan->output_fd = 1;
  plan->extra_fds = calloc (2, sizeof *plan->extra_fds);
  plan->extra_fds[0] = 0;
  plan->extra_fds[1] = 3;
  plan->extra_count = 2;
  if (mailbox_open (&box) < 0)
    _exit (3);
  spawner_init (&spawner, &box);
  spawner_run (&spawner, plan, lows ? spawner.lows[1] : NULL, stack);
  if (plan->step != SPAWN_NONE || waitpid (plan->pid, &status, 0) < 0
      || status != 0)
    _exit (4);
  _exit (read (input, text, sizeof text - 1) == 4
	 && strcmp (text, "ztf\n") == 0 ? 0 : 5);
}

START_TEST (low_descriptors_may_be_sources)
{
  if (fixture_fork (&fixture) == 0)
    spawn_from_low_descriptors (_i == 1);
  ck_assert_int_eq (fixture_join (&fixture), 0);
}
END_TEST

/* Also those that somebody opened without O_CLOEXEC.  */
START_TEST (no_other_descriptor_is_inherited)
{
  int output;
  int leak = fcntl (0, F_DUPFD, 100);
  struct spawn_plan *plan = plan_with_output
    ("for f in /proc/$$/fd/*; do echo ${f##*/}; done", &output);
  plan->extra_fds = malloc (sizeof *plan->extra_fds);
  plan->extra_fds[0] = tagged_file ('x');
  plan->extra_count = 1;
  ck_assert_int_eq (run (plan), 0);
  char *text = fixture_read (output);
  /* 4 is the shell's, for the directory.  */
  ck_assert_str_eq (text, "0\n1\n2\n3\n4\n");
  free (text);
  close (leak);
}
END_TEST

START_TEST (a_logged_process_gets_a_pipe_to_the_logger)
{
  char line[64];
  struct spawn_plan *plan = fixture_shell_plan (1, "echo to; echo log >&2");
  plan->logged = true;
  plan->log_with_pid = true;
  plan->log_prefix = strdup ("sh");
  plan->ring = 12;
  plan->history = 20;
  fixture_spawn (&fixture, plan);
  pid_t pid = expect_spawned (1);
  struct log_attach_message *attach = (struct log_attach_message *)
    fixture_expect (&fixture.logger, MESSAGE_LOG_ATTACH);
  snprintf (line, sizeof line, "sh[%d] ", (int) pid);
  ck_assert_str_eq (attach->prefix, line);
  ck_assert_str_eq (attach->path, "");
  ck_assert_uint_eq (attach->ring, 12);
  ck_assert_uint_eq (attach->history, 20);
  ck_assert_int_eq (attach->file_fd, -1);
  ck_assert_int_ne (fcntl (attach->fd, F_GETFL) & O_NONBLOCK, 0);
  ck_assert_int_eq (expect_exit (pid), 0);
  char *text = fixture_read (attach->fd);
  ck_assert_str_eq (text, "to\nlog\n");
  free (text);
  attach->fd = -1;
  message_free (&attach->header);
}
END_TEST

START_TEST (a_log_file_goes_to_the_logger)
{
  struct spawn_plan *plan = fixture_shell_plan (1, "exit 0");
  plan->logged = true;
  plan->log_prefix = strdup ("sh");
  plan->log_path = strdup ("/var/log/x");
  plan->log_file_fd = tagged_file ('l');
  int file = plan->log_file_fd;
  fixture_spawn (&fixture, plan);
  expect_exit (expect_spawned (1));
  struct log_attach_message *attach = (struct log_attach_message *)
    fixture_expect (&fixture.logger, MESSAGE_LOG_ATTACH);
  ck_assert_str_eq (attach->path, "/var/log/x");
  ck_assert_str_eq (attach->prefix, "");
  ck_assert_int_eq (attach->file_fd, file);
  message_free (&attach->header);
}
END_TEST

START_TEST (umask_and_limits_are_set)
{
  int output;
  struct spawn_plan *plan = plan_with_output ("umask; ulimit -n; ulimit -c",
					      &output);
  plan->set_umask = true;
  plan->umask = 027;
  plan->limits = calloc (2, sizeof *plan->limits);
  plan->limits[0] = (struct spawn_limit) { RLIMIT_NOFILE, { 123, 124 } };
  plan->limits[1] = (struct spawn_limit) { RLIMIT_CORE, { 0, 0 } };
  plan->limit_count = 2;
  expect_output (plan, output, "0027\n123\n0\n");
}
END_TEST

/* The core takes all descriptors that it may have, for itself.  */
START_TEST (services_get_the_usual_limit_of_descriptors)
{
  int output;
  char expected[64];
  struct rlimit limit;
  ck_assert_int_eq (getrlimit (RLIMIT_NOFILE, &limit), 0);
  ck_assert_uint_eq (limit.rlim_cur, limit.rlim_max);
  fixture_park (&fixture);
  limit.rlim_cur = 512;
  ck_assert_int_eq (setrlimit (RLIMIT_NOFILE, &limit), 0);
  fixture_start (&fixture);
  snprintf (expected, sizeof expected, "512\n%llu\n",
	    (unsigned long long) limit.rlim_max);
  struct spawn_plan *plan = plan_with_output ("ulimit -Sn; ulimit -Hn",
					      &output);
  expect_output (plan, output, expected);
}
END_TEST

START_TEST (a_service_may_have_fewer_descriptors_than_we_have_open)
{
  int fds[500], output;
  struct rlimit limit;
  stop ();
  ck_assert_int_eq (getrlimit (RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = 64;
  ck_assert_int_eq (setrlimit (RLIMIT_NOFILE, &limit), 0);
  start ();
  for (int i = 0; i < 500; i++)
    fds[i] = fcntl (0, F_DUPFD_CLOEXEC, 0);
  struct spawn_plan *plan = plan_with_output ("ulimit -n", &output);
  plan->extra_fds = malloc (sizeof *plan->extra_fds);
  plan->extra_fds[0] = tagged_file ('x');
  plan->extra_count = 1;
  expect_output (plan, output, "64\n");
  plan = plan_with_output ("ulimit -n", &output);
  plan->limits = calloc (1, sizeof *plan->limits);
  plan->limits[0] = (struct spawn_limit) { RLIMIT_NOFILE, { 32, 32 } };
  plan->limit_count = 1;
  expect_output (plan, output, "32\n");
  for (int i = 0; i < 500; i++)
    close (fds[i]);
}
END_TEST

START_TEST (user_group_and_groups_are_set)
{
  int output;
  if (getuid () != 0)
    return;
  struct spawn_plan *plan
    = plan_with_output ("id -u; id -g; id -G; grep ^Uid /proc/self/status",
			&output);
  plan->set_uid = plan->set_gid = plan->set_groups = true;
  plan->uid = 4001;
  plan->gid = 4002;
  plan->groups = calloc (2, sizeof *plan->groups);
  plan->groups[0] = 4003;
  plan->groups[1] = 4004;
  plan->group_count = 2;
  expect_output (plan, output, "4001\n4002\n4002 4003 4004\n"
		 "Uid:\t4001\t4001\t4001\t4001\n");
  ck_assert_int_eq (getuid (), 0);
  ck_assert_int_eq (geteuid (), 0);
}
END_TEST

START_TEST (a_missing_program_is_told)
{
  const char *argv[] = { "/nonexistent/program", NULL };
  expect_failure (fixture_plan (5, argv), SPAWN_EXEC, ENOENT);
}
END_TEST

START_TEST (a_program_that_may_not_be_executed_is_told)
{
  const char *argv[] = { "/etc/passwd", NULL };
  expect_failure (fixture_plan (5, argv), SPAWN_EXEC, EACCES);
}
END_TEST

START_TEST (candidates_are_tried_in_order)
{
  struct spawn_plan *plan = fixture_shell_plan (1, "exit 9");
  plan->candidates = realloc (plan->candidates,
			      5 * sizeof *plan->candidates);
  free (plan->candidates[0]);
  plan->candidates[0] = strdup ("/etc/passwd");
  plan->candidates[1] = strdup ("/etc/passwd/sh");
  plan->candidates[2] = strdup ("/nonexistent/sh");
  plan->candidates[3] = strdup ("/bin/sh");
  plan->candidates[4] = NULL;
  ck_assert_int_eq (run (plan), 9 << 8);
  plan = fixture_shell_plan (1, "exit 9");	/* an empty PATH */
  free (plan->candidates[0]);
  plan->candidates[0] = NULL;
  expect_failure (plan, SPAWN_EXEC, ENOENT);
}
END_TEST

START_TEST (a_script_without_interpreter_goes_to_the_shell)
{
  int output;
  char name[100];
  const char *script = "echo \"$1 $2\"\n";
  fixture_temporary (name, sizeof name);
  int fd = mkstemp (name);
  ck_assert_int_eq (write (fd, script, strlen (script)),
		    (ssize_t) strlen (script));
  ck_assert_int_eq (fchmod (fd, 0700), 0);
  close (fd);
  struct spawn_plan *plan = plan_with_output ("two", &output);
  free (plan->candidates[0]);
  plan->candidates[0] = strdup (name);
  expect_output (plan, output, "-c two\n");
  unlink (name);
}
END_TEST

START_TEST (a_missing_directory_is_told)
{
  struct spawn_plan *plan = fixture_shell_plan (1, "");
  plan->directory = strdup ("/nonexistent");
  expect_failure (plan, SPAWN_DIRECTORY, ENOENT);
}
END_TEST

START_TEST (a_bad_limit_is_told)
{
  struct spawn_plan *plan = fixture_shell_plan (1, "");
  plan->limits = calloc (1, sizeof *plan->limits);
  plan->limits[0] = (struct spawn_limit) { RLIMIT_NOFILE, { 9, 8 } };
  plan->limit_count = 1;
  expect_failure (plan, SPAWN_LIMITS, EINVAL);
}
END_TEST

START_TEST (bad_descriptors_are_told)
{
  struct spawn_plan *plan = fixture_shell_plan (1, "");
  plan->input_fd = 999;
  expect_failure (plan, SPAWN_INPUT, EBADF);
  plan = fixture_shell_plan (1, "");
  plan->output_fd = 999;
  expect_failure (plan, SPAWN_OUTPUT, EBADF);
  plan = fixture_shell_plan (1, "");
  plan->extra_fds = malloc (sizeof *plan->extra_fds);
  plan->extra_fds[0] = 999;
  plan->extra_count = 1;
  expect_failure (plan, SPAWN_DESCRIPTORS, EBADF);
}
END_TEST

START_TEST (a_bad_identity_is_told)
{
  struct spawn_plan *plan;
  if (getuid () != 0)
    return;
  plan = fixture_shell_plan (1, "");
  plan->set_groups = true;
  plan->group_count = 1 << 20;
  plan->groups = calloc (plan->group_count, sizeof *plan->groups);
  expect_failure (plan, SPAWN_GROUPS, EINVAL);
  plan = fixture_shell_plan (1, "");
  plan->set_gid = true;
  plan->gid = (gid_t) -2;
  plan->set_uid = true;
  plan->uid = 4001;
  plan->limits = calloc (1, sizeof *plan->limits);
  ck_assert_int_eq (run (plan), 0);
}
END_TEST

START_TEST (a_user_that_we_may_not_become_is_told)
{
  if (getuid () == 0)
    {
      /* Root without the right to: only in this test's own process.  */
      stop ();
      unsetenv ("TMPDIR");
      ck_assert_int_eq (setgroups (0, NULL), 0);
      ck_assert_int_eq (setresgid (65534, 65534, 65534), 0);
      ck_assert_int_eq (setresuid (65534, 65534, 65534), 0);
      start ();
    }
  struct spawn_plan *plan = fixture_shell_plan (1, "");
  plan->set_uid = true;
  plan->uid = 0;
  expect_failure (plan, SPAWN_USER, EPERM);
  plan = fixture_shell_plan (1, "");
  plan->set_gid = true;
  expect_failure (plan, SPAWN_GROUP, EPERM);
  plan = fixture_shell_plan (1, "");
  plan->set_groups = true;
  expect_failure (plan, SPAWN_GROUPS, EPERM);
}
END_TEST

START_TEST (running_out_of_descriptors_is_told)
{
  int fds[4096];
  size_t count = 0;
  struct rlimit limit = { 80, 80 };
  ck_assert_int_eq (setrlimit (RLIMIT_NOFILE, &limit), 0);
  struct spawn_plan *plan = fixture_shell_plan (1, "");
  plan->logged = true;
  while ((fds[count] = fcntl (0, F_DUPFD_CLOEXEC, 0)) >= 0)
    count++;
  expect_failure (plan, SPAWN_PIPE, EMFILE);
  while (count > 0)
    close (fds[--count]);
  ck_assert_int_eq (run (fixture_shell_plan (2, "")), 0);
}
END_TEST

START_TEST (running_out_of_processes_is_told)
{
  struct rlimit before, limit;
  if (getuid () == 0)
    {
      stop ();
      unsetenv ("TMPDIR");
      ck_assert_int_eq (setresgid (65533, 65533, 65533), 0);
      ck_assert_int_eq (setresuid (65533, 65533, 65533), 0);
      start ();
    }
  ck_assert_int_eq (getrlimit (RLIMIT_NPROC, &before), 0);
  limit = (struct rlimit) { 0, before.rlim_max };
  ck_assert_int_eq (setrlimit (RLIMIT_NPROC, &limit), 0);
  expect_failure (fixture_shell_plan (1, ""), SPAWN_CLONE, EAGAIN);
  ck_assert_int_eq (setrlimit (RLIMIT_NPROC, &before), 0);
}
END_TEST

START_TEST (a_failed_spawn_leaves_no_zombie_and_no_exit)
{
  const char *argv[] = { "/nonexistent/program", NULL };
  for (uint64_t i = 1; i <= 50; i++)
    expect_failure (fixture_plan (i, argv), SPAWN_EXEC, ENOENT);
  /* Its exit would have come before that of this one.  */
  ck_assert_int_eq (run (fixture_shell_plan (99, "exit 1")), 1 << 8);
  ck_assert (fixture_is_quiet (&fixture, &fixture.interpreter));
}
END_TEST

/* Shorter-lived than the core needs to hear of the exec.  */
START_TEST (an_early_exit_comes_after_its_spawn)
{
  enum { COUNT = 300 };
  static pid_t pids[COUNT + 1];
  const char *argv[] = { "/bin/true", NULL };
  for (uint64_t i = 1; i <= COUNT; i++)
    fixture_spawn (&fixture, fixture_plan (i, argv));
  for (int spawned = 0, exited = 0; spawned + exited < 2 * COUNT;)
    {
      struct number_message *message = (struct number_message *)
	fixture_next (&fixture.interpreter);
      if (message->header.kind == MESSAGE_SPAWNED)
	{
	  ck_assert_int_eq (pids[message->id], 0);
	  pids[message->id] = (pid_t) message->a;
	  spawned++;
	}
      else
	{
	  ck_assert_int_eq (message->header.kind, MESSAGE_EXITED);
	  ck_assert_int_eq (message->b, 0);
	  int i = 1;
	  while (i <= COUNT && pids[i] != message->a)
	    i++;
	  ck_assert_msg (i <= COUNT, "exit of a pid that was not told");
	  pids[i] = -1;		/* the number may come again */
	  exited++;
	}
      message_free (&message->header);
    }
}
END_TEST

START_TEST (a_thousand_processes_start_and_end_together)
{
  enum { COUNT = 1000 };
  static pid_t pids[COUNT];
  const char *argv[] = { "/bin/sleep", "1000", NULL };
  for (uint64_t i = 0; i < COUNT; i++)
    fixture_spawn (&fixture, fixture_plan (i + 1, argv));
  for (uint64_t i = 0; i < COUNT; i++)
    {
      struct number_message *message
	= fixture_expect (&fixture.interpreter, MESSAGE_SPAWNED);
      ck_assert_int_eq (pids[message->id - 1], 0);
      pids[message->id - 1] = (pid_t) message->a;
      message_free (&message->header);
    }
  for (uint64_t i = 0; i < COUNT; i++)
    fixture_send_number (&fixture, MESSAGE_KILL, i, pids[i], SIGKILL);
  for (int killed = 0, exited = 0; killed + exited < 2 * COUNT;)
    {
      struct number_message *message = (struct number_message *)
	fixture_next (&fixture.interpreter);
      if (message->header.kind == MESSAGE_KILLED)
	{
	  ck_assert_int_eq (message->a, 0);
	  killed++;
	}
      else
	{
	  ck_assert_int_eq (message->header.kind, MESSAGE_EXITED);
	  ck_assert_int_eq (message->b, SIGKILL);
	  exited++;
	}
      message_free (&message->header);
    }
}
END_TEST

/* A plan whose child has so much to do before its exec that it can be
   stopped there; which stands for one that hangs, in a directory on a dead
   server for instance.  */
static struct spawn_plan *
slow_plan (uint64_t id)
{
  enum { COUNT = 1000000 };
  struct spawn_plan *plan = fixture_shell_plan (id, "exit 0");
  plan->limits = calloc (COUNT, sizeof *plan->limits);
  for (int i = 0; i < COUNT; i++)
    plan->limits[i] = (struct spawn_limit) { RLIMIT_CORE, { 0, 0 } };
  plan->limit_count = COUNT;
  return plan;
}

START_TEST (children_that_hang_do_not_keep_others_from_starting)
{
  enum { HANGING = 4 };
  pid_t pids[HANGING + 1];
  struct number_message *message;
  for (uint64_t i = 1; i <= HANGING; i++)
    {
      struct spawn_plan *plan = slow_plan (i);
      fixture_spawn (&fixture, plan);
      /* Valid until the plan is carried out, which the stop prevents.  */
      while ((pids[i] = plan->pid) == 0)
	sched_yield ();
      kill (pids[i], SIGSTOP);
    }
  fixture_spawn (&fixture, fixture_shell_plan (9, "exit 9"));
  /* What comes from the others came too early for the stop.  */
  bool done = false;
  while (!done)
    {
      message = (struct number_message *) fixture_next (&fixture.interpreter);
      done = message->header.kind == MESSAGE_EXITED && message->b == 9 << 8;
      message_free (&message->header);
    }
  for (uint64_t i = 1; i <= HANGING; i++)
    kill (pids[i], SIGCONT);
}
END_TEST

/* With patience, success alone does not ring.  */
START_TEST (a_patient_signal_rings_only_for_its_failure)
{
  fixture_settle (&fixture);
  mailbox_look (&fixture.interpreter);
  fixture_send_number (&fixture, MESSAGE_KILL_PATIENTLY, 1, getpid (), 0);
  while (mailbox_waiting (&fixture.interpreter) == 0)
    sched_yield ();
  ck_assert (!mailbox_rung (&fixture.interpreter));
  fixture_send_number (&fixture, MESSAGE_KILL_PATIENTLY, 2, -INT_MAX, 0);
  for (int64_t id = 1; id <= 2; id++)
    {
      struct number_message *killed
	= fixture_expect (&fixture.interpreter, MESSAGE_KILLED);
      ck_assert_int_eq (killed->id, id);
      ck_assert_int_eq (killed->a, id == 1 ? 0 : ESRCH);
      message_free (&killed->header);
    }
}
END_TEST

START_TEST (a_reaped_process_is_not_signalled)
{
  fixture_spawn (&fixture, fixture_shell_plan (1, "exit 0"));
  pid_t pid = expect_spawned (1);
  expect_exit (pid);
  kill_process (pid, SIGTERM, ESRCH);
  kill_process (0, SIGTERM, EINVAL);
  kill_process (-1, SIGTERM, EINVAL);
}
END_TEST

START_TEST (a_group_is_signalled_even_without_its_leader)
{
  int output;
  struct spawn_plan *plan
    = plan_with_output ("sleep 1000 & echo; exec >&-; exit 0", &output);
  plan->new_session = true;
  fixture_spawn (&fixture, plan);
  pid_t pid = expect_spawned (1);
  expect_exit (pid);
  kill_process (-pid, SIGKILL, 0);
  free (fixture_read (output));	/* ends when the sleep is gone */
  /* Reaped, too, by adoption; then the group is no more.  */
  int64_t until = fixture_clock () + FIXTURE_DEADLINE;
  while (kill (-pid, 0) == 0 && fixture_clock () < until)
    sched_yield ();
  kill_process (-pid, SIGKILL, ESRCH);
}
END_TEST

START_TEST (an_unknown_process_is_gone_at_once)
{
  fixture_send_number (&fixture, MESSAGE_WATCH_PROCESS, 0, 4194303, 0);
  ck_assert_int_eq (expect_exit (4194303), 0);
  fixture_send_number (&fixture, MESSAGE_WATCH_PROCESS, 0, -5, 0);
  ck_assert_int_eq (expect_exit (-5), 0);
}
END_TEST

START_TEST (an_adopted_process_is_watched_with_its_status)
{
  char text[32] = "";
  int output;
  struct spawn_plan *plan = plan_with_output
    ("(read x < /proc/self/fd/3; exit 7) & echo $!; exit 0", &output);
  int ends[2];
  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
  plan->extra_fds = malloc (sizeof *plan->extra_fds);
  plan->extra_fds[0] = ends[0];
  plan->extra_count = 1;
  fixture_spawn (&fixture, plan);
  pid_t parent = expect_spawned (1);
  ck_assert_int_eq (expect_exit (parent), 0);
  ck_assert_int_gt (read (output, text, sizeof text - 1), 0);
  pid_t pid = (pid_t) atoi (text);
  fixture_send_number (&fixture, MESSAGE_WATCH_PROCESS, 0, pid, 0);
  fixture_send_number (&fixture, MESSAGE_WATCH_PROCESS, 0, pid, 0);
  kill_process (pid, 0, 0);
  ck_assert_int_eq (write (ends[1], "\n", 1), 1);
  ck_assert_int_eq (expect_exit (pid), 7 << 8);
  kill_process (pid, SIGTERM, ESRCH);
  close (ends[1]);
  close (output);
}
END_TEST

/* Not our child at all: the child of a child that waits for it.  */
START_TEST (a_strange_process_is_watched_without_status)
{
  char text[32] = "";
  int output;
  fixture_spawn (&fixture, plan_with_output
		 ("sleep 1000 & echo $!; wait; exec sleep 1000", &output));
  pid_t parent = expect_spawned (1);
  ck_assert_int_gt (read (output, text, sizeof text - 1), 0);
  pid_t pid = (pid_t) atoi (text);
  fixture_send_number (&fixture, MESSAGE_WATCH_PROCESS, 0, pid, 0);
  kill_process (pid, SIGKILL, 0);
  ck_assert_int_eq (expect_exit (pid), 0);
  kill_process (parent, SIGKILL, 0);
  ck_assert_int_eq (expect_exit (parent), SIGKILL);
  close (output);
}
END_TEST

START_TEST (orphans_are_reaped)
{
  int output;
  fixture_spawn (&fixture, plan_with_output
		 ("(exec sleep 0.01) & echo $!; exit 0", &output));
  expect_exit (expect_spawned (1));
  char *text = fixture_read (output);	/* until the orphan ends */
  pid_t orphan = (pid_t) atoi (text);
  free (text);
  int64_t until = fixture_clock () + FIXTURE_DEADLINE;
  while (kill (orphan, 0) == 0 && fixture_clock () < until)
    sched_yield ();
  ck_assert_int_lt (fixture_clock (), until);
  ck_assert (fixture_is_quiet (&fixture, &fixture.interpreter));
}
END_TEST

START_TEST (signals_are_told)
{
  const int signals[] = { SIGHUP, SIGPWR, SIGINT, SIGTERM };
  for (int i = 0; i < 4; i++)
    {
      kill (getpid (), signals[i]);
      struct number_message *message
	= fixture_expect (&fixture.interpreter, MESSAGE_SIGNAL);
      ck_assert_int_eq (message->a, signals[i]);
      message_free (&message->header);
    }
}
END_TEST

/* As `daemonize' does it.  */
static void
fork_and_go_on (void)
{
  core_park (fixture.core);
  pid_t pid = fork ();
  ck_assert_int_ge (pid, 0);
  if (pid > 0)
    {
      int status;
      ck_assert_int_eq (waitpid (pid, &status, 0), pid);
      _exit (WIFEXITED (status) ? WEXITSTATUS (status) : 99);
    }
  ck_assert_int_eq (core_start (fixture.core), 0);
}

START_TEST (everything_goes_on_after_a_fork)
{
  fixture_spawn (&fixture, fixture_shell_plan (1, "exit 1"));
  expect_exit (expect_spawned (1));
  fork_and_go_on ();
  ck_assert_int_eq (run (fixture_shell_plan (2, "exit 2")), 2 << 8);
  kill (getpid (), SIGHUP);
  struct number_message *message
    = fixture_expect (&fixture.interpreter, MESSAGE_SIGNAL);
  ck_assert_int_eq (message->a, SIGHUP);
  message_free (&message->header);
  int fd = fixture_connect (&fixture);
  fixture_ask (fd, "status", "nothing");
  char *reply = fixture_read (fd);
  ck_assert_ptr_nonnull (strstr (reply, "service-not-found nothing"));
  free (reply);
  stop ();
  _exit (0);
}
END_TEST

/* A child of before the fork is somebody else's afterwards.  */
START_TEST (children_are_still_watched_after_a_fork)
{
  fixture_spawn (&fixture, fixture_shell_plan (1, "exec sleep 1000"));
  pid_t pid = expect_spawned (1);
  fork_and_go_on ();
  kill_process (pid, SIGKILL, 0);
  expect_exit (pid);
  stop ();
  _exit (0);
}
END_TEST

static Suite *
spawn_suite (void)
{
  Suite *suite = suite_create ("spawn");
  TCase *tcase = tcase_create ("spawn");
  tcase_add_checked_fixture (tcase, start, stop);
  tcase_add_test (tcase, a_process_starts_and_its_end_is_told);
  tcase_add_test (tcase, arguments_and_environment_are_as_planned);
  tcase_add_test (tcase, listen_pid_is_the_pid);
  tcase_add_test (tcase, a_session_is_new_only_if_wanted);
  tcase_add_test (tcase, no_signal_is_ignored_or_blocked);
  tcase_add_test (tcase, descriptors_0_1_2_are_dev_null_by_default);
  tcase_add_test (tcase, no_descriptor_is_overwritten_before_its_turn);
  tcase_add_loop_test (tcase, low_descriptors_may_be_sources, 0, 2);
  tcase_add_test (tcase, no_other_descriptor_is_inherited);
  tcase_add_test (tcase, a_logged_process_gets_a_pipe_to_the_logger);
  tcase_add_test (tcase, a_log_file_goes_to_the_logger);
  tcase_add_test (tcase, umask_and_limits_are_set);
  tcase_add_test (tcase, services_get_the_usual_limit_of_descriptors);
  tcase_add_test (tcase,
		  a_service_may_have_fewer_descriptors_than_we_have_open);
  tcase_add_test (tcase, user_group_and_groups_are_set);
  tcase_add_test (tcase, a_missing_program_is_told);
  tcase_add_test (tcase, a_program_that_may_not_be_executed_is_told);
  tcase_add_test (tcase, candidates_are_tried_in_order);
  tcase_add_test (tcase, a_script_without_interpreter_goes_to_the_shell);
  tcase_add_test (tcase, a_missing_directory_is_told);
  tcase_add_test (tcase, a_bad_limit_is_told);
  tcase_add_test (tcase, bad_descriptors_are_told);
  tcase_add_test (tcase, a_bad_identity_is_told);
  tcase_add_test (tcase, a_user_that_we_may_not_become_is_told);
  tcase_add_test (tcase, running_out_of_descriptors_is_told);
  tcase_add_test (tcase, running_out_of_processes_is_told);
  tcase_add_test (tcase, a_failed_spawn_leaves_no_zombie_and_no_exit);
  tcase_add_test (tcase, an_early_exit_comes_after_its_spawn);
  tcase_add_test (tcase, a_thousand_processes_start_and_end_together);
  tcase_add_test (tcase,
		  children_that_hang_do_not_keep_others_from_starting);
  tcase_add_test (tcase, a_patient_signal_rings_only_for_its_failure);
  tcase_add_test (tcase, a_reaped_process_is_not_signalled);
  tcase_add_test (tcase, a_group_is_signalled_even_without_its_leader);
  tcase_add_test (tcase, an_unknown_process_is_gone_at_once);
  tcase_add_test (tcase, an_adopted_process_is_watched_with_its_status);
  tcase_add_test (tcase, a_strange_process_is_watched_without_status);
  tcase_add_test (tcase, orphans_are_reaped);
  tcase_add_test (tcase, signals_are_told);
  tcase_add_test (tcase, everything_goes_on_after_a_fork);
  tcase_add_test (tcase, children_are_still_watched_after_a_fork);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  SRunner *runner = srunner_create (spawn_suite ());
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
