/* process.c -- the processes that the core knows.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "process.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "room.h"

/* A spawn takes milliseconds.  If none has landed for so long, children hang
   before their exec.  */
#define PROCESS_STUCK CLOCK_SECOND

void
process_init (struct core *core)
{
  table_init (&core->processes.flights);
  table_init (&core->processes.known);
}

static void
process_delete (struct process *process)
{
  if (process == NULL)
    return;
  if (process->pidfd >= 0)
    close (process->pidfd);
  message_free (process->spawned);
  message_free (process->exited);
  free (process);
}

void
process_free (struct core *core)
{
  struct processes *processes = &core->processes;
  struct table *tables[] = { &processes->flights, &processes->known };
  for (size_t t = 0; t < 2; t++)
    {
      struct process *process;
      for (size_t i = 0; (process = table_next (tables[t], &i)) != NULL;)
	process_delete (process);
      table_free (tables[t]);
    }
  reaped_free (&processes->reaped);
}

struct process *
process_find (const struct core *core, pid_t pid)
{
  return table_get (&core->processes.known, (uint64_t) pid);
}

struct process *
process_new (void)
{
  struct process *process = calloc (1, sizeof *process);
  if (process != NULL)
    process->pidfd = -1;
  return process;
}

int
process_enter (struct core *core, struct process *process)
{
  reaped_set (&core->processes.reaped, process->pid, false);
  return table_put (&core->processes.known, (uint64_t) process->pid, process);
}

/* Send *MESSAGE, about PID, to the interpreter.  */
static void
process_tell (struct core *core, struct message **message, pid_t pid,
	      int status)
{
  struct number_message *number = (struct number_message *) *message;
  if (number == NULL)
    return;
  number->a = pid;
  number->b = status;
  room_tell (core, *message);
  *message = NULL;
}

void
process_end (struct core *core, struct process *process, int status)
{
  table_remove (&core->processes.known, (uint64_t) process->pid);
  reaped_set (&core->processes.reaped, process->pid, true);
  if (process->child)
    state_remove_process (core->state, process->pid);
  else if (process->pidfd < 0)
    core->processes.blind--;
  else
    room_unwatch (core, process->pidfd);
  if (!process->silent)
    process_tell (core, &process->exited, process->pid, status);
  process_delete (process);
}

/* An entry for the flight of PLAN, with all the memory that it will need
   until its process is reaped.  NULL when there is not that much.  */
static struct process *
process_take_off (struct core *core, struct spawn_plan *plan)
{
  struct processes *processes = &core->processes;
  struct process *process = process_new ();
  if (process == NULL)
    return NULL;
  process->plan = plan;
  process->spawned = message_number (MESSAGE_SPAWNED, plan->id, 0, 0);
  process->exited = message_number (MESSAGE_EXITED, 0, 0, 0);
  if (process->spawned != NULL && process->exited != NULL
      && table_reserve (&processes->known, processes->flights.count + 1) == 0
      && table_put (&processes->flights, (uintptr_t) plan, process) == 0)
    return process;
  process_delete (process);
  return NULL;
}

void
process_spawn (struct core *core, struct message *message)
{
  struct spawn_plan *plan = ((struct spawn_message *) message)->plan;
  bool late = core->shutdown.phase >= SHUTDOWN_ALONE;
  if (!late && process_take_off (core, plan) != NULL)
    {
      outbox_post (&core->spawner.to_threads, message);
      if (core->processes.stuck == 0)
	core->processes.stuck = core->now + PROCESS_STUCK;
      return;
    }
  room_tell (core, room_number (core, MESSAGE_SPAWN_FAILED, plan->id,
				late ? SPAWN_CLONE : SPAWN_MEMORY,
				late ? ESHUTDOWN : ENOMEM));
  message_free (message);
}

/* Record the child of PLAN in the published state.  */
static void
process_publish (struct core *core, const struct spawn_plan *plan)
{
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  struct state_process process = {
    .pid = plan->pid, .plan = plan->id,
    .start_time = (int64_t) now.tv_sec * CLOCK_SECOND + now.tv_nsec,
    .service = plan->service == NULL ? "" : plan->service
  };
  int result = state_add_process (core->state, &process);
  if (result < 0)
    room_log (core, "Cannot record process %d of service '%s': %s.",
	      (int) process.pid, process.service, strerror (-result));
}

/* Give the new output pipe of PLAN to the logger.  */
static void
process_attach_log (struct core *core, struct spawn_plan *plan)
{
  char prefix[NAME_MAX + 32] = "";
  const char *name = plan->log_prefix == NULL ? "" : plan->log_prefix;
  const char *path = plan->log_path == NULL ? "" : plan->log_path;
  if (plan->pipe_fd < 0)
    return;
  if (path[0] == '\0' && plan->log_with_pid)
    snprintf (prefix, sizeof prefix, "%.*s[%d] ", NAME_MAX, name,
	      (int) plan->pid);
  else if (path[0] == '\0')
    snprintf (prefix, sizeof prefix, "[%.*s] ", NAME_MAX, name);
  struct message *message
    = message_log_attach (plan->pipe_fd, plan->log_file_fd, plan->ring,
			  plan->history, path, prefix);
  if (message == NULL)
    {
      room_log (core, "Out of memory: the output of process %d is lost.",
		(int) plan->pid);
      return;
    }
  plan->pipe_fd = plan->log_file_fd = -1;
  room_tell_logger (core, message);
}

/* PROCESS, whose flight is over, reached its exec.  */
static void
process_adopt (struct core *core, struct process *process)
{
  struct spawn_plan *plan = process->plan;
  process->pid = plan->pid;
  process->child = true;
  process_attach_log (core, plan);
  process_tell (core, &process->spawned, process->pid, 0);
  process_enter (core, process);	/* has room: cannot fail */
  if (process->ended)
    process_end (core, process, process->status);
  else
    process_publish (core, plan);
}

/* PROCESS, whose flight is over, failed before its exec.  If there was a
   child, it is still to be reaped; nobody has to know.  */
static void
process_crash (struct core *core, struct process *process)
{
  const struct spawn_plan *plan = process->plan;
  room_tell (core, room_number (core, MESSAGE_SPAWN_FAILED, plan->id,
				(int64_t) plan->step, plan->error));
  process->pid = plan->pid;
  process->child = process->silent = true;
  if (process->pid > 0 && !process->ended)
    process_enter (core, process);
  else
    process_delete (process);
}

void
process_spawn_done (struct core *core, struct message *message)
{
  struct spawn_plan *plan = ((struct spawn_message *) message)->plan;
  struct process *process = table_remove (&core->processes.flights,
					  (uintptr_t) plan);
  if (process != NULL && plan->step == SPAWN_NONE)
    process_adopt (core, process);
  else if (process != NULL)
    process_crash (core, process);
  message_free (message);
  core->processes.stuck = core->processes.flights.count == 0 ? 0
    : core->now + PROCESS_STUCK;
}

int64_t
process_deadline (const struct core *core)
{
  return core->processes.stuck;
}

void
process_expire (struct core *core)
{
  struct processes *processes = &core->processes;
  if (processes->stuck == 0 || processes->stuck > core->now)
    return;
  /* A thread for each one that waits, as far as they go.  */
  bool waiting = processes->flights.count > core->spawner.running;
  processes->stuck = waiting && spawner_grow (&core->spawner) != -EAGAIN
    ? core->now + PROCESS_STUCK : 0;
}

/* The flight whose process is PID and was not reaped yet, or NULL.  */
static struct process *
process_find_flight (const struct core *core, pid_t pid)
{
  struct process *process;
  for (size_t i = 0;
       (process = table_next (&core->processes.flights, &i)) != NULL;)
    if (!process->ended && process->plan->pid == pid)
      return process;
  return NULL;
}

/* PID was reaped.  */
static void
process_reaped (struct core *core, pid_t pid, int status)
{
  struct process *process = process_find (core, pid);
  if (process != NULL)
    process_end (core, process, status);
  else if ((process = process_find_flight (core, pid)) != NULL)
    {
      process->ended = true;
      process->status = status;
    }
  else
    core->processes.orphans++;
}

bool
process_reap (struct core *core)
{
  for (;;)
    {
      int status;
      pid_t pid = waitpid (-1, &status, WNOHANG);
      if (pid == 0)
	return true;
      if (pid < 0 && errno != EINTR)
	return false;
      if (pid > 0)
	process_reaped (core, pid, status);
    }
}

/* May PID, as for kill(2), be signalled?  Not when it was ours and is gone:
   the number may mean somebody else by now.  Number P is not given to a new
   process while there is a group P, so if P lives again its group is new.
   0 or an errno.  */
static int
process_check_target (struct core *core, pid_t pid)
{
  if (pid == 0 || pid == -1 || pid == INT_MIN)
    return EINVAL;
  pid_t leader = pid < 0 ? -pid : pid;
  if (process_find (core, leader) != NULL
      || !reaped_get (&core->processes.reaped, leader))
    return 0;
  return pid > 0 || kill (leader, 0) == 0 || errno == EPERM ? ESRCH : 0;
}

void
process_kill (struct core *core, struct number_message *message)
{
  pid_t pid = (pid_t) message->a;
  int signum = (int) message->b;
  int error = process_check_target (core, pid);
  if (error == 0 && kill (pid, signum) < 0)
    error = errno;
  /* The question becomes the answer: no memory to run out of.  */
  message->header.kind = MESSAGE_KILLED;
  message->a = error;
  message->b = 0;
  room_tell (core, &message->header);
}

size_t
process_signal_all (struct core *core, int signum)
{
  struct process *process;
  size_t count = 0;
  for (size_t i = 0;
       (process = table_next (&core->processes.known, &i)) != NULL;)
    {
      pid_t group = getpgid (process->pid);
      bool own = group <= 1 || group == getpgrp ();
      count++;
      kill (own ? process->pid : -group, signum);
    }
  return count;
}
