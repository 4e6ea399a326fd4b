/* tick.c -- interrupting an interpreter that is busy for long.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "tick.h"

#include <string.h>
#include <sys/epoll.h>

#include "clock.h"
#include "room.h"

/* A run that lasts for so long is not about to end.  */
#define TICK_STUCK (400 * CLOCK_MILLISECOND)

int
tick_open (struct core *core)
{
  if (core->options.watch == NULL || core->options.interrupt == NULL)
    return 0;
  int fd = watch_open_clock (core->options.watch);
  return fd < 0 ? fd : room_watch (core, fd, EPOLLIN, ROOM_TICK, 0);
}

void
tick_close (struct core *core)
{
  if (core->options.watch != NULL)
    watch_close_clock (core->options.watch);
}

void
tick_alert (struct core *core)
{
  if (core->options.interrupt != NULL && core->options.watch != NULL
      && watch_busy (core->options.watch))
    core->options.interrupt (INTERRUPT_COMPUTING);
}

static void
tick_answer (struct core *core, struct client *client)
{
  char line[512];
  struct text text = TEXT_EMPTY;
  struct message *reply = NULL;
  watch_ask (core->options.watch, 0);
  watch_describe (core->options.watch, line, sizeof line);
  text_append_string (&text, "(reply (version 0) (result"
		      " (\"#<unspecified>\")) (error #f)"
		      " (messages (");
  sexp_write_string (&text, line, strlen (line));
  text_append_string (&text, ")))");
  if (!text.failed)
    reply = message_text (MESSAGE_REPLY, client->id, 0, text.bytes,
			  text.length);
  text_free (&text);
  client_reply (core, client, reply);
}

void
tick_ask (struct core *core, struct client *client)
{
  struct watch *watch = core->options.watch;
  bool stuck = watch != NULL && core->options.interrupt != NULL
    && watch_held (watch) >= TICK_STUCK;
  if (stuck && client->urged)
    {
      tick_answer (core, client);
      return;
    }
  if (stuck)
    {
      watch_ask (watch, client->id);
      core->options.interrupt (INTERRUPT_LOCATE);
    }
  client->urged = stuck;
  control_enter (core, client, CLIENT_ASKING);
}

/* Say that the interpreter has come to VERDICT.  */
static void
tick_report (struct core *core, enum watch_verdict verdict)
{
  char name[WATCH_NAME_SIZE], text[512];
  switch (verdict)
    {
    case WATCH_OVERDUE:
      watch_read (core->options.watch, name);
      room_log (core, "The interpreter is stuck%s%s: interrupting it after"
		" %lld s.", name[0] == '\0' ? "" : " in service ", name,
		(long long) (watch_held (core->options.watch)
			     / CLOCK_SECOND));
      break;
    case WATCH_DEAF:
      watch_describe (core->options.watch, text, sizeof text);
      room_log (core, "The interpreter cannot be interrupted.  %s.", text);
      break;
    default:
      break;
    }
}

void
tick_ready (struct core *core)
{
  enum watch_verdict verdict = watch_tick (core->options.watch);
  for (; core->verdict < verdict; core->verdict++)
    tick_report (core, core->verdict + 1);
  core->verdict = verdict;
  if (verdict != WATCH_FINE)
    core->options.interrupt (verdict >= WATCH_OVERDUE ? INTERRUPT_WAITING
			     : INTERRUPT_COMPUTING);
}
