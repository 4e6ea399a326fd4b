/* child.h -- the child between its birth and exec.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef CHILD_H
#define CHILD_H

#include <sys/resource.h>

#include "spawn.h"

/* What a child needs, laid out before the clone.  */
struct child
{
  struct spawn_plan *plan;
  int *sources;			/* descriptors to become 0, 1, 2, ...; -1 for
				   /dev/null, in place of the first three */
  unsigned int table_end;	/* if not 0, the child shares the table of
				   descriptors, needs none from here on, and
				   gets a table of its own without them */
  char **shell_argv;		/* room for the length of PLAN->argv + 2, to run
				   a script without interpreter line */
  struct rlimit descriptors;	/* RLIMIT_NOFILE to begin with */
};

/* CHILD.  Carry out the plan of ARGUMENT, a struct child, to the exec.  It
   shares the memory of its parent, whose thread waits: async-signal-safe
   calls only, no malloc, stdio, lock or Guile, and raw system calls where
   libc would act on all threads of the parent.  All signals are blocked on
   entry.  A failure is left in the plan as {step, error}, the exit code is
   then 127.  Never returns.  */
int child_run (void *argument);

#endif
