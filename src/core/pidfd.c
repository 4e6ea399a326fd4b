/* pidfd.c -- processes of others, watched by the core.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "inherit.h"
#include "room.h"

/* How often to look at a process that no pidfd could be had of.  */
#define PIDFD_RETRY CLOCK_SECOND

/* Get a pidfd of PROCESS.  0, -ESRCH if it is gone, or -errno.  */
static int
pidfd_open_for (struct core *core, struct process *process)
{
  int fd = (int) syscall (SYS_pidfd_open, process->pid, 0);
  if (fd < 0)
    return kill (process->pid, 0) < 0 && errno == ESRCH ? -ESRCH : -EAGAIN;
  int result = room_watch (core, fd, EPOLLIN, ROOM_PROCESS,
			   (uint64_t) process->pid);
  if (result < 0)
    close (fd);
  else
    process->pidfd = fd;
  return result;
}

/* A kernel thread has no program and is in group 0.  */
static bool
pidfd_is_kernel_thread (pid_t pid)
{
  char name[32], target[2];
  if (getpgid (pid) != 0)
    return false;
  snprintf (name, sizeof name, "/proc/%d/exe", (int) pid);
  return readlink (name, target, sizeof target) < 0 && errno == ENOENT;
}

/* Watch PROCESS, which was entered, through a pidfd; without one, look
   after it now and then.  */
static void
pidfd_watch_process (struct core *core, struct process *process)
{
  int result = pidfd_open_for (core, process);
  int status = 0;
  if (result == -ESRCH)
    {
      inherit_find_exit (process->pid, &status);
      process_end (core, process, status);
    }
  else if (result < 0)
    core->processes.retry = core->now + PIDFD_RETRY;
}

void
pidfd_watch (struct core *core, struct message *message)
{
  struct number_message *number = (struct number_message *) message;
  pid_t pid = (pid_t) number->a;
  bool possible = pid > 0 && pid < PROCESS_PID_END;
  struct process *process = possible ? process_find (core, pid) : NULL;
  if (process != NULL && !process->silent)
    {
      message_free (message);	/* its end will be told anyway */
      return;
    }
  if (process == NULL && possible && !pidfd_is_kernel_thread (pid)
      && (process = process_new ()) != NULL)
    {
      process->pid = pid;
      if (process_enter (core, process) == 0)
	{
	  message_free (message);
	  pidfd_watch_process (core, process);
	  return;
	}
      free (process);
    }
  message->kind = MESSAGE_EXITED;
  number->b = 0;
  room_tell (core, message);
}

void
pidfd_ready (struct core *core, pid_t pid)
{
  /* If it is a child by adoption, waitpid knows the status.  */
  process_signalled (core, pid);
  struct process *process = process_find (core, pid);
  if (process != NULL && !process->child)
    process_end (core, process, 0);
}

void
pidfd_expire (struct core *core)
{
  const struct table *known = &core->processes.known;
  size_t count = known->count;
  struct process *process;
  core->processes.retry = 0;
  for (size_t i = 0; (process = table_next (known, &i)) != NULL;)
    if (process->plan == NULL && !process->child && process->pidfd < 0)
      {
	pidfd_watch_process (core, process);
	if (known->count != count)
	  {
	    count = known->count;	/* it was gone: things have moved */
	    i = 0;
	  }
      }
}

void
pidfd_disown_children (struct core *core)
{
  struct process *process;
  for (size_t i = 0;
       (process = table_next (&core->processes.known, &i)) != NULL;)
    process->child = false;
  core->processes.retry = core->now;
}
