/* log-save.c -- what the logger leaves to the next image of the process.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Saving must not touch the heap's management, nor wait for other threads
   but the logger and the writer, which keep their gates open where they may
   have to wait themselves: one of them all has crashed.  All memory leaks, as
   it goes away at once.  */

#include <config.h>
#include "../logger/room.h"
#include "clock.h"
#include "inherit.h"

int
logger_image_fd (const struct logger *logger)
{
  return logger->image.fd;
}

/* MESSAGE was on its way to the writer.  */
static void
rescue_queue (struct logger *logger, struct message *message)
{
  struct job *job = (struct job *) message;

  if (message->kind == MESSAGE_LOG_JOB && job->sink != NULL)
    writer_queue (&logger->writer, job);
}

/* MESSAGE was on its way from the writer.  */
static void
rescue_collect (struct message *message)
{
  struct job *job = (struct job *) message;

  if (job->sink != NULL)
    sink_lose (job->sink, job, job->lost);
}

/* Have each sink know all its jobs.  */
static void
rescue_gather (struct logger *logger)
{
  struct mailbox *to_writer = &logger->writer.inbox;

  while (mailbox_look (&logger->done))
    rescue_collect (mailbox_next (&logger->done));
  while (mailbox_look (to_writer))
    rescue_queue (logger, mailbox_next (to_writer));
}

static void
rescue_put_job (struct log_image *image, const struct job *job)
{
  size_t written = job->written;
  struct log_record record = { .kind = LOG_RECORD_JOB,
    .number = written == 0 ? job->announced : 0,
    .text = job->data + written, .length = job->length - written };

  if (job->kind == JOB_LINES && record.length > 0)
    log_image_put (image, &record);
}

static void
rescue_put_sink (struct log_image *image, const struct sink *sink,
		 bool unsure)
{
  struct log_record record = { .kind = LOG_RECORD_SINK,
    .flags = sink->outlet.kind | (unsure ? LOG_SINK_UNSURE : 0),
    .path = sink->outlet.path, .fd = sink->outlet.fd,
    .number = sink->dropped };
  const struct job *job;

  log_image_put (image, &record);
  STAILQ_FOREACH (job, &sink->outlet.jobs, link)
    rescue_put_job (image, job);
  if (sink->open != NULL)
    rescue_put_job (image, sink->open);
}

static void
rescue_put_ring (struct log_image *image, struct ring *ring)
{
  struct log_record record = { .kind = LOG_RECORD_RING, .number = ring->id,
    .history = ring->capacity };

  log_image_put (image, &record);
  for (size_t i = 0; i < ring->count; i++)
    {
      const struct ring_line *line = ring_nth (ring, i);
      record = (struct log_record) { .kind = LOG_RECORD_RING_LINE,
	.seconds = line->seconds, .text = line->text,
	.length = line->length };
      log_image_put (image, &record);
    }
}

static void
rescue_put_source (struct log_image *image, const struct source *source)
{
  struct log_record record = source_record (source);

  record.flags |= source->cutter.after_cr ? LOG_SOURCE_AFTER_CR : 0;
  record.text = source->cutter.partial;
  record.length = source->cutter.length;
  log_image_put (image, &record);
}

static void
rescue_put_message (struct log_image *image, const struct message *message)
{
  const struct text_message *text = (const struct text_message *) message;
  const struct number_message *number
    = (const struct number_message *) message;
  const struct log_attach_message *attach
    = (const struct log_attach_message *) message;
  struct log_record record = { .kind = LOG_RECORD_NOTHING };

  if (message->kind == MESSAGE_LOG_LINE)
    record = (struct log_record) { .kind = LOG_RECORD_LINE,
      .flags = text->number, .text = text->text, .length = text->length };
  else if (message->kind == MESSAGE_LOG_DETACH_RING)
    record = (struct log_record) { .kind = LOG_RECORD_FORGET,
      .number = number->id };
  else if (message->kind == MESSAGE_LOG_ATTACH)
    {
      record = (struct log_record) { .kind = LOG_RECORD_SOURCE,
	.fd = attach->fd, .number = attach->ring, .history = attach->history,
	.path = attach->path, .prefix = attach->prefix };
      if (attach->bare)
	record.flags |= LOG_SOURCE_BARE;
      if (attach->file_fd < 0 && *attach->path != '\0')
	record.flags |= LOG_SOURCE_JOURNAL;
      /* Of a new process's pipe more is known, until this counts.  */
      if (inherit_kind (attach->fd) != INHERIT_PIPE)
	inherit_keep (attach->fd, INHERIT_LOGGER);
    }
  if (record.kind != LOG_RECORD_NOTHING)
    log_image_put (image, &record);
}

/* Write all that LOGGER has to its image, before DEADLINE.  False if that
   failed.  */
static bool
rescue_write (struct logger *logger, int64_t deadline)
{
  struct log_image *image = &logger->image;
  int64_t now = clock_now ();
  int64_t patience = logger->writer_crashed ? 0 : (deadline - now) / 2;
  enum gate_outcome outcome = gate_seize (&logger->writer.gate,
					  now + patience);
  struct sink *sink;
  struct source *source;
  struct ring *ring;

  if (outcome == GATE_FAILED)
    return false;
  rescue_gather (logger);
  log_image_begin (image, 0);
  LIST_FOREACH (sink, &logger->sinks.all, link)
    rescue_put_sink (image, sink, outcome == GATE_TAKEN
		     && logger->writer.current == &sink->outlet);
  for (size_t i = 0; (ring = table_next (&logger->rings.rings, &i)) != NULL;)
    rescue_put_ring (image, ring);
  LIST_FOREACH (source, &logger->sources.all, link)
    rescue_put_source (image, source);
  while (mailbox_look (logger->inbox))
    rescue_put_message (image, mailbox_next (logger->inbox));
  if (log_image_commit (image, LOG_IMAGE_COMPLETE) < 0)
    return false;
  LIST_FOREACH (sink, &logger->sinks.all, link)
    if (sink->outlet.kind == OUTLET_FILE)
      inherit_keep (sink->outlet.fd, INHERIT_LOGGER);
  return true;
}

void
logger_note_crash (struct logger *logger)
{
  pthread_t self = pthread_self ();

  if (pthread_equal (self, logger->writer.thread))
    logger->writer_crashed = true;
  if (pthread_equal (self, logger->thread) && gate_is_held (&logger->gate))
    {
      logger->crashed = true;
      gate_leave (&logger->gate);
    }
}

bool
logger_rescue (struct logger *logger, int timeout)
{
  int64_t deadline = clock_now () + timeout * CLOCK_MILLISECOND;

  return (gate_seize (&logger->gate, deadline) == GATE_SEIZED
	  && !logger->crashed && rescue_write (logger, deadline));
}
