/* source.c -- the output pipes of services.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "source.h"
#include "clock.h"
#include "inherit.h"
#include "later.h"
#include "poller.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads of one source before others get their turn.  */
#define SOURCE_READS 4
#define SOURCE_PIPE_SIZE (SOURCE_READS * SOURCE_READ_SIZE)

/* A full sink is waited for while it makes progress; after this time
   without any, lines are dropped so that services go on.  */
#define SOURCE_PATIENCE CLOCK_SECOND

/* Bytes of records that may be outdated.  */
#define SOURCE_GARBAGE 65536

static int
source_listen (const struct source_list *list, struct source *source, int fd)
{
  return poller_set (list->epoll_fd, fd, EPOLLIN,
		     (epoll_data_t) { .ptr = source });
}

struct source *
source_add (struct source_list *list, int fd, struct sink *sink,
	    struct ring *ring, const char *prefix)
{
  size_t length = strlen (prefix);
  struct source *source
    = calloc (1, offsetof (struct source, prefix) + length + 1);

  if (source == NULL || source_listen (list, source, fd) < 0)
    {
      sink_release (list->sinks, sink);
      ring_release (ring);
      inherit_drop (fd);
      close (fd);
      free (source);
      return NULL;
    }
  source->fd = fd;
  source->sink = sink;
  source->ring = ring;
  source->prefix_length = (uint32_t) length;
  memcpy (source->prefix, prefix, length);
  LIST_INSERT_HEAD (&list->all, source, link);
  return source;
}

struct log_record
source_record (const struct source *source)
{
  const struct ring *ring = source->ring;
  struct log_record record = { .kind = LOG_RECORD_SOURCE, .fd = source->fd,
    .path = source->sink->outlet.path, .prefix = source->prefix };

  if (source->bare)
    record.flags |= LOG_SOURCE_BARE;
  if (source->sink->outlet.kind == OUTLET_JOURNAL)
    record.flags |= LOG_SOURCE_JOURNAL;
  if (ring != NULL && !ring->gone)
    {
      record.number = ring->id;
      record.history = ring->capacity;
    }
  return record;
}

static void
source_put (struct source_list *list, struct source *source)
{
  struct log_record record = source_record (source);

  source->record = log_image_put (list->image, &record);
}

void
source_note_all (struct source_list *list)
{
  struct source *source;
  uint64_t used = list->image->end - list->image->start;

  log_image_begin (list->image, used - list->image->garbage);
  LIST_FOREACH (source, &list->all, link)
    source_put (list, source);
  log_image_commit (list->image, 0);
  LIST_FOREACH (source, &list->all, link)
    inherit_keep (source->fd, INHERIT_LOGGER);
}

void
source_note (struct source_list *list, struct source *source)
{
  if (list->image->garbage > SOURCE_GARBAGE)
    source_note_all (list);
  else
    {
      source_put (list, source);
      if (log_image_commit (list->image, 0) < 0)
	source->record = 0;
      inherit_keep (source->fd, INHERIT_LOGGER);
    }
}

/* SOURCE's pipe is no longer to be found by a successor.  */
static void
source_unnote (struct source_list *list, struct source *source)
{
  if (source->record != 0)
    log_image_end (list->image, source->record);
  inherit_drop (source->fd);
}

/* If SOURCE's sink is full, leave it for later.  */
static bool
source_pause (struct source_list *list, struct source *source)
{
  struct sink *sink = source->sink;

  if (sink->dropping || sink_has_room (list->sinks, sink, SINK_NORMAL))
    return false;
  source->paused = true;
  list->paused++;
  poller_remove (list->epoll_fd, source->fd);
  return true;
}

static struct batch
source_batch (struct source_list *list, struct source *source)
{
  return (struct batch) { .sinks = list->sinks, .sink = source->sink,
    .ring = source->ring, .bare = source->bare, .prefix = source->prefix,
    .prefix_length = source->prefix_length };
}

void
source_feed (struct source_list *list, struct source *source,
	     const char *text, size_t length)
{
  struct batch batch = source_batch (list, source);

  batch.expected = length;
  batch_begin (&batch);
  cutter_feed (&source->cutter, text, length, batch_line, &batch);
  batch_end (&batch);
}

static void
source_end (struct source_list *list, struct source *source)
{
  struct batch batch = source_batch (list, source);

  batch_begin (&batch);
  cutter_end (&source->cutter, batch_line, &batch);
  batch_end (&batch);
  sink_submit (list->sinks);
  LIST_REMOVE (source, link);
  sink_release (list->sinks, source->sink);
  ring_release (source->ring);
  source_unnote (list, source);
  poller_close (list->epoll_fd, &source->fd);
  later_free (source);
}

void
source_read (struct source_list *list, struct source *source)
{
  ssize_t n = SOURCE_READ_SIZE;

  for (int i = 0; i < SOURCE_READS && n == SOURCE_READ_SIZE; i++)
    {
      if (source_pause (list, source))
	return;
      n = read (source->fd, list->buffer, SOURCE_READ_SIZE);
      if (n < 0 && (errno == EAGAIN || errno == EINTR))
	return;
      if (n <= 0)
	{
	  source_end (list, source);
	  return;
	}
      source_feed (list, source, list->buffer, n);
    }
  if (n == SOURCE_READ_SIZE && !source->wide)
    {
      source->wide = true;
      fcntl (source->fd, F_SETPIPE_SZ, SOURCE_PIPE_SIZE);
    }
}

void
source_read_all (struct source_list *list)
{
  struct source *next;

  /* Twice, for an end is seen after all that came before it.  */
  for (int round = 0; round < 2; round++)
    for (struct source *source = LIST_FIRST (&list->all); source != NULL;
	 source = next)
      {
	next = LIST_NEXT (source, link);
	if (!source->paused)
	  source_read (list, source);
      }
}

/* May SOURCE go on?  If not, lower *LEFT to the time until it may in any
   case.  All sources of a sink share its deadline, which is 0 while none is
   paused and after each progress.  */
static bool
source_may_resume (struct source_list *list, struct source *source,
		   int64_t now, int64_t *left)
{
  struct sink *sink = source->sink;

  if (sink->deadline == 0)
    sink->deadline = now + SOURCE_PATIENCE;
  if (now >= sink->deadline)
    sink->dropping = true;
  if (sink->dropping || sink_has_room (list->sinks, sink, SINK_NORMAL))
    {
      sink->deadline = 0;
      return true;
    }
  if (*left < 0 || sink->deadline - now < *left)
    *left = sink->deadline - now;
  return false;
}

int
source_resume (struct source_list *list, int64_t now)
{
  int64_t left = -1;
  struct source *source;

  if (list->paused == 0)
    return -1;
  LIST_FOREACH (source, &list->all, link)
    if (source->paused && source_may_resume (list, source, now, &left))
      {
	source->paused = false;
	list->paused--;
	source_listen (list, source, source->fd);
      }
  return left < 0 ? -1 : (int) (left / CLOCK_MILLISECOND) + 1;
}
