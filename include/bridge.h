/* bridge.h -- the interpreter and its door to the core, seen from outside.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   This header speaks plain C: only src/guile/ knows of Guile.  */

#ifndef BRIDGE_H
#define BRIDGE_H

#include <stdbool.h>

#include "core.h"
#include "logger.h"
#include "mailbox.h"
#include "watch.h"

struct bridge
{
  struct core *core;
  struct logger *logger;
  struct mailbox *inbox;	/* the interpreter's */
  struct watch *watch;

  /* What (%options) tells.  NULL where there is none.  */
  const char *config_file;
  const char *socket_file;
  const char *log_file;		/* NULL: syslog */
  bool silent;
  bool syslog;
  bool init;			/* getpid () == 1 */

  /* What an earlier image of the process left (see core_inheritance), or
     NULL, and why that image ended: "crash" or "reexec".  */
  const char *inheritance;
  const char *reason;

  /* Rewritten after daemonizing, removed at an orderly end.  NULL: none.  */
  const char *pid_file;
};

/* What the library of the interpreter offers: the one object that others
   look up in it, by this name.  */
#define BRIDGE_DOOR "bridge_door"

struct bridge_door
{
  /* Have the interpreter, if it runs by now, let another fiber go on as soon
     as it can; if asked for, also where it waits in a system call, which then
     fails with EINTR.  From any thread; never blocks.  */
  void (*interrupt) (enum interruption how);

  /* Start Guile in the calling thread and have it read INHERITANCE, the text
     that core_inheritance gives, as a successor would.  0, or -EPROTO after
     printing what is wrong on standard error.  Not with RUN.  */
  int (*rehearse) (const char *inheritance);

  /* Start Guile in the calling thread, which must be the main thread, and run
     `boot' of (shepherd boot).  Returns when that returns or fails; what went
     wrong has then been logged.  0 or -EPROTO.  BRIDGE and what it points to
     must live as long as the process.  */
  int (*run) (const struct bridge *bridge);
};

#endif
