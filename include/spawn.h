/* spawn.h -- what it takes to start a process.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The plan is complete before the clone: names are numbers, PATH is
   searched into a list of candidates, all memory is laid out.  Spawner
   threads run it with CLONE_VM|CLONE_VFORK: they wait for the exec, the
   core never does.  */

#ifndef SPAWN_H
#define SPAWN_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Steps of a spawn, in the order in which they are taken; a failure names
   the step.  spawn_step_name gives the word that users see.  */
enum spawn_step
{
  SPAWN_NONE,
  SPAWN_MEMORY,
  SPAWN_PIPE,
  SPAWN_CLONE,
  SPAWN_SESSION,
  SPAWN_LIMITS,
  SPAWN_DIRECTORY,
  SPAWN_INPUT,
  SPAWN_OUTPUT,
  SPAWN_DESCRIPTORS,
  SPAWN_GROUPS,
  SPAWN_GROUP,
  SPAWN_USER,
  SPAWN_UMASK,
  SPAWN_EXEC,
  SPAWN_STEP_COUNT
};

const char *spawn_step_name (enum spawn_step step);

struct inherit_flight;

/* "LISTEN_PID=", the digits of a PID, and a NUL.  */
enum { SPAWN_LISTEN_PID = 32 };

struct spawn_limit
{
  int resource;			/* RLIMIT_... */
  struct rlimit limit;
};

struct spawn_plan
{
  uint64_t id;			/* > 0, chosen by the interpreter */
  void *block;			/* what the parts of a packed plan lie in */
  char *service;		/* canonical name of its service, or "" */
  char **candidates;		/* files to try to execute, NULL-terminated */
  char **argv;			/* NULL-terminated */
  char **envp;			/* NULL-terminated */
  char *listen_pid;		/* the envp entry "LISTEN_PID=" with room for
				   SPAWN_LISTEN_PID bytes, to fill in the
				   child, or NULL */
  char *directory;
  bool new_session;
  bool set_groups, set_gid, set_uid, set_umask;
  gid_t *groups;
  size_t group_count;
  gid_t gid;
  uid_t uid;
  mode_t umask;
  struct spawn_limit *limits;
  size_t limit_count;

  /* Descriptors; the plan owns those >= 0 and spawn_plan_free closes them.  */
  int input_fd;			/* -1: /dev/null */
  int output_fd;		/* for 1 and 2; -1 with LOGGED: a new pipe to the
				   logger; -1 without: /dev/null */
  int *extra_fds;		/* become 3, 4, ... */
  size_t extra_count;

  /* Where a new output pipe goes (see log_attach_message).  */
  bool logged;
  int log_file_fd;		/* owned; -1: the daemon's own log */
  char *log_path;		/* "" for the daemon's log */
  char *log_prefix;		/* base name; see spawn_log_prefix */
  bool log_with_pid;
  uint64_t ring;
  unsigned int history;
  int pipe_fd;			/* read end of a new output pipe, from the spawn
				   until the logger has it; -1 before */

  /* While it is carried out: where the kernel stores the pid before the
     child runs, and, if that is not PID below, what has to be landed.  */
  _Atomic (struct inherit_flight *) flight;

  /* Outcome.  */
  _Atomic pid_t pid;
  enum spawn_step step;		/* SPAWN_NONE: exec succeeded */
  int error;			/* errno of the failed step */
};

/* An empty plan: descriptors -1, everything else zero.  NULL: no memory.
   Every char * and array in it is malloc'ed separately (argv, envp and
   candidates also their strings).  */
struct spawn_plan *spawn_plan_new (void);

/* Put all strings and arrays of PLAN into one block of memory.  Other threads
   free it: small pieces would stay with them, be used for what lasts, and hold
   the memory around them.  0 or -ENOMEM, which leaves PLAN as it was.  */
int spawn_plan_pack (struct spawn_plan *plan);

/* The pid of PLAN's process, from before that runs; 0 if there is none yet.
   Any thread.  */
pid_t spawn_plan_pid (const struct spawn_plan *plan);

enum { SPAWN_PREFIX_SIZE = NAME_MAX + 32 };

/* Write to PREFIX what goes before the lines of a process whose log_path,
   log_prefix and log_with_pid these are: nothing in files of their own; in
   the daemon's log "NAME[PID] ", or "[NAME] ".  */
void spawn_log_prefix (char prefix[SPAWN_PREFIX_SIZE], const char *path,
		       const char *name, bool with_pid, pid_t pid);

/* Free PLAN and close its descriptors; NULL and half-filled are fine.  */
void spawn_plan_free (struct spawn_plan *plan);

#endif
