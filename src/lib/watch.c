/* watch.c -- what the core may know of the interpreter without asking it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The name is guarded by a sequence lock.  Its bytes are read and written
   one by one as relaxed atomics, so a torn name is seen and never a race.  */

#include <config.h>

#include "watch.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

#define WATCH_ATTEMPTS 8

static void
watch_arm_clock (struct watch *watch)
{
  const struct itimerspec soon = { .it_value.tv_nsec = WATCH_TICK };
  timerfd_settime (watch->clock_fd, 0, &soon, NULL);
}

/* Let the clock tick if it stands still.  */
static void
watch_start_clock (struct watch *watch)
{
  enum watch_clock stopped = WATCH_CLOCK_STOPPED;
  /* Mostly it ticks: then this is one read.  */
  if (atomic_load (&watch->clock) == WATCH_CLOCK_STOPPED
      && atomic_compare_exchange_strong (&watch->clock, &stopped,
					 WATCH_CLOCK_TICKS))
    watch_arm_clock (watch);
}

void
watch_enter (struct watch *watch)
{
  atomic_store (&watch->busy_since, clock_now ());
  watch_start_clock (watch);
}

void
watch_leave (struct watch *watch)
{
  atomic_store (&watch->busy_since, 0);
}

/* The bytes of NAME that fit, without half a character at the end.  */
static size_t
watch_fitting (const char *name)
{
  size_t length = strnlen (name, WATCH_NAME_SIZE);
  if (length == WATCH_NAME_SIZE)
    do
      length--;
    while (length > 0 && ((unsigned char) name[length] & 0xC0) == 0x80);
  return length;
}

void
watch_note (struct watch *watch, const char *name)
{
  size_t length = watch_fitting (name);
  unsigned int sequence
    = atomic_load_explicit (&watch->sequence, memory_order_relaxed);
  atomic_store_explicit (&watch->sequence, sequence + 1,
			 memory_order_relaxed);
  atomic_thread_fence (memory_order_release);
  for (size_t i = 0; i <= length; i++)
    __atomic_store_n (&watch->name[i], i < length ? name[i] : '\0',
		      __ATOMIC_RELAXED);
  atomic_store_explicit (&watch->sequence, sequence + 2,
			 memory_order_release);
}

void
watch_set_limit (struct watch *watch, int64_t limit)
{
  atomic_store (&watch->limit, limit);
}

int
watch_open_clock (struct watch *watch)
{
  watch->clock_fd = timerfd_create (CLOCK_MONOTONIC,
				    TFD_CLOEXEC | TFD_NONBLOCK);
  if (watch->clock_fd < 0)
    return -errno;
  atomic_store (&watch->clock, WATCH_CLOCK_STOPPED);
  return watch->clock_fd;
}

void
watch_close_clock (struct watch *watch)
{
  if (atomic_exchange (&watch->clock, WATCH_CLOCK_NONE) != WATCH_CLOCK_NONE)
    close (watch->clock_fd);
}

/* The interpreter sleeps.  It sets the clock going after it has said that it
   is busy; so if it woke meanwhile, one of us two sees the other.  */
static void
watch_stop_clock (struct watch *watch)
{
  atomic_store (&watch->clock, WATCH_CLOCK_STOPPED);
  if (atomic_load (&watch->busy_since) != 0)
    watch_start_clock (watch);
}

/* How much of the time since the last tick counts: little, when this
   process or the whole machine was stopped meanwhile.  */
static int64_t
watch_elapsed (struct watch *watch)
{
  int64_t now = clock_now (), elapsed = now - watch->seen_at;
  watch->seen_at = now;
  return elapsed > 10 * WATCH_TICK ? 10 * WATCH_TICK : elapsed;
}

/* How long the run may last.  */
static int64_t
watch_limit (struct watch *watch)
{
  int64_t own = __atomic_load_n (&watch->meter.limit, __ATOMIC_RELAXED);
  return own != 0 ? own : atomic_load (&watch->limit);
}

enum watch_verdict
watch_tick (struct watch *watch)
{
  uint64_t count;
  if (read (watch->clock_fd, &count, sizeof count) != sizeof count)
    return WATCH_FINE;
  int64_t since = atomic_load (&watch->busy_since);
  int64_t run = __atomic_load_n (&watch->meter.run, __ATOMIC_RELAXED);
  int64_t limit = watch_limit (watch);
  int64_t elapsed = watch_elapsed (watch);
  if (since == 0)
    watch_stop_clock (watch);
  else
    watch_arm_clock (watch);
  if (since == 0 || since != watch->seen_since || run != watch->seen_run)
    {
      watch->seen_since = since;
      watch->seen_run = run;
      watch->held = 0;
      return WATCH_FINE;
    }
  watch->held += elapsed;
  if (limit == 0 || watch->held < limit)
    return WATCH_LONG;
  __atomic_store_n (&watch->meter.held, watch->held, __ATOMIC_RELAXED);
  __atomic_store_n (&watch->meter.overdue, run, __ATOMIC_RELEASE);
  return WATCH_OVERDUE;
}

bool
watch_busy (const struct watch *watch)
{
  int64_t since = atomic_load (&watch->busy_since);
  return since != 0 && since == watch->seen_since;
}

int64_t
watch_read (const struct watch *watch, char name[WATCH_NAME_SIZE])
{
  int64_t since = atomic_load (&watch->busy_since);
  /* The writer may have been stopped halfway: do not wait for it.  */
  for (int attempt = 0; attempt < WATCH_ATTEMPTS; attempt++)
    {
      unsigned int before
	= atomic_load_explicit (&watch->sequence, memory_order_acquire);
      for (size_t i = 0; i < WATCH_NAME_SIZE; i++)
	name[i] = __atomic_load_n (&watch->name[i], __ATOMIC_RELAXED);
      atomic_thread_fence (memory_order_acquire);
      if (before % 2 == 0
	  && before == atomic_load_explicit (&watch->sequence,
					     memory_order_relaxed))
	break;
      name[0] = '\0';
    }
  name[WATCH_NAME_SIZE - 1] = '\0';
  return since == 0 ? 0 : clock_now () - since;
}
