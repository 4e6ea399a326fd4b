/* source.c -- the output pipes of services.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "source.h"
#include "clock.h"
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

static int
source_listen (const struct source_list *list, struct source *source, int fd)
{
  return poller_set (list->epoll_fd, fd, EPOLLIN,
		     (epoll_data_t) { .ptr = source });
}

void
source_add (struct source_list *list, int fd, struct sink *sink,
	    struct ring *ring, const char *prefix)
{
  size_t length = strlen (prefix);
  struct source *source = calloc (1, sizeof *source + length + 1);

  if (source == NULL || source_listen (list, source, fd) < 0)
    {
      sink_release (list->sinks, sink);
      ring_release (ring);
      close (fd);
      free (source);
      return;
    }
  source->fd = fd;
  source->sink = sink;
  source->ring = ring;
  source->prefix_length = length;
  memcpy (source->prefix, prefix, length);
  LIST_INSERT_HEAD (&list->all, source, link);
}

static void
source_end (struct source_list *list, struct source *source,
	    struct batch *batch)
{
  cutter_end (&source->cutter, batch_line, batch);
  batch_end (batch);
  sink_submit (list->sinks);
  LIST_REMOVE (source, link);
  sink_release (list->sinks, source->sink);
  ring_release (source->ring);
  poller_close (list->epoll_fd, &source->fd);
  free (source);
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

void
source_read (struct source_list *list, struct source *source)
{
  struct batch batch = { .sinks = list->sinks, .sink = source->sink,
    .ring = source->ring, .prefix = source->prefix,
    .prefix_length = source->prefix_length };
  ssize_t n = SOURCE_READ_SIZE;

  for (int i = 0; i < SOURCE_READS && n == SOURCE_READ_SIZE; i++)
    {
      if (source_pause (list, source))
	return;
      n = read (source->fd, list->buffer, SOURCE_READ_SIZE);
      if (n < 0 && (errno == EAGAIN || errno == EINTR))
	return;
      batch.expected = n > 0 ? n : 0;
      batch_begin (&batch);
      if (n <= 0)
	{
	  source_end (list, source, &batch);
	  return;
	}
      cutter_feed (&source->cutter, list->buffer, n, batch_line, &batch);
      batch_end (&batch);
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

  for (struct source *source = LIST_FIRST (&list->all); source; source = next)
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
