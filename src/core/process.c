/* process.c -- the processes that the core knows.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "process.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "inherit.h"
#include "room.h"

/* A spawn takes milliseconds.  If none has landed for so long, children hang
   before their exec.  */
#define PROCESS_STUCK CLOCK_SECOND

/* To look for a child that has ended, the kernel goes through all of them.
   How long to do so at a time, and for how many times as long not to: should
   thousands end, it must not be done for each.  */
#define PROCESS_SEARCH_MAX (20 * CLOCK_MILLISECOND)
#define PROCESS_REST 4

void
process_free (struct core *core)
{
  struct process *process;
  for (size_t i = 0;
       (process = table_next (&core->processes.known, &i)) != NULL;)
    {
      poller_close (core->epoll_fd, &process->pidfd);
      free (process);
    }
  table_free (&core->processes.known);
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

/* Note whether PID is gone, for process_check_target.  */
static void
process_note (struct core *core, pid_t pid, bool gone)
{
  if (pid <= 0 || pid >= PROCESS_PID_END)
    return;
  unsigned char *byte = &core->processes.gone[pid / 8], bit = 1 << pid % 8;
  *byte = (unsigned char) (gone ? *byte | bit : *byte & ~bit);
}

int
process_enter (struct core *core, struct process *process)
{
  process_note (core, process->pid, false);
  return table_put (&core->processes.known, (uint64_t) process->pid, process);
}

void
process_end (struct core *core, struct process *process, int status)
{
  table_remove (&core->processes.known, (uint64_t) process->pid);
  process_note (core, process->pid, true);
  state_remove_process (core->state, process->pid);
  poller_close (core->epoll_fd, &process->pidfd);
  if (process->silent)
    free (process);
  else
    {
      process->exited = (struct number_message)
	{ .header.kind = MESSAGE_EXITED, .a = process->pid, .b = status };
      room_tell (core, &process->exited.header);
    }
}

/* MESSAGE becomes its own answer: no memory to run out of.  */
static void
process_answer (struct core *core, struct spawn_message *message,
		enum message_kind kind, int64_t a, int64_t b)
{
  uint64_t id = message->plan->id;
  spawn_plan_free (message->plan);
  message->answer = (struct number_message) { { kind, NULL }, id, a, b };
  room_tell (core, &message->answer.header);
}

/* Enter the flight of PLAN, with all the memory that it will need until its
   process is reaped.  False when there is not that much.  */
static bool
process_take_off (struct core *core, struct spawn_plan *plan)
{
  struct processes *processes = &core->processes;
  struct process *process = process_new ();
  if (process == NULL
      || table_put (&processes->known, (uintptr_t) plan, process) < 0)
    {
      free (process);
      return false;
    }
  process->plan = plan;
  processes->flights++;
  if (processes->stuck == 0)
    processes->stuck = core->now + PROCESS_STUCK;
  return true;
}

void
process_spawn (struct core *core, struct message *message)
{
  struct spawn_message *spawn = (struct spawn_message *) message;
  if (core->shutdown.phase >= SHUTDOWN_ALONE)
    process_answer (core, spawn, MESSAGE_SPAWN_FAILED, SPAWN_CLONE,
		    ESHUTDOWN);
  else if (process_take_off (core, spawn->plan))
    spawner_post (&core->spawner, message);
  else
    process_answer (core, spawn, MESSAGE_SPAWN_FAILED, SPAWN_MEMORY, ENOMEM);
}

void
process_spawn_later (struct core *core, struct message *message)
{
  message->kind = MESSAGE_SPAWN;
  spawner_post (&core->spawner, message);
}

void
process_record (struct core *core, struct state_process process)
{
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  process.start_time = (int64_t) now.tv_sec * CLOCK_SECOND + now.tv_nsec;
  room_check (core, state_add_process (core->state, &process),
	      R_("Cannot record a process of service '%s': %s."),
	      process.service);
}

static void
process_record_plan (struct core *core, const struct spawn_plan *plan)
{
  process_record (core, (struct state_process) {
    .pid = plan->pid, .plan = plan->id,
    .service = plan->service == NULL ? "" : plan->service,
    .ring = plan->ring,
    .log_path = plan->log_path == NULL ? "" : plan->log_path
  });
}

/* Give the new output pipe of PLAN to the logger.  */
static void
process_attach_log (struct core *core, struct spawn_plan *plan)
{
  char prefix[SPAWN_PREFIX_SIZE];
  const char *name = plan->log_prefix == NULL ? "" : plan->log_prefix;
  const char *path = plan->log_path == NULL ? "" : plan->log_path;
  if (plan->pipe_fd < 0)
    return;
  spawn_log_prefix (prefix, path, name, plan->log_with_pid, plan->pid);
  struct message *message
    = message_log_attach (plan->pipe_fd, plan->log_file_fd, plan->ring,
			  plan->history, path, prefix);
  if (message == NULL)
    {
      room_log (core,
		R_("Out of memory: the output of process %d is lost."),
		(int) plan->pid);
      return;
    }
  plan->pipe_fd = plan->log_file_fd = -1;
  room_tell_logger (core, message);
}

void
process_spawn_done (struct core *core, struct message *message)
{
  struct spawn_message *spawn = (struct spawn_message *) message;
  struct processes *processes = &core->processes;
  struct spawn_plan *plan = spawn->plan;
  struct process *process = table_remove (&processes->known,
					  (uintptr_t) plan);
  processes->stuck = --processes->flights == 0 ? 0
    : core->now + PROCESS_STUCK;
  process->plan = NULL;
  process->pid = plan->pid;
  process->child = true;
  /* A child that failed is still to be reaped; nobody has to know.  */
  process->silent = plan->step != SPAWN_NONE;
  if (!process->silent)
    process_attach_log (core, plan);
  if (!process->silent && !process->ended)
    process_record_plan (core, plan);
  if (process->silent)
    process_answer (core, spawn, MESSAGE_SPAWN_FAILED, (int64_t) plan->step,
		    plan->error);
  else
    process_answer (core, spawn, MESSAGE_SPAWNED, process->pid, 0);
  if (process->pid <= 0)
    free (process);
  else
    {
      process_enter (core, process);	/* had a slot: cannot fail */
      if (process->ended)
	process_end (core, process, process->status);
    }
}

void
process_expire (struct core *core)
{
  struct processes *processes = &core->processes;
  /* A thread for each one that waits, as far as they go.  */
  processes->stuck = 0;
  if (processes->flights > core->spawner.running
      && spawner_grow (&core->spawner) != -EAGAIN)
    processes->stuck = core->now + PROCESS_STUCK;
}

/* The flight whose process is PID and was not reaped yet, or NULL.  */
static struct process *
process_find_flight (const struct core *core, pid_t pid)
{
  struct process *process;
  if (core->processes.flights == 0)
    return NULL;
  for (size_t i = 0;
       (process = table_next (&core->processes.known, &i)) != NULL;)
    if (process->plan != NULL && !process->ended
	&& spawn_plan_pid (process->plan) == pid)
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

/* What waitpid will give for INFO.  */
static int
process_status (const siginfo_t *info)
{
  return (info->si_code == CLD_EXITED ? W_EXITCODE (info->si_status, 0)
	  : W_EXITCODE (0, info->si_status)
	  | (info->si_code == CLD_DUMPED ? WCOREFLAG : 0));
}

/* Reap one of the children that TYPE and ID mean to waitid(2).  Its pid; 0 if
   none of them has ended; -1 if there are none.  */
static pid_t
process_reap_one (struct core *core, idtype_t type, id_t id)
{
  siginfo_t info = { .si_pid = 0 };
  int status;
  /* First look, then note, then reap: after a crash in between the status is
     known all the same.  */
  while (waitid (type, id, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
    if (errno != EINTR)
      return -1;
  if (info.si_pid == 0)
    return 0;
  inherit_note_exit (info.si_pid, process_status (&info));
  if (waitpid (info.si_pid, &status, WNOHANG) == info.si_pid)
    process_reaped (core, info.si_pid, status);
  return info.si_pid;
}

/* Reap the children that are known, each in a time that does not depend on
   their number.  */
static void
process_reap_known (struct core *core)
{
  struct process *process;
  for (size_t i = 0;
       (process = table_next (&core->processes.known, &i)) != NULL;)
    if (process->child
	&& process_reap_one (core, P_PID, (id_t) process->pid) > 0)
      i--;			/* another one may have moved there */
}

bool
process_reap (struct core *core)
{
  struct processes *processes = &core->processes;
  int64_t start = clock_now (), now;
  pid_t pid = process_reap_one (core, P_ALL, 0);
  if (pid > 0)
    process_reap_known (core);
  while ((now = clock_now ()) - start < PROCESS_SEARCH_MAX && pid > 0)
    pid = process_reap_one (core, P_ALL, 0);
  processes->rested = now + PROCESS_REST * (now - start);
  processes->search = pid > 0 ? processes->rested : 0;
  return pid >= 0;
}

void
process_signalled (struct core *core, pid_t pid)
{
  struct processes *processes = &core->processes;
  if (pid > 0)
    process_reap_one (core, P_PID, (id_t) pid);
  if (core->now >= processes->rested)
    process_reap (core);
  else
    processes->search = processes->rested;
}

/* May PID, as for kill(2), be signalled?  Not when it was ours and is gone:
   the number may mean somebody else by now.  Number P is not given to a new
   process while there is a group P, so if P lives again its group is new.
   0 or an errno.  */
static int
process_check_target (const struct core *core, pid_t pid)
{
  if (pid == 0 || pid == -1 || pid == INT_MIN)
    return EINVAL;
  pid_t leader = pid < 0 ? -pid : pid;
  if (leader >= PROCESS_PID_END
      || (core->processes.gone[leader / 8] >> leader % 8 & 1) == 0)
    return 0;
  return pid > 0 || kill (leader, 0) == 0 || errno == EPERM ? ESRCH : 0;
}

void
process_kill (struct core *core, struct message *message)
{
  struct number_message *number = (struct number_message *) message;
  bool patient = message->kind == MESSAGE_KILL_PATIENTLY;
  pid_t pid = (pid_t) number->a;
  int error = process_check_target (core, pid);
  if (error == 0 && kill (pid, (int) number->b) < 0)
    error = errno;
  message->kind = MESSAGE_KILLED;	/* the question becomes the answer */
  number->a = error;
  number->b = 0;
  if (patient && error == 0)
    mailbox_post (core->options.to_interpreter, message);	/* unrung */
  else
    room_tell (core, message);
}

void
process_signal_all (struct core *core, int signum)
{
  struct process *process;
  for (size_t i = 0;
       (process = table_next (&core->processes.known, &i)) != NULL;)
    if (process->plan == NULL)
      {
	pid_t group = getpgid (process->pid);
	bool own = group <= 1 || group == getpgrp ();
	kill (own ? process->pid : -group, signum);
      }
}
