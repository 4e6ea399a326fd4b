/* watch.h -- what the core may know of the interpreter without asking it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The interpreter writes, the core reads; no lock, no system call.  */

#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message;
struct text;

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
  int64_t asked;		/* client that wants to know what goes on, or 0;
				   the core sets, the interpreter clears */
  int64_t allocated;		/* bytes, ever, when the run began; the
				   interpreter */
};

/* How the core may rouse an interpreter that is busy.  */
enum interruption
{
  INTERRUPT_COMPUTING,		/* let another fiber go on, soon */
  INTERRUPT_LOCATE,		/* and have it note its place, if it computes */
  INTERRUPT_WAITING,		/* and end a system call in which it waits */
  INTERRUPT_LOST,		/* and give it up: have it begin anew */
  INTERRUPT_COUNT
};

enum watch_clock
{
  WATCH_CLOCK_NONE,
  WATCH_CLOCK_STOPPED,
  WATCH_CLOCK_TICKS
};

struct watch_text
{
  _Atomic unsigned int sequence;	/* odd while BYTES change */
  char bytes[WATCH_NAME_SIZE];
};

struct watch
{
  _Atomic int64_t busy_since;	/* CLOCK_MONOTONIC, ns; 0: waits for events */
  struct watch_text name;	/* service whose code runs; "" for none */
  struct watch_text place;	/* procedure in C where it was when the core
				   last looked; "" for none */
  int64_t place_run;		/* in which run that was */
  struct watch_meter meter;
  _Atomic int64_t limit;	/* of a run without its own, ns; 0: none */
  _Atomic int64_t last_limit;	/* likewise, where no interruption is heeded;
				   0: none */
  _Atomic bool collecting;	/* memory: no fault of who runs */
  _Atomic enum watch_clock clock;
  int clock_fd;			/* a timer, unless WATCH_CLOCK_NONE */

  /* The core's alone: what it saw at the last tick.  */
  int64_t seen_at, seen_since, seen_run;
  int64_t lasted, held;		/* the run; without collections */
};

/* Interpreter only.  */
void watch_enter (struct watch *watch);		/* it woke up */
void watch_leave (struct watch *watch);		/* it is about to wait */
void watch_note (struct watch *watch, const char *name);

/* It is in procedure PLACE, written in C; "": in none.  Async-signal-safe.  */
void watch_note_place (struct watch *watch, const char *place);

/* Memory is being collected, or no longer.  By any thread.  */
void watch_note_collection (struct watch *watch, bool collecting);

/* How long a run may last where it cannot be preempted; 0: for ever.  */
void watch_set_limit (struct watch *watch, int64_t limit);

/* How long one may last that heeds no interruption; 0: for ever.  */
void watch_set_last_limit (struct watch *watch, int64_t limit);

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
  WATCH_OVERDUE,		/* and for longer than the limit */
  WATCH_DEAF,			/* and is not to be interrupted, it seems */
  WATCH_LOST			/* and for longer than the last limit */
};

/* Take a tick.  Never blocks.  */
enum watch_verdict watch_tick (struct watch *watch);

/* What to do about an interpreter that came to VERDICT.  */
enum interruption watch_interruption (enum watch_verdict verdict);

/* Has the interpreter been busy since before the last tick?  */
bool watch_busy (const struct watch *watch);

/* Copy the name into NAME; how long it has been busy, in ns, 0 if idle.  */
int64_t watch_read (const struct watch *watch, char name[WATCH_NAME_SIZE]);

/* Copy to PLACE where the current run was seen, "" if it was not.  */
void watch_read_place (const struct watch *watch,
		       char place[WATCH_NAME_SIZE]);

/* How long the current run lasted at the last tick, in ns; 0 if that saw
   none.  */
int64_t watch_held (const struct watch *watch);

/* Have the interpreter, where it can be interrupted, tell CLIENT what goes
   on; 0: nobody.  */
void watch_ask (struct watch *watch, uint64_t client);

/* Copy to TEXT, of SIZE bytes, a sentence on what the interpreter does: in
   which service, for how long, and what the system knows of its thread.
   Does not wait for it.  */
void watch_describe (const struct watch *watch, char *text, size_t size);

/* If the interpreter has been busy for over a second, append a string for a
   reply that says so.  */
void watch_put_busy (const struct watch *watch, struct text *reply);

/* A line for the log about an interpreter that came to VERDICT; NULL: none.  */
struct message *watch_report (const struct watch *watch,
			      enum watch_verdict verdict);

/* A reply to a client that asked for a backtrace, in place of the
   interpreter's; NULL: memory is out.  */
struct message *watch_reply (const struct watch *watch, uint64_t client);

#endif
