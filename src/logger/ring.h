/* ring.h -- the last lines of a service, in memory.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A ring counts its users: the table and the sources that write to it.  */

#ifndef RING_H
#define RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"
#include "table.h"

/* Bytes that the lines of one ring may take; the last line is kept even if
   it is longer.  */
#define RING_BYTES (128 * 1024)

struct ring_line
{
  int64_t seconds;
  char *text;			/* malloc'ed, or NULL */
  size_t length;
};

struct ring			/* there may be thousands: no gaps */
{
  uint64_t id;
  struct ring_table *table;
  struct ring *next_changed;
  struct ring_line *lines;	/* CAPACITY of them; NULL before the first */
  uint32_t capacity, first, count;	/* FIRST is the oldest */
  uint32_t bytes;		/* of all its lines */
  uint32_t users;
  bool changed;			/* since it was collected last */
  bool collected;		/* the core knows of it */
  bool gone;			/* forgotten */
};

struct ring_table		/* all zero to begin with */
{
  struct table rings;		/* by identifier */
  struct ring *changed;		/* to tell the core of */
};

/* Find or make the ring ID, keeping HISTORY lines, and use it: the caller
   must ring_release what it gets.  NULL when memory is out.  */
struct ring *ring_use (struct ring_table *table, uint64_t id,
		       unsigned int history);
void ring_release (struct ring *ring);	/* NULL is fine */

/* Forget the ring ID; who uses it goes on using it.  */
void ring_forget (struct ring_table *table, uint64_t id);

/* Add the last lines of TEXT, LENGTH bytes in which each line begins with
   SKIP bytes that are left out and ends with LF.  */
void ring_add (struct ring *ring, int64_t seconds, const char *text,
	       size_t length, size_t skip);

/* Add one line of LENGTH bytes.  */
void ring_push (struct ring *ring, int64_t seconds, const char *text,
		size_t length);

/* The Nth line of RING, the oldest being 0.  */
struct ring_line *ring_nth (struct ring *ring, size_t n);

/* Is there a ring to tell the core of, other than PLAIN?  */
bool ring_news (const struct ring_table *table, const struct ring *plain);

/* The message MESSAGE_LOG_HISTORY about the ring ID for REQUEST; empty if
   there is no such ring.  NULL when memory is out.  */
struct message *ring_history (struct ring_table *table, uint64_t request,
			      uint64_t id);

/* Make REQUEST the message MESSAGE_RINGS.  When memory is out, rings will come
   next time.  */
struct message *ring_collect (struct ring_table *table,
			      struct message *request);

#endif
