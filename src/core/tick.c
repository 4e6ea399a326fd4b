/* tick.c -- interrupting an interpreter that is busy for long.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "tick.h"

#include <sys/epoll.h>

#include "clock.h"
#include "room.h"

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
    core->options.interrupt (false);
}

static void
tick_report (struct core *core)
{
  char name[WATCH_NAME_SIZE];
  watch_read (core->options.watch, name);
  room_log (core, "The interpreter is stuck%s%s: interrupting it after"
	    " %lld s.", name[0] == '\0' ? "" : " in service ", name,
	    (long long) (core->options.watch->held / CLOCK_SECOND));
}

void
tick_ready (struct core *core)
{
  enum watch_verdict verdict = watch_tick (core->options.watch);
  bool overdue = verdict == WATCH_OVERDUE;
  if (overdue && !core->overdue)
    tick_report (core);
  core->overdue = overdue;
  if (verdict != WATCH_FINE)
    core->options.interrupt (overdue);
}
