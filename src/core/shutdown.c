/* shutdown.c -- the end of the daemon, or of the machine.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "shutdown.h"

#include <signal.h>
#include <unistd.h>

#include "command.h"
#include "ending.h"
#include "inherit.h"
#include "machine.h"
#include "room.h"

/* How long each phase may last.  */
#define SHUTDOWN_GRACE (5 * CLOCK_SECOND)	/* from SIGTERM to SIGKILL */
#define SHUTDOWN_DEATH (2 * CLOCK_SECOND)	/* from SIGKILL on */
#define SHUTDOWN_FLUSH (2 * CLOCK_SECOND)

static void
shutdown_enter (struct core *core, enum shutdown_phase phase, int64_t time)
{
  core->shutdown.phase = phase;
  inherit_note_shutdown (phase == SHUTDOWN_NONE ? -1
			 : (int) core->shutdown.how);
  core->shutdown.deadline = time == 0 ? 0 : core->now + time;
}

void
shutdown_expect (struct core *core)
{
  core->shutdown.client = 0;
  if (core->shutdown.phase != SHUTDOWN_NONE)
    return;
  shutdown_resume (core, core->options.init ? SHUTDOWN_REBOOT : SHUTDOWN_EXIT);
}

void
shutdown_ask (struct core *core, const struct command *command,
	      uint64_t client)
{
  enum shutdown_how how;
  if (core->shutdown.phase != SHUTDOWN_NONE
      || !ending_find (command->action, command->service, core->options.init,
		       &how))
    return;
  shutdown_resume (core, how);
  core->shutdown.client = client;
}

void
shutdown_refuse (struct core *core, uint64_t client)
{
  if (core->shutdown.phase == SHUTDOWN_EXPECTED
      && core->shutdown.client == client)
    shutdown_enter (core, SHUTDOWN_NONE, 0);
}

/* Stop services without the interpreter.  PID 1 will signal everybody later
   on anyway.  */
static void
shutdown_alone (struct core *core)
{
  process_signal_all (core, SIGTERM);
  shutdown_enter (core, SHUTDOWN_ALONE, SHUTDOWN_GRACE);
}

void
shutdown_promise (struct core *core, struct message *message)
{
  const struct number_message *promise = (struct number_message *) message;
  if (core->shutdown.phase <= SHUTDOWN_EXPECTED)
    {
      core->shutdown.how = (enum shutdown_how) promise->a;
      core->shutdown.client = 0;
      if (promise->b == 0)
	shutdown_alone (core);
      else
	shutdown_enter (core, SHUTDOWN_EXPECTED, promise->b * CLOCK_SECOND);
    }
  message_free (message);
}

void
shutdown_resume (struct core *core, enum shutdown_how how)
{
  core->shutdown.how = how;
  shutdown_enter (core, SHUTDOWN_EXPECTED,
		  core->options.shutdown_timeout * CLOCK_SECOND);
}

/* Let the logger write what it has, and tell.  */
static void
shutdown_flush (struct core *core, enum shutdown_phase phase)
{
  struct message *flush = room_number (core, MESSAGE_LOG_FLUSH, 0, 0, 0);
  core->shutdown.flushed = flush == NULL;
  room_tell_logger (core, flush);
  shutdown_enter (core, phase, SHUTDOWN_FLUSH);
}

void
shutdown_begin (struct core *core, struct message *message)
{
  if (core->shutdown.phase < SHUTDOWN_FLUSHING)
    {
      core->shutdown.how
	= (enum shutdown_how) ((struct number_message *) message)->a;
      shutdown_flush (core, SHUTDOWN_FLUSHING);
    }
  message_free (message);
}

void
shutdown_flushed (struct core *core, struct message *message)
{
  core->shutdown.flushed = true;
  message_free (message);
}

/* PID 1: send SIGNUM to everybody.  */
static void
shutdown_signal (struct core *core, int signum, enum shutdown_phase phase,
		 int64_t time)
{
  if (getpid () == 1)
    kill (-1, signum);
  shutdown_enter (core, phase, time);
}

/* Everything is written; what is next?  */
static void
shutdown_after_flush (struct core *core)
{
  socket_unlink (core);
  if (!core->options.init || getpid () != 1)
    _exit (0);
  shutdown_signal (core, SIGTERM, SHUTDOWN_TERMINATING, SHUTDOWN_GRACE);
}

void
shutdown_advance (struct core *core)
{
  struct shutdown *shutdown = &core->shutdown;
  bool late = room_is_due (core, shutdown->deadline);
  switch (shutdown->phase)
    {
    case SHUTDOWN_NONE:
      break;
    case SHUTDOWN_EXPECTED:
      if (late)
	{
	  room_log (core, "%s",
		    R_("Services did not stop in time; terminating them."));
	  shutdown_alone (core);
	}
      break;
    case SHUTDOWN_ALONE:
      if (late)
	process_signal_all (core, SIGKILL);
      if (late || core->processes.known.count == 0)
	shutdown_flush (core, SHUTDOWN_FLUSHING);
      break;
    case SHUTDOWN_FLUSHING:
      if (late || (shutdown->flushed && !control_is_writing (core)))
	shutdown_after_flush (core);
      break;
    case SHUTDOWN_TERMINATING:
    case SHUTDOWN_KILLING:
      if (!process_reap (core)
	  || (late && shutdown->phase == SHUTDOWN_KILLING))
	shutdown_flush (core, SHUTDOWN_LAST_FLUSH);
      else if (late)
	shutdown_signal (core, SIGKILL, SHUTDOWN_KILLING, SHUTDOWN_DEATH);
      break;
    case SHUTDOWN_LAST_FLUSH:
      if (late || shutdown->flushed)
	machine_end (shutdown->how);
      break;
    }
}
