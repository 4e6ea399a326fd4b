/* inherit.h -- what a successor of this process image takes over.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   After a crash, or for an upgrade, the process executes its program anew:
   it stays the same process, with the same children and descriptors.  A
   table in shared memory tells the new image what those are.  Everything
   here is written by plain atomic stores in an order such that whoever dies
   in between leaves a good table; all threads may call it, a signal handler,
   too, and nothing blocks.

   There is one table for the process, as a signal handler has to find it.
   Before inherit_begin, as in tests of other things, all this does
   nothing.  */

#ifndef INHERIT_H
#define INHERIT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "spawn.h"

/* The variable of the environment that tells the new image the table's
   descriptor.  */
#define INHERIT_VARIABLE "SHEPHERD_INHERIT"

/* A table of another version is not read; the state file and the logger's
   image have versions of their own.
     1  first version.
     2  flights tell where the output goes.
     3  the names of log files are apart from the rest of flights.  */
#define INHERIT_VERSION 3

/* Descriptors from here on cannot be inherited.  */
enum { INHERIT_DESCRIPTORS = 65536 };

/* What a descriptor is, for the new image.  */
enum inherit_kind
{
  INHERIT_NOTHING,		/* closed by exec */
  INHERIT_TABLE,		/* this table */
  INHERIT_STATE,		/* the published state */
  INHERIT_LISTEN,		/* the control socket */
  INHERIT_CLIENT,		/* a client that has asked nothing yet */
  INHERIT_CLIENT_BUSY,		/* one that is owed an answer */
  INHERIT_CLIENT_ANSWERED,	/* one that is being sent its answer */
  INHERIT_CLIENT_REEXEC,	/* the one that asked for a new image */
  INHERIT_PIPE,			/* output of a process, not the logger's yet;
				   see inherit_flight_of_pipe */
  INHERIT_LOGGER,		/* the logger's, who knows what it is */
  INHERIT_LOG_IMAGE,		/* the logger's image */
  INHERIT_REPORT,		/* what crash-report.h saved */
  INHERIT_VALUE,		/* the interpreter's, who knows what it is */
  INHERIT_KIND_COUNT
};

/* Why there is a new image.  */
enum inherit_reason
{
  INHERIT_CRASH,
  INHERIT_REEXEC		/* on purpose */
};

enum inherit_flags
{
  INHERIT_DAEMONIZED = 1,	/* the process went to the background */
  INHERIT_CORE_ONLY = 2		/* do without the interpreter */
};

/* A process that is being started, and where its output goes: until it is in
   the published state, and the logger knows its pipe.  */
struct inherit_flight
{
  _Atomic pid_t pid;		/* stored by the kernel, before it runs */
  int pipe;			/* its pipe, or -1 */
  uint64_t plan;
  uint64_t ring;		/* these are those of spawn_plan */
  unsigned int history;
  bool log_with_pid;
  char service[256];
  char log_prefix[NAME_MAX + 1];
  bool has_log_path;
};

enum
{
  INHERIT_FLIGHTS = 32,
  INHERIT_EXITS = 1024,		/* a power of two */
  INHERIT_CRASHES = 3
};

/* Make a table, or take over the one in FD, if that is >= 0.  0, -EINVAL if
   FD has no table of our version for this process, or -errno; then there is
   none.  */
int inherit_begin (int fd);

/* Could the table in FD be taken over, by the right process?  0, -EINVAL or
   -errno.  */
int inherit_check (int fd);

/* Was the table taken over?  */
bool inherit_is_successor (void);

/* The table's descriptor, or -1.  */
int inherit_fd (void);

/* Let FD stay open in the new image, as KIND; drop: not any more.  To be
   called before FD is closed, and, for another KIND than INHERIT_PIPE, once
   what is to be known of it is saved.  */
void inherit_keep (int fd, enum inherit_kind kind);
void inherit_drop (int fd);

/* The first descriptor from FD on that is kept as KIND, or -1.  */
int inherit_next (int fd, enum inherit_kind kind);

/* What FD is kept as.  */
enum inherit_kind inherit_kind (int fd);

/* Let all that is kept survive an exec.  */
void inherit_prepare_exec (void);

/* After daemonizing: the table is now that of this process.  */
void inherit_change_process (void);

uint32_t inherit_flags (void);
void inherit_set_flags (uint32_t flags, bool on);

/* Note that PLAN is about to be carried out; the pid is to be stored in
   *FLIGHT, which is NULL if there is no table.  0; -EAGAIN if too many are
   under way; or -errno.  */
int inherit_take_off (const struct spawn_plan *plan,
		      struct inherit_flight **flight);

/* The process is in the published state, or there is none.  NULL is fine.  */
void inherit_land (struct inherit_flight *flight);

/* Flight number I, from 0 on, if it did not land and has a process; NULL if
   not.  */
struct inherit_flight *inherit_flight (unsigned int i);

/* The flight whose output comes through FD, which is kept as INHERIT_PIPE, or
   NULL.  */
const struct inherit_flight *inherit_flight_of_pipe (int fd);

/* The name of the log file of FLIGHT, "" if it has none.  */
const char *inherit_flight_log_path (const struct inherit_flight *flight);

/* Note that the child PID ended with wait status STATUS.  To be called by
   one thread only, before the child is reaped.  */
void inherit_note_exit (pid_t pid, int status);

/* Did the child PID end recently?  */
bool inherit_find_exit (pid_t pid, int *status);

/* Note why there will be a new image, at CLOCK_BOOTTIME's NOW, ns.  How many
   crashes there were in the last minute, this one included.  */
unsigned int inherit_note_end (enum inherit_reason reason, int64_t now);
enum inherit_reason inherit_reason (void);

/* Note that the machine is being shut down in the way HOW, an enum
   shutdown_how, or -1, not any more, for a successor to go on with.  */
void inherit_note_shutdown (int how);

/* What was noted, or -1.  */
int inherit_shutdown (void);

/* Note, "" for none, which service's code kept the interpreter from returning:
   it is not to run again at once.  Async-signal-safe.  */
void inherit_note_culprit (const char *service);

/* Copy what was noted, at most SIZE bytes with the NUL.  */
void inherit_culprit (char *service, size_t size);

/* Forget the crashes, so that three more may happen.  */
void inherit_forgive (void);

#endif
