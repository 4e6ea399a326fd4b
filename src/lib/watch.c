/* watch.c -- what the core may know of the interpreter without asking it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The name is guarded by a sequence lock.  Its bytes are read and written
   one by one as relaxed atomics, so a torn name is seen and never a race.  */

#include <config.h>

#include "watch.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "clock.h"

#define WATCH_ATTEMPTS 8

void
watch_enter (struct watch *watch)
{
  atomic_store (&watch->busy_since, clock_now ());
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
