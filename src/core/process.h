/* process.h -- the processes that the core knows.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Three ways to be known: in flight, from MESSAGE_SPAWN to the outcome of
   the exec; as a child, from then until it is reaped; as watched, a process
   of somebody else, seen through a pidfd.  An exit that is reaped while its
   flight is not over waits for that.  */

#ifndef PROCESS_H
#define PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "message.h"
#include "spawn.h"
#include "state.h"
#include "table.h"

struct core;

struct process
{
  union
  {
    /* What its end will be told with: the entry itself becomes the message,
       which so cannot be lost when memory is out.  */
    struct number_message exited;
    /* While in flight, else NULL.  It belongs to a spawner then; the core
       looks at nothing but its pid, which is atomic.  */
    struct spawn_plan *plan;
  };
  pid_t pid;
  int pidfd;			/* of a watched process; -1: none */
  bool child;			/* waitpid will tell of its end */
  bool silent;			/* nobody wants to know of its end */
  bool ended;			/* in flight: reaped, with this status */
  int status;
};

/* The kernel's limit, PID_MAX_LIMIT.  */
enum { PROCESS_PID_END = 4 * 1024 * 1024 };

struct processes
{
  struct table known;		/* of struct process, by pid, or by address of
				   the plan, which is beyond all pids */
  size_t flights;
  int64_t stuck;		/* when to suspect that these are; 0: never */
  int64_t retry;		/* when to look at those watched without pidfd;
				   0: never */
  int64_t rested;		/* when children may be searched again */
  int64_t search;		/* and when they should be; 0: never */
  uint64_t orphans;		/* unknown children reaped */
  /* A bit for each pid: was it ours, and is gone?  Mostly untouched, so in
     no memory.  */
  unsigned char gone[PROCESS_PID_END / 8];
};

void process_free (struct core *core);

/* Take MESSAGE_SPAWN, MESSAGE_SPAWN_DONE, MESSAGE_SPAWN_LATER or
   MESSAGE_KILL.  */
void process_spawn (struct core *core, struct message *message);
void process_spawn_done (struct core *core, struct message *message);
void process_spawn_later (struct core *core, struct message *message);
void process_kill (struct core *core, struct message *message);

/* No flight has landed for long.  */
void process_expire (struct core *core);

/* Reap all children that ended, or many.  False if there is no child
   left.  */
bool process_reap (struct core *core);

/* PID has ended, we are told, and maybe others: reap those that are children,
   PID now, the others as soon as there is time to search for them.  */
void process_signalled (struct core *core, pid_t pid);

/* The process PID, unless in flight, or NULL.  */
struct process *process_find (const struct core *core, pid_t pid);

/* An entry for nothing yet; NULL when memory is out.  */
struct process *process_new (void);

/* Record PROCESS, a child that has just been started, in the published
   state.  */
void process_record (struct core *core, struct state_process process);

/* Enter PROCESS, with its pid.  0 or -ENOMEM.  */
int process_enter (struct core *core, struct process *process);

/* PROCESS is gone: tell, and forget it.  */
void process_end (struct core *core, struct process *process, int status);

/* Send SIGNUM to the process group of each child that is known.  */
void process_signal_all (struct core *core, int signum);

/* In pidfd.c: the processes of others.  */

/* Take MESSAGE_WATCH_PROCESS.  */
void pidfd_watch (struct core *core, struct message *message);

/* The pidfd of PID is readable.  */
void pidfd_ready (struct core *core, pid_t pid);

/* It is time for those that no pidfd could be had of.  */
void pidfd_expire (struct core *core);

/* After a fork, in the child: the children are now somebody else's, and
   watched as such.  */
void pidfd_disown_children (struct core *core);

#endif
