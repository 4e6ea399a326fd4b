/* ring.c -- the last lines of a service, in memory.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "ring.h"
#include "later.h"
#include "sexp.h"
#include "text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct ring *
ring_use (struct ring_table *table, uint64_t id, unsigned int history)
{
  struct ring *ring = table_get (&table->rings, id);

  if (ring == NULL)
    {
      ring = calloc (1, sizeof *ring);
      if (ring == NULL || table_put (&table->rings, id, ring) < 0)
	{
	  free (ring);
	  return NULL;
	}
      ring->table = table;
      ring->id = id;
      ring->capacity = history;
      ring->users = 1;
    }
  ring->users++;
  return ring;
}

struct ring_line *
ring_nth (struct ring *ring, size_t n)
{
  return &ring->lines[(ring->first + n) % ring->capacity];
}

static void
ring_drop_oldest (struct ring *ring)
{
  struct ring_line *line = ring_nth (ring, 0);

  ring->bytes -= line->length;
  later_free (line->text);
  line->text = NULL;
  ring->first = (ring->first + 1) % ring->capacity;
  ring->count--;
}

void
ring_release (struct ring *ring)
{
  if (ring == NULL || --ring->users > 0)
    return;
  while (ring->count > 0)
    ring_drop_oldest (ring);
  later_free (ring->lines);
  later_free (ring);
}

/* Have RING told of by the next collection, which also uses it.  */
static void
ring_change (struct ring *ring)
{
  if (ring->changed)
    return;
  ring->changed = true;
  ring->users++;
  ring->next_changed = ring->table->changed;
  ring->table->changed = ring;
}

bool
ring_news (const struct ring_table *table, const struct ring *plain)
{
  const struct ring *first = table->changed;

  return first != NULL && (first != plain || first->next_changed != NULL);
}

void
ring_forget (struct ring_table *table, uint64_t id)
{
  struct ring *ring = table_remove (&table->rings, id);

  if (ring == NULL)
    return;
  while (ring->count > 0)
    ring_drop_oldest (ring);
  ring->capacity = 0;
  ring->gone = true;
  if (ring->collected)
    ring_change (ring);
  ring_release (ring);
}

void
ring_push (struct ring *ring, int64_t seconds, const char *text,
	   size_t length)
{
  if (ring->lines == NULL)
    ring->lines = calloc (ring->capacity, sizeof *ring->lines);
  char *copy = ring->capacity > 0 ? malloc (later_size (length + 1)) : NULL;

  if (copy == NULL || ring->lines == NULL)
    {
      free (copy);
      return;
    }
  ring_change (ring);
  memcpy (copy, text, length);
  while (ring->count == ring->capacity
	 || (ring->count > 0 && ring->bytes + length > RING_BYTES))
    ring_drop_oldest (ring);
  ring->count++;
  ring->bytes += length;
  *ring_nth (ring, ring->count - 1) = (struct ring_line)
    { .seconds = seconds, .text = copy, .length = length };
}

void
ring_add (struct ring *ring, int64_t seconds, const char *text,
	  size_t length, size_t skip)
{
  const char *start = text + length, *end = start;

  if (ring->capacity == 0 || length == 0)
    return;
  /* Only the lines that will stay are looked at: go back that far.  */
  for (size_t n = 0; n < ring->capacity && start > text; n++)
    {
      const char *before = start - 1;	/* the LF of the line there */
      const char *lf = memrchr (text, '\n', before - text);
      start = lf ? lf + 1 : text;
    }
  while (start < end)
    {
      const char *lf = memchr (start, '\n', end - start);
      ring_push (ring, seconds, start + skip, lf - start - skip);
      start = lf + 1;
    }
}

/* Append the datum ((SECONDS . "LINE") ...), newest first; () for NULL.  */
static void
ring_write (struct ring *ring, struct text *out)
{
  text_append_char (out, '(');
  for (size_t i = ring == NULL ? 0 : ring->count; i > 0; i--)
    {
      const struct ring_line *line = ring_nth (ring, i - 1);
      text_printf (out, "%s(%lld . ", i < ring->count ? " " : "",
		   (long long) line->seconds);
      sexp_write_string (out, line->text, line->length);
      text_append_char (out, ')');
    }
  text_append_char (out, ')');
}

struct message *
ring_history (struct ring_table *table, uint64_t request, uint64_t id)
{
  struct text out = TEXT_EMPTY;
  struct message *message = NULL;

  ring_write (table_get (&table->rings, id), &out);
  if (!out.failed)
    message = message_text (MESSAGE_LOG_HISTORY, request, 0,
			    text_string (&out), out.length);
  text_free (&out);
  return message;
}

/* Describe RING, which changed, in ENTRY, and forget that it did.  False
   when memory is out.  */
static bool
ring_describe (struct ring *ring, struct ring_text *entry)
{
  struct text out = TEXT_EMPTY;

  entry->ring = ring->id;
  entry->text = NULL;
  if (!ring->gone)
    {
      ring_write (ring, &out);
      entry->text = text_steal (&out);
      if (entry->text == NULL)
	return false;
      ring->collected = true;
    }
  ring->changed = false;
  return true;
}

struct message *
ring_collect (struct ring_table *table, struct message *request)
{
  struct rings_message *message = (struct rings_message *) request;
  size_t count = 0;

  static_assert (sizeof *message <= sizeof (struct number_message),
		 "the request has room for its answer");
  for (struct ring *ring = table->changed; ring; ring = ring->next_changed)
    count++;
  struct ring_text *rings = calloc (count + 1, sizeof *rings);
  *message = (struct rings_message)
    { .header.kind = MESSAGE_RINGS, .rings = rings };
  for (struct ring *ring; rings != NULL && (ring = table->changed) != NULL;
       message->count++)
    {
      if (!ring_describe (ring, &rings[message->count]))
	break;
      table->changed = ring->next_changed;
      ring_release (ring);
    }
  return request;
}
