/* watch.c -- what the core may know of the interpreter without asking it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Texts are guarded by sequence locks.  Their bytes are read and written one
   by one as relaxed atomics, so a torn one is seen and never a race.  */

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

/* An interruption is heeded within this time, or not at all; ns.  */
#define WATCH_HEARING (500 * CLOCK_MILLISECOND)

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

static void
watch_write_text (struct watch_text *text, const char *bytes)
{
  size_t length = watch_fitting (bytes);
  unsigned int sequence
    = atomic_load_explicit (&text->sequence, memory_order_relaxed);
  atomic_store_explicit (&text->sequence, sequence + 1,
			 memory_order_relaxed);
  atomic_thread_fence (memory_order_release);
  for (size_t i = 0; i <= length; i++)
    __atomic_store_n (&text->bytes[i], i < length ? bytes[i] : '\0',
		      __ATOMIC_RELAXED);
  atomic_store_explicit (&text->sequence, sequence + 2,
			 memory_order_release);
}

void
watch_note (struct watch *watch, const char *name)
{
  watch_write_text (&watch->name, name);
}

void
watch_note_place (struct watch *watch, const char *place)
{
  watch_write_text (&watch->place, place);
  __atomic_store_n (&watch->place_run,
		    __atomic_load_n (&watch->meter.run, __ATOMIC_RELAXED),
		    __ATOMIC_RELEASE);
}

void
watch_note_collection (struct watch *watch, bool collecting)
{
  atomic_store (&watch->collecting, collecting);
}

void
watch_set_limit (struct watch *watch, int64_t limit)
{
  atomic_store (&watch->limit, limit);
}

void
watch_set_last_limit (struct watch *watch, int64_t limit)
{
  atomic_store (&watch->last_limit, limit);
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

/* The verdict on a run whose LIMIT has passed.  */
static enum watch_verdict
watch_past_limit (struct watch *watch, int64_t limit)
{
  return watch->held < limit + WATCH_HEARING ? WATCH_OVERDUE : WATCH_DEAF;
}

/* Is there no hope for the run, whose limit is LIMIT?  It may be the collector
   that never ends.  */
static bool
watch_is_lost (struct watch *watch, int64_t limit)
{
  int64_t last = atomic_load (&watch->last_limit);
  return (limit != 0 && last != 0 && watch->lasted >= last
	  && watch->lasted >= 2 * limit
	  && watch->lasted >= limit + WATCH_HEARING);
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
      watch->held = watch->lasted = 0;
      return WATCH_FINE;
    }
  watch->lasted += elapsed;
  if (!atomic_load (&watch->collecting))
    watch->held += elapsed;
  if (watch_is_lost (watch, limit))
    return WATCH_LOST;
  if (limit == 0 || watch->held < limit)
    return WATCH_LONG;
  __atomic_store_n (&watch->meter.held, watch->held, __ATOMIC_RELAXED);
  __atomic_store_n (&watch->meter.overdue, run, __ATOMIC_RELEASE);
  return watch_past_limit (watch, limit);
}

enum interruption
watch_interruption (enum watch_verdict verdict)
{
  if (verdict == WATCH_LOST)
    return INTERRUPT_LOST;
  return verdict >= WATCH_OVERDUE ? INTERRUPT_WAITING : INTERRUPT_COMPUTING;
}

bool
watch_busy (const struct watch *watch)
{
  int64_t since = atomic_load (&watch->busy_since);
  return since != 0 && since == watch->seen_since;
}

int64_t
watch_held (const struct watch *watch)
{
  return watch_busy (watch) ? watch->held : 0;
}

static void
watch_read_text (const struct watch_text *text, char bytes[WATCH_NAME_SIZE])
{
  /* The writer may have been stopped halfway: do not wait for it.  */
  for (int attempt = 0; attempt < WATCH_ATTEMPTS; attempt++)
    {
      unsigned int before
	= atomic_load_explicit (&text->sequence, memory_order_acquire);
      for (size_t i = 0; i < WATCH_NAME_SIZE; i++)
	bytes[i] = __atomic_load_n (&text->bytes[i], __ATOMIC_RELAXED);
      atomic_thread_fence (memory_order_acquire);
      if (before % 2 == 0
	  && before == atomic_load_explicit (&text->sequence,
					     memory_order_relaxed))
	break;
      bytes[0] = '\0';
    }
  bytes[WATCH_NAME_SIZE - 1] = '\0';
}

int64_t
watch_read (const struct watch *watch, char name[WATCH_NAME_SIZE])
{
  int64_t since = atomic_load (&watch->busy_since);
  watch_read_text (&watch->name, name);
  return since == 0 ? 0 : clock_now () - since;
}

void
watch_read_place (const struct watch *watch, char place[WATCH_NAME_SIZE])
{
  watch_read_text (&watch->place, place);
  if (__atomic_load_n (&watch->place_run, __ATOMIC_ACQUIRE)
      != __atomic_load_n (&watch->meter.run, __ATOMIC_RELAXED))
    place[0] = '\0';
}

void
watch_ask (struct watch *watch, uint64_t client)
{
  __atomic_store_n (&watch->meter.asked, (int64_t) client, __ATOMIC_RELEASE);
}
