/* sink.c -- where lines go to, as the logger thread sees it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "sink.h"
#include "i18n.h"
#include "later.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The least and the most room that a job has for the lines of one read.  */
#define SINK_SMALL_JOB 1024
#define SINK_BIG_JOB (128 * 1024)

/* Room for a line that tells of dropped ones.  */
#define SINK_NOTICE_MAX 256

struct sink *
sink_new (struct sinks *sinks, enum outlet_kind kind, const char *path,
	  int fd)
{
  struct sink *sink = calloc (1, sizeof *sink);
  char *copy = malloc (later_size (strlen (path) + 1));

  if (sink == NULL || copy == NULL)
    {
      free (sink);
      free (copy);
      if (fd >= 0)
	close (fd);
      return NULL;
    }
  sink->outlet.path = strcpy (copy, path);
  sink->outlet.kind = kind;
  sink->outlet.fd = fd;
  journal_init (&sink->outlet.journal, sink->outlet.path);
  STAILQ_INIT (&sink->outlet.jobs);
  sink->users = 1;
  LIST_INSERT_HEAD (&sinks->all, sink, link);
  return sink;
}

struct sink *
sink_find (struct sinks *sinks, const char *path)
{
  struct sink *sink = *path != '\0' ? LIST_FIRST (&sinks->all) : NULL;

  while (sink != NULL && strcmp (sink->outlet.path, path) != 0)
    sink = LIST_NEXT (sink, link);
  return sink;
}

struct sink *
sink_use (struct sinks *sinks, enum outlet_kind kind, const char *path, int fd)
{
  struct sink *sink = sink_find (sinks, path);

  if (sink == NULL)
    return sink_new (sinks, kind, path, fd);
  sink->users++;
  if (fd >= 0)
    close (fd);
  return sink;
}

/* Have the writer do a job of KIND after all that is under way.  */
static void
sink_post_kind (struct sinks *sinks, struct sink *sink, enum job_kind kind)
{
  struct job *job = job_new (kind, 0);

  if (job != NULL)
    sink_post (sinks, sink, job);
}

void
sink_release (struct sinks *sinks, struct sink *sink)
{
  if (--sink->users == 0)
    sink_post_kind (sinks, sink, JOB_FLUSH);
}

bool
sink_has_room (const struct sinks *sinks, const struct sink *sink,
	       enum sink_share share)
{
  return share * sink->queued + sinks->queued < SINK_LIMIT;
}

void
sink_post (struct sinks *sinks, struct sink *sink, struct job *job)
{
  size_t cost = sizeof *job + job->capacity;

  job->sink = sink;
  if (sink != NULL)
    sink->queued += cost;
  sinks->queued += cost;
  job->quiet = job->kind == JOB_LINES && sinks->queued < SINK_QUIET;
  /* First post, then look: see writer_wait.  */
  mailbox_post (sinks->to_writer, &job->header);
  if (!job->quiet || sinks->writer_rests == NULL
      || !atomic_load (sinks->writer_rests))
    mailbox_ring (sinks->to_writer);
}

void
sink_lose (struct sink *sink, const struct job *job, uint64_t lost)
{
  sink->dropped += lost;
  if (job->announced > 0 && job->written == 0)
    sink->dropped += job->announced - 1;
}

static void
sink_submit_one (struct sinks *sinks, struct sink *sink)
{
  struct job *job = sink->open;

  if (job == NULL)
    return;
  sink->open = NULL;
  if (!sink->dropping && sink_has_room (sinks, sink, SINK_URGENT))
    sink_post (sinks, sink, job);
  else
    {
      sink_lose (sink, job, job_lines (job));
      later_free (job);
    }
}

void
sink_submit (struct sinks *sinks)
{
  struct sink *sink;

  LIST_FOREACH (sink, &sinks->all, link)
    sink_submit_one (sinks, sink);
}

/* The text before the lines of SINK.  */
static const char *
sink_head (const struct sinks *sinks, const struct sink *sink)
{
  return (sink->outlet.kind == OUTLET_FILE ? sinks->stamp.text
	  : sink->outlet.kind == OUTLET_JOURNAL ? sinks->tag : "");
}

/* Return an open job with room for SIZE bytes, or NULL.  If lines were
   lost, a new one begins by telling so.  */
static struct job *
sink_open (struct sinks *sinks, struct sink *sink, size_t size)
{
  struct job *job = sink->open = job_new (JOB_LINES, size + SINK_NOTICE_MAX);

  if (job == NULL)
    return NULL;
  if (sink_has_room (sinks, sink, SINK_NORMAL))
    sink->dropping = false;
  if (sink->dropped > 0 && !sink->dropping)
    {
      job->announced = sink->dropped;
      sink->dropped = 0;
      snprintf (stpcpy (job->data, sink_head (sinks, sink)),
		SINK_NOTICE_MAX / 2, R_("Lines dropped: %llu\n"),
		(unsigned long long) job->announced);
      job->length = strlen (job->data);
    }
  return job;
}

void
sink_settle (struct sinks *sinks, struct sink *sink, bool closed)
{
  if (sink->dropped > 0 && !sink->broken)
    {
      sink->dropping = false;
      sink_open (sinks, sink, 0);
    }
  else if (sink->users == 0 && !closed)
    sink_post_kind (sinks, sink, JOB_CLOSE);
  else if (sink->users == 0)
    {
      LIST_REMOVE (sink, link);
      later_free (sink->outlet.path);
      later_free (sink);
    }
}

struct number_message *
sink_take_back (struct sinks *sinks, struct job *job)
{
  struct sink *sink = job->sink;
  size_t cost = sizeof *job + job->capacity;
  struct number_message *request = job->request;

  sinks->queued -= cost;
  if (sink != NULL)
    {
      sink->queued -= cost;
      sink->deadline = 0;
      if (job->kind == JOB_LINES)
	sink->broken = job->lost > 0;
      sink_lose (sink, job, job->lost);
      if (sink->queued == 0 && sink->open == NULL)
	sink_settle (sinks, sink, job->kind == JOB_CLOSE);
    }
  later_free (job);
  return request;
}

void
batch_begin (struct batch *batch)
{
  batch->start = batch->sink->open ? batch->sink->open->length : 0;
}

/* The text before the lines of BATCH.  */
static const char *
batch_head (const struct batch *batch)
{
  return batch->bare ? "" : sink_head (batch->sinks, batch->sink);
}

/* Copy the lines since BATCH's start to its ring.  */
void
batch_end (struct batch *batch)
{
  const struct job *job = batch->sink->open;

  if (batch->ring != NULL && job != NULL)
    ring_add (batch->ring, batch->sinks->stamp.seconds,
	      job->data + batch->start, job->length - batch->start,
	      strlen (batch_head (batch)) + batch->prefix_length);
}

/* Return the open job with room for SIZE bytes, or NULL.  */
static struct job *
batch_room (struct batch *batch, size_t size)
{
  struct sink *sink = batch->sink;
  size_t guess = SINK_SMALL_JOB + 3 * batch->expected;

  if (sink->open != NULL)
    {
      if (sink->open->capacity - sink->open->length >= size)
	return sink->open;
      batch_end (batch);
      sink_submit_one (batch->sinks, sink);
    }
  guess = guess < SINK_BIG_JOB ? guess : SINK_BIG_JOB;
  sink_open (batch->sinks, sink, size > guess ? size : guess);
  batch_begin (batch);
  return sink->open;
}

void
batch_line (void *data, const char *line, size_t length)
{
  struct batch *batch = data;
  const char *head = batch_head (batch);
  size_t head_length = strlen (head);
  bool ascii = utf8_is_ascii (line, length);
  struct job *job = batch_room (batch, head_length + batch->prefix_length
				+ (ascii ? length : 3 * length) + 1);

  if (job == NULL)
    {
      batch->sink->dropped++;
      return;
    }
  char *to = job->data + job->length;
  to = mempcpy (to, head, head_length);
  to = mempcpy (to, batch->prefix, batch->prefix_length);
  if (ascii)
    to = mempcpy (to, line, length);
  else
    to += utf8_repair (to, line, length);
  *to++ = '\n';
  job->length = to - job->data;
}
