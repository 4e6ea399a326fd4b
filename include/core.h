/* core.h -- the core thread, seen from outside.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef CORE_H
#define CORE_H

#include <stdbool.h>
#include <sys/types.h>

#include "mailbox.h"
#include "quiescence.h"
#include "watch.h"

struct core;

struct core_options
{
  int listen_fd;		/* bound and listening control socket; the core
				   owns it from core_new on */
  const char *socket_file;	/* watched for deletion; must outlive the core */
  bool init;			/* getpid () == 1 */
  struct mailbox *to_interpreter;
  struct mailbox *to_logger;
  const struct quiescence *logger;	/* see logger.h */
  struct watch *watch;
  void (*interrupt) (enum interruption how); /* have the interpreter look up
				   from what it is busy with.  Called by the
				   core, may not block; NULL: cannot be done */
  void (*reexec) (void);	/* execute the program anew; does not return.
				   Called by the core, which has saved
				   everything.  NULL: cannot be done */
  int shutdown_timeout;		/* seconds until the core ends a shutdown
				   alone; 0: never */
};

/* Make the core: epoll, signalfd (signals must be blocked in every thread
   before), state file, spawner threads not yet started.  Boot phase only.
   0 or -errno.  */
int core_new (const struct core_options *options, struct core **result);

/* The mailbox to send to.  */
struct mailbox *core_mailbox (struct core *core);

/* Start the core's threads.  0 or -errno.  */
int core_start (struct core *core);

/* Ask the core's threads to end, keeping all state, and wait for them: then
   the process may fork and call core_start again (daemonize).  */
void core_park (struct core *core);

/* The process is about to execute its program anew, as another thread
   crashed: have the core save what it has and do nothing any more.  Has it,
   within TIMEOUT milliseconds?  Async-signal-safe.  */
bool core_rescue (const struct core *core, int timeout);

/* What an earlier image of the process left to its successor's interpreter:
   a datum

     ((client ID) (services ...) (processes ...))

   with the client who asked for this image, 0 for none, and the rest as
   state_write_text says.  Only before core_start.  malloc'ed, NULL when
   memory is out.  */
char *core_inheritance (const struct core *core);

/* Free a parked core and close all that it owns.  NULL is fine.  */
void core_free (struct core *core);

/* Wait until the core ends the process; never returns.  For the main thread
   when the interpreter is gone.  */
_Noreturn void core_join (struct core *core);

#endif
