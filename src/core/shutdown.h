/* shutdown.h -- the end of the daemon, or of the machine.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   It goes through phases, each of which is bounded in time.  Until the last
   step the core goes on reaping, logging and answering.  */

#ifndef SHUTDOWN_H
#define SHUTDOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "message.h"

struct command;
struct core;

enum shutdown_phase
{
  SHUTDOWN_NONE,
  SHUTDOWN_EXPECTED,		/* the interpreter is stopping services */
  SHUTDOWN_ALONE,		/* it took too long: the core stops them.  From
				   here on nothing is started any more.  */
  SHUTDOWN_FLUSHING,		/* log lines and replies are written */
  SHUTDOWN_TERMINATING,		/* PID 1: everybody got SIGTERM */
  SHUTDOWN_KILLING,		/* PID 1: everybody got SIGKILL */
  SHUTDOWN_LAST_FLUSH		/* PID 1: their last log lines are written */
};

struct shutdown
{
  enum shutdown_phase phase;
  enum shutdown_how how;
  int64_t deadline;		/* of the phase; 0: none */
  bool flushed;			/* the logger has written everything */
  uint64_t client;		/* who asked for it, if only a command did */
};

/* The interpreter was told to end: give it options.shutdown_timeout to
   react.  PID 1 reboots unless it hears otherwise.  */
void shutdown_expect (struct core *core);

/* If COMMAND, which goes to the interpreter for CLIENT, is to end the daemon,
   expect that, however busy the interpreter is; unless it answers CLIENT, by
   which it refuses.  */
void shutdown_ask (struct core *core, const struct command *command,
		   uint64_t client);
void shutdown_refuse (struct core *core, uint64_t client);

/* An earlier image of the process was shutting down: go on with it.  */
void shutdown_resume (struct core *core, enum shutdown_how how);

/* Take MESSAGE_SHUTDOWN_BEGINS: the interpreter is at work, and says how long
   that may take.  */
void shutdown_promise (struct core *core, struct message *message);

/* Take MESSAGE_SHUTDOWN, or MESSAGE_FLUSHED.  */
void shutdown_begin (struct core *core, struct message *message);
void shutdown_flushed (struct core *core, struct message *message);

/* Go on to the next phase if it is time for it; call it in each turn.  May
   end the process.  */
void shutdown_advance (struct core *core);

#endif
