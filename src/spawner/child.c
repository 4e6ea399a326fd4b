/* child.c -- the child between its birth and exec.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Everything here runs in a child that shares memory with the daemon; see
   child_run for what that forbids.  */

#include <config.h>

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sanitizers count on one address space for each process.  ThreadSanitizer
   keeps notes of descriptors, too, hence raw system calls for those.  */
#define CHILD \
  __attribute__ ((no_sanitize ("address", "undefined", "thread")))

#ifndef CLOSE_RANGE_CLOEXEC
# define CLOSE_RANGE_UNSHARE (1U << 1)
# define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif
#ifndef SYS_close_range
# define SYS_close_range 436
#endif

/* CHILD.  Leave the error of the STEP that failed in PLAN, and end.  */
CHILD static _Noreturn void
child_fail (struct spawn_plan *plan, enum spawn_step step, int error)
{
  plan->error = error;
  plan->step = step;
  for (;;)
    syscall (SYS_exit_group, 127);
}

/* CHILD.  Default disposition for every signal, the ignored ones too, also
   those that libc keeps for itself.  They are still blocked: no handler of
   the daemon can run here.  */
CHILD static void
child_reset_signals (void)
{
  /* The kernel's struct sigaction, whatever its members are called, is all
     zeros for SIG_DFL.  */
  static const unsigned long action[8];
  for (int signum = 1; signum < NSIG; signum++)
    syscall (SYS_rt_sigaction, signum, action, NULL, NSIG / 8);
}

/* CHILD.  */
CHILD static void
child_unblock_signals (void)
{
  sigset_t none;
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

/* CHILD.  Set the limits of the plan: if DESCRIPTORS those of descriptors,
   else the others.  */
CHILD static void
child_set_limits (struct spawn_plan *plan, bool descriptors)
{
  for (size_t i = 0; i < plan->limit_count; i++)
    if ((plan->limits[i].resource == RLIMIT_NOFILE) == descriptors
	&& setrlimit (plan->limits[i].resource, &plan->limits[i].limit) < 0)
      child_fail (plan, SPAWN_LIMITS, errno);
}

/* CHILD.  Which step descriptor TARGET belongs to.  */
CHILD static enum spawn_step
child_descriptor_step (size_t target)
{
  return target == 0 ? SPAWN_INPUT
    : target <= 2 ? SPAWN_OUTPUT : SPAWN_DESCRIPTORS;
}

/* CHILD.  FD if it is one, else /dev/null.  */
CHILD static int
child_open (struct spawn_plan *plan, enum spawn_step step, int fd, int flags)
{
  if (fd < 0)
    fd = (int) syscall (SYS_openat, AT_FDCWD, "/dev/null",
			flags | O_CLOEXEC);
  if (fd < 0)
    child_fail (plan, step, errno);
  return fd;
}

/* CHILD.  Stop sharing the table of descriptors with the daemon.  */
CHILD static void
child_unshare_descriptors (const struct child *child)
{
  if (child->table_end > 0
      && syscall (SYS_close_range, child->table_end, ~0U,
		  CLOSE_RANGE_UNSHARE) < 0
      && syscall (SYS_unshare, CLONE_FILES) < 0)
    child_fail (child->plan, SPAWN_DESCRIPTORS, errno);
}

/* CHILD.  Make descriptors 0, 1, 2, ... of what the plan says.  A source
   that lies where some target will be is moved up first, so that none is
   overwritten before its turn.  */
CHILD static void
child_set_descriptors (const struct child *child)
{
  struct spawn_plan *plan = child->plan;
  size_t count = 3 + plan->extra_count;
  int *sources = child->sources;
  child_unshare_descriptors (child);
  sources[0] = child_open (plan, SPAWN_INPUT, sources[0], O_RDONLY);
  sources[1] = child_open (plan, SPAWN_OUTPUT, sources[1], O_WRONLY);
  sources[2] = sources[1];
  for (size_t i = 0; i < count; i++)
    if (sources[i] < (int) count && sources[i] != (int) i)
      {
	sources[i] = (int) syscall (SYS_fcntl, sources[i], F_DUPFD_CLOEXEC,
				    count);
	if (sources[i] < 0)
	  child_fail (plan, child_descriptor_step (i), errno);
      }
  for (size_t i = 0; i < count; i++)
    if ((sources[i] == (int) i ? fcntl ((int) i, F_SETFD, 0)
	 : syscall (SYS_dup3, sources[i], (int) i, 0)) < 0)
      child_fail (plan, child_descriptor_step (i), errno);
  /* Nothing else goes along, whoever opened it.  */
  syscall (SYS_close_range, (unsigned int) count, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* CHILD.  Groups, group, user: in this order, for the last one takes the
   right to change the others.  libc's functions would change the daemon's
   threads.  */
CHILD static void
child_set_identity (struct spawn_plan *plan)
{
  if (plan->set_groups
      && syscall (SYS_setgroups, plan->group_count, plan->groups) < 0)
    child_fail (plan, SPAWN_GROUPS, errno);
  if (plan->set_gid
      && syscall (SYS_setresgid, plan->gid, plan->gid, plan->gid) < 0)
    child_fail (plan, SPAWN_GROUP, errno);
  if (plan->set_uid
      && syscall (SYS_setresuid, plan->uid, plan->uid, plan->uid) < 0)
    child_fail (plan, SPAWN_USER, errno);
}

/* CHILD.  Complete the environment's "LISTEN_PID=".  */
CHILD static void
child_set_listen_pid (char *entry)
{
  char digits[20];
  size_t count = 0;
  unsigned long pid = (unsigned long) syscall (SYS_getpid);
  do
    digits[count++] = (char) ('0' + pid % 10);
  while ((pid /= 10) > 0);
  while (*entry != '=')
    entry++;
  while (count > 0)
    *++entry = digits[--count];
  entry[1] = '\0';
}

/* CHILD.  A script without interpreter line goes to the shell, as with
   execvp.  Returns if that fails.  */
CHILD static void
child_exec_shell (const struct child *child, char *file)
{
  static char shell[] = "/bin/sh";
  char **argv = child->plan->argv, **shell_argv = child->shell_argv;
  shell_argv[0] = shell;
  shell_argv[1] = file;
  size_t i = 1;
  if (argv[0] != NULL)
    for (; argv[i] != NULL; i++)
      shell_argv[i + 1] = argv[i];
  shell_argv[i + 1] = NULL;
  execve (shell, shell_argv, child->plan->envp);
}

/* CHILD.  Try the candidates in turn, as execvp does with PATH.  */
CHILD static _Noreturn void
child_exec (const struct child *child)
{
  struct spawn_plan *plan = child->plan;
  int error = ENOENT;
  for (char **file = plan->candidates; *file != NULL; file++)
    {
      execve (*file, plan->argv, plan->envp);
      if (errno == ENOEXEC)
	child_exec_shell (child, *file);
      if (errno == EACCES)
	error = EACCES;		/* worth telling unless a later one works */
      else if (errno != ENOENT && errno != ENOTDIR && errno != ESTALE
	       && errno != ENODEV && errno != ETIMEDOUT)
	child_fail (plan, SPAWN_EXEC, errno);
      else if (errno != ENOENT && error == ENOENT)
	error = errno;
    }
  child_fail (plan, SPAWN_EXEC, error);
}

CHILD int
child_run (void *argument)
{
  const struct child *child = argument;
  struct spawn_plan *plan = child->plan;
  child_reset_signals ();
  if (plan->new_session && setsid () < 0)
    child_fail (plan, SPAWN_SESSION, errno);
  child_set_limits (plan, false);
  if (plan->directory != NULL && chdir (plan->directory) < 0)
    child_fail (plan, SPAWN_DIRECTORY, errno);
  if (plan->listen_pid != NULL)
    child_set_listen_pid (plan->listen_pid);
  child_set_descriptors (child);
  /* Now that all are low: the daemon may have many more open than a service
     may.  */
  if (child->descriptors.rlim_max > 0)
    setrlimit (RLIMIT_NOFILE, &child->descriptors);
  child_set_limits (plan, true);
  child_set_identity (plan);
  if (plan->set_umask)
    umask (plan->umask);
  child_unblock_signals ();
  child_exec (child);
}
