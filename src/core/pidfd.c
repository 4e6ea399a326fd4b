/* pidfd.c -- processes of others, watched by the core.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "pidfd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "room.h"

#ifndef SYS_pidfd_open
# define SYS_pidfd_open 434
#endif

/* How often to look at a process that no pidfd could be had of.  */
#define PIDFD_RETRY CLOCK_SECOND

/* Get a pidfd of PROCESS.  0, -ESRCH if it is gone, or -errno.  */
static int
pidfd_open_for (struct core *core, struct process *process)
{
  long fd = syscall (SYS_pidfd_open, process->pid, 0);
  if (fd < 0)
    return -errno;
  int result = room_watch (core, (int) fd, EPOLLIN, ROOM_PROCESS,
			   (uint64_t) process->pid);
  if (result < 0)
    close ((int) fd);
  else
    process->pidfd = (int) fd;
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
  if (result == 0)
    return;
  core->processes.blind++;
  if (result == -ESRCH)
    process_end (core, process, 0);
  else if (core->processes.retry == 0)
    core->processes.retry = core->now + PIDFD_RETRY;
}

void
pidfd_watch (struct core *core, struct number_message *message)
{
  pid_t pid = (pid_t) message->a;
  struct process *process = process_find (core, pid);
  if (process != NULL && !process->silent)
    {
      message_free (&message->header);	/* its end will be told anyway */
      return;
    }
  message->header.kind = MESSAGE_EXITED;
  message->b = 0;
  if (process == NULL && pid > 0 && !pidfd_is_kernel_thread (pid)
      && (process = process_new ()) != NULL)
    {
      process->pid = pid;
      process->exited = &message->header;
      if (process_enter (core, process) == 0)
	{
	  pidfd_watch_process (core, process);
	  return;
	}
      free (process);
    }
  room_tell (core, &message->header);
}

void
pidfd_ready (struct core *core, pid_t pid)
{
  /* If it is a child by adoption, waitpid knows the status.  */
  process_reap (core);
  struct process *process = process_find (core, pid);
  if (process != NULL && !process->child)
    process_end (core, process, 0);
}

int64_t
pidfd_deadline (const struct core *core)
{
  return core->processes.retry;
}

void
pidfd_expire (struct core *core)
{
  struct processes *processes = &core->processes;
  struct process *process, *gone = NULL;
  if (processes->retry == 0 || processes->retry > core->now)
    return;
  for (size_t i = 0; (process = table_next (&processes->known, &i)) != NULL;)
    if (!process->child && process->pidfd < 0)
      {
	int result = pidfd_open_for (core, process);
	if (result == 0)
	  processes->blind--;
	else if (result == -ESRCH
		 || (kill (process->pid, 0) < 0 && errno == ESRCH))
	  gone = process;
      }
  /* One a turn: the table may not change within the loop.  */
  if (gone != NULL)
    process_end (core, gone, 0);
  processes->retry = processes->blind == 0 ? 0
    : core->now + (gone != NULL ? 1 : PIDFD_RETRY);
}

void
pidfd_disown_children (struct core *core)
{
  struct process *process;
  for (size_t i = 0;
       (process = table_next (&core->processes.known, &i)) != NULL;)
    if (process->child)
      {
	process->child = false;
	core->processes.blind++;
      }
  if (core->processes.blind > 0)
    core->processes.retry = core->now;
}
