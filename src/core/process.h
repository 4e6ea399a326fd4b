/* process.h -- the processes that the core knows.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Three ways to be known: as a flight, from MESSAGE_SPAWN to the outcome of
   the exec; as a child, from then until it is reaped; as watched, a process
   of somebody else, seen through a pidfd.  An exit that is reaped while its
   flight is not over waits for that.  */

#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "message.h"
#include "reaped.h"
#include "spawn.h"
#include "table.h"

struct core;

struct process
{
  pid_t pid;
  int pidfd;			/* of a watched process; -1: none */
  bool child;			/* waitpid will tell of its end */
  bool silent;			/* nobody wants to know of its end */
  bool ended;			/* in flight: reaped, with STATUS */
  int status;

  /* While in flight, the plan belongs to a spawner; the core looks at
     nothing but its pid, which is atomic.  */
  struct spawn_plan *plan;

  /* What will be told, made beforehand: it must not be lost when memory is
     out.  */
  struct message *spawned, *exited;
};

struct processes
{
  struct table flights;		/* of struct process, by address of the plan */
  struct table known;		/* of struct process, by pid */
  struct reaped reaped;
  int64_t stuck;		/* when to suspect that flights are; 0: never */
  size_t blind;			/* watched, but without pidfd */
  int64_t retry;		/* when to look at these; 0: never */
  uint64_t orphans;		/* unknown children reaped */
};

void process_init (struct core *core);
void process_free (struct core *core);

/* Take MESSAGE_SPAWN, MESSAGE_SPAWN_DONE or MESSAGE_KILL.  */
void process_spawn (struct core *core, struct message *message);
void process_spawn_done (struct core *core, struct message *message);
void process_kill (struct core *core, struct number_message *message);

/* When process_expire wants to be called; 0: never.  */
int64_t process_deadline (const struct core *core);
void process_expire (struct core *core);

/* Reap all children that ended.  False if there is no child left.  */
bool process_reap (struct core *core);

/* The process PID, unless in flight, or NULL.  */
struct process *process_find (const struct core *core, pid_t pid);

/* An entry for nothing yet; NULL when memory is out.  */
struct process *process_new (void);

/* Enter PROCESS, with its pid.  0 or -ENOMEM.  */
int process_enter (struct core *core, struct process *process);

/* PROCESS is gone: tell, and forget it.  */
void process_end (struct core *core, struct process *process, int status);

/* Send SIGNUM to the process group of each child that is known.  How many
   there are.  */
size_t process_signal_all (struct core *core, int signum);

#endif
