/* watch.h -- what the core may know of the interpreter without asking it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The interpreter writes, the core reads; no lock, no system call.  */

#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>

#define WATCH_NAME_SIZE 64

/* How often the core looks at an interpreter that is busy, in ns.  */
#define WATCH_TICK INT64_C (10000000)

/* A run is what a fiber does from being resumed to giving up control.
   Scheme code sees these as a bytevector.  */
struct watch_meter
{
  int64_t run;			/* its number; the interpreter writes */
  int64_t overdue;		/* that which passed the limit; the core */
  int64_t held;			/* how long it had lasted then, ns; the core */
  int64_t limit;		/* of the run, ns; the interpreter.  0: that of
				   all */
};

enum watch_clock
{
  WATCH_CLOCK_NONE,
  WATCH_CLOCK_STOPPED,
  WATCH_CLOCK_TICKS
};

struct watch
{
  _Atomic int64_t busy_since;	/* CLOCK_MONOTONIC, ns; 0: waits for events */
  _Atomic unsigned int sequence;	/* odd while NAME changes */
  char name[WATCH_NAME_SIZE];	/* service whose code runs; "" for none */
  struct watch_meter meter;
  _Atomic int64_t limit;	/* of a run without its own, ns; 0: none */
  _Atomic enum watch_clock clock;
  int clock_fd;			/* a timer, unless WATCH_CLOCK_NONE */

  /* The core's alone: what it saw at the last tick.  */
  int64_t seen_at, seen_since, seen_run, held;
};

/* Interpreter only.  */
void watch_enter (struct watch *watch);		/* it woke up */
void watch_leave (struct watch *watch);		/* it is about to wait */
void watch_note (struct watch *watch, const char *name);

/* How long a run may last where it cannot be preempted; 0: for ever.  */
void watch_set_limit (struct watch *watch, int64_t limit);

/* Core only.  The clock ticks while the interpreter is busy: set going by
   the interpreter on waking, unless it goes already, and stopped by the core
   at the first tick that finds the interpreter asleep.  */

/* Make the clock, before the interpreter runs.  Its descriptor, to be read
   by watch_tick alone, or -errno.  */
int watch_open_clock (struct watch *watch);
void watch_close_clock (struct watch *watch);

enum watch_verdict
{
  WATCH_FINE,
  WATCH_LONG,			/* a run has lasted for more than a tick */
  WATCH_OVERDUE			/* and for longer than the limit */
};

/* Take a tick.  Never blocks.  */
enum watch_verdict watch_tick (struct watch *watch);

/* Has the interpreter been busy since before the last tick?  */
bool watch_busy (const struct watch *watch);

/* Copy the name into NAME; how long it has been busy, in ns, 0 if idle.  */
int64_t watch_read (const struct watch *watch, char name[WATCH_NAME_SIZE]);

#endif
