/* log-take.c -- what the logger takes up from the last image of the process.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   What is there may be in pieces.  A descriptor is ours only if the table of
   inherit.h says so as well.  */

#include <config.h>
#include "../logger/room.h"
#include "i18n.h"
#include "inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* No ring has more lines.  */
#define RESCUE_HISTORY_MAX (1024 * 1024)

/* What is taken up, and how that goes.  */
struct rescue
{
  struct logger *logger;
  struct sink *sink;		/* that jobs belong to, or NULL */
  struct ring *ring;		/* that lines belong to, or NULL */
  unsigned int lost;		/* sources without a pipe */
  unsigned char taken[INHERIT_DESCRIPTORS / 8];	/* bits: pipes of sources */
};

static bool
rescue_has_taken (const struct rescue *rescue, int fd)
{
  return fd >= 0 && (rescue->taken[fd / 8] >> fd % 8 & 1);
}

/* FD, if it was left to us and is not only for what is UNWANTED; or -1.  */
static int
rescue_take_fd (int fd, int unwanted)
{
  enum inherit_kind kind = inherit_kind (fd);
  bool ours = kind == INHERIT_LOGGER || kind == INHERIT_PIPE;
  int flags = ours ? fcntl (fd, F_GETFL) : -1;

  if (flags < 0 || (flags & O_ACCMODE) == unwanted)
    return -1;
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  return fd;
}

/* The sink of PATH, which may be new, of KIND, and have no user.  */
static struct sink *
rescue_find_sink (struct logger *logger, enum outlet_kind kind,
		  const char *path)
{
  struct sink *sink = *path == '\0' ? logger->sink
    : sink_find (&logger->sinks, path);

  if (sink == NULL && (sink = sink_new (&logger->sinks, kind, path, -1)))
    sink->users = 0;
  return sink;
}

static void
rescue_take_sink (struct rescue *rescue, const struct log_record *record)
{
  struct logger *logger = rescue->logger;
  unsigned int kind = record->flags & LOG_SINK_KIND;
  struct sink *sink = kind == OUTLET_STDOUT ? logger->standard_output
    : rescue_find_sink (logger, kind == OUTLET_JOURNAL ? kind : OUTLET_FILE,
			record->path);
  int fd = kind == OUTLET_FILE ? rescue_take_fd (record->fd, O_RDONLY) : -1;
  char text[1024];

  rescue->sink = sink;
  if (fd >= 0)
    inherit_drop (fd);
  if (sink == NULL)
    return;
  sink->dropped += record->number;
  if (fd >= 0 && sink->outlet.kind == OUTLET_FILE)
    {
      if (sink->outlet.fd >= 0)
	close (sink->outlet.fd);
      sink->outlet.fd = fd;
    }
  snprintf (text, sizeof text, R_("%s: lines may be there twice."),
	    *sink->outlet.path != '\0' ? sink->outlet.path : R_("Log"));
  if (record->flags & LOG_SINK_UNSURE)
    logger_say (logger, text);
}

static void
rescue_take_job (struct rescue *rescue, const struct log_record *record)
{
  struct job *job = rescue->sink == NULL ? NULL
    : job_new (JOB_LINES, record->length);

  if (job == NULL)
    return;
  memcpy (job->data, record->text, record->length);
  job->length = record->length;
  job->announced = record->number;
  sink_post (&rescue->logger->sinks, rescue->sink, job);
}

static struct ring *
rescue_use_ring (struct rescue *rescue, const struct log_record *record)
{
  unsigned int history = record->history < RESCUE_HISTORY_MAX
    ? record->history : RESCUE_HISTORY_MAX;

  return record->number == 0 ? NULL
    : ring_use (&rescue->logger->rings, record->number, history);
}

static void
rescue_take_source (struct rescue *rescue, const struct log_record *record)
{
  struct source_list *list = &rescue->logger->sources;
  enum outlet_kind kind = record->flags & LOG_SOURCE_JOURNAL
    ? OUTLET_JOURNAL : OUTLET_FILE;
  struct sink *sink = rescue_find_sink (rescue->logger, kind, record->path);
  int fd = rescue_take_fd (record->fd, O_WRONLY);
  struct source *source;

  if (rescue_has_taken (rescue, fd))
    return;
  if (fd < 0 || sink == NULL)
    {
      rescue->lost++;
      return;
    }
  rescue->taken[fd / 8] |= 1 << fd % 8;
  sink->users++;
  source = source_add (list, fd, sink, rescue_use_ring (rescue, record),
		       record->prefix);
  if (source == NULL)
    return;
  source->bare = record->flags & LOG_SOURCE_BARE;
  source_feed (list, source, record->text, record->length);
  source->cutter.after_cr = record->flags & LOG_SOURCE_AFTER_CR;
}

static void
rescue_take (struct rescue *rescue, const struct log_record *record)
{
  switch (record->kind)
    {
    case LOG_RECORD_SOURCE:
      rescue_take_source (rescue, record);
      break;
    case LOG_RECORD_SINK:
      rescue_take_sink (rescue, record);
      break;
    case LOG_RECORD_JOB:
      rescue_take_job (rescue, record);
      break;
    case LOG_RECORD_RING:
      ring_release (rescue->ring);
      rescue->ring = rescue_use_ring (rescue, record);
      break;
    case LOG_RECORD_RING_LINE:
      if (rescue->ring != NULL)
	ring_push (rescue->ring, record->seconds, record->text,
		   record->length);
      break;
    case LOG_RECORD_LINE:
      logger_dispatch (rescue->logger,
		       message_text (MESSAGE_LOG_LINE, 0, record->flags,
				     record->text, record->length));
      break;
    case LOG_RECORD_FORGET:
      ring_forget (&rescue->logger->rings, record->number);
      break;
    default:
      break;
    }
}

/* Take up the pipe FD, of which the image did not tell.  Closing it might
   kill whoever writes.  */
static void
rescue_take_pipe (struct rescue *rescue, int fd)
{
  const struct inherit_flight *flight = inherit_flight_of_pipe (fd);
  struct log_record record = { .kind = LOG_RECORD_SOURCE, .fd = fd,
    .path = "", .prefix = "[?] ", .text = "" };
  char prefix[SPAWN_PREFIX_SIZE];

  if (flight == NULL)
    logger_say (rescue->logger, R_("The output of a process that is not known"
				   " goes to this log, as [?]."));
  else
    {
      record.path = inherit_flight_log_path (flight);
      spawn_log_prefix (prefix, record.path, flight->log_prefix,
			flight->log_with_pid, flight->pid);
      record.prefix = prefix;
      record.history = flight->history;
      /* Without a service, nobody would ever forget the ring.  */
      record.number = flight->service[0] != '\0' ? flight->ring : 0;
    }
  rescue_take_source (rescue, &record);
}

/* Take up what was left to us as KIND without the image telling of it.  */
static void
rescue_take_rest (struct rescue *rescue, enum inherit_kind kind)
{
  for (int fd = 3; (fd = inherit_next (fd, kind)) >= 0; fd++)
    if (rescue_has_taken (rescue, fd))
      continue;
    else if (rescue_take_fd (fd, O_WRONLY) >= 0)
      rescue_take_pipe (rescue, fd);
    else
      {
	inherit_drop (fd);
	close (fd);
      }
}

/* Tell what READER and RESCUE missed; RC is how reading began.  */
static void
rescue_tell (const struct rescue *rescue, const struct log_reader *reader,
	     int rc)
{
  char text[256];

  if (rc == -ENOTSUP)
    {
      snprintf (text, sizeof text, R_("The log of what ran before has the"
				      " unknown format %u."), reader->version);
      logger_say (rescue->logger, text);
    }
  else if (rc < 0 || reader->damaged)
    logger_say (rescue->logger,
		R_("The log of what ran before is damaged."));
  if (rescue->lost > 0)
    {
      snprintf (text, sizeof text, R_("Pipes of services are gone: %u."),
		rescue->lost);
      logger_say (rescue->logger, text);
    }
  if (rc < 0 || reader->damaged || !(reader->flags & LOG_IMAGE_COMPLETE))
    logger_say (rescue->logger, R_("Log lines may be missing here."));
}

int
rescue_take_up (struct logger *logger, int fd)
{
  struct rescue rescue = { .logger = logger };
  struct log_reader reader;
  struct log_record record;
  struct sink *sink;
  int rc = log_reader_open (&reader, fd);

  while (rc == 0 && log_reader_next (&reader, &record))
    rescue_take (&rescue, &record);
  ring_release (rescue.ring);
  rescue_take_rest (&rescue, INHERIT_PIPE);
  rescue_take_rest (&rescue, INHERIT_LOGGER);
  rescue_tell (&rescue, &reader, rc);
  log_reader_close (&reader);
  LIST_FOREACH (sink, &logger->sinks.all, link)
    if (sink->queued == 0 && sink->open == NULL
	&& (sink->users == 0 || sink->dropped > 0))
      sink_settle (&logger->sinks, sink, false);
  if (rc == 0)
    {
      fcntl (fd, F_SETFD, FD_CLOEXEC);
      log_image_adopt (&logger->image, fd, logger->buffer,
		       sizeof logger->buffer);
      return 0;
    }
  inherit_drop (fd);
  close (fd);
  return log_image_new (&logger->image, logger->buffer,
			sizeof logger->buffer);
}
