/* tick.c -- interrupting an interpreter that is busy for long.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "tick.h"

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

void
tick_ask (struct core *core, struct client *client)
{
  struct watch *watch = core->options.watch;
  bool stuck = watch != NULL && core->options.interrupt != NULL
    && watch_held (watch) >= TICK_STUCK;
  bool late = stuck && client->urged;
  control_enter (core, client, CLIENT_ASKING);
  client->urged = stuck;
  if (stuck)
    watch_ask (watch, late ? 0 : client->id);
  if (late)
    client_reply (core, client, watch_reply (watch, client->id));
  else if (stuck)
    core->options.interrupt (INTERRUPT_LOCATE);
}

void
tick_ready (struct core *core)
{
  enum watch_verdict verdict = watch_tick (core->options.watch);
  if (watch_busy (core->options.watch))
    mailbox_ring (core->options.to_logger);	/* it does so when it waits */
  if (verdict > core->verdict)
    room_tell_logger (core, watch_report (core->options.watch, verdict));
  core->verdict = verdict;
  if (verdict != WATCH_FINE)
    core->options.interrupt (watch_interruption (verdict));
}
