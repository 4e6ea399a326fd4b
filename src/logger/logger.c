/* logger.c -- the logger thread.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "room.h"
#include "clock.h"
#include "inherit.h"
#include "later.h"
#include "poller.h"
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOGGER_EVENTS 64
#define LOGGER_ROOT_HISTORY 20

/* Set up where the daemon's own lines go.  */
static int
logger_open_sinks (struct logger *logger,
		   const struct logger_options *options)
{
  bool journal = options->log_fd < 0;

  logger->sink = journal
    ? sink_new (&logger->sinks, OUTLET_JOURNAL, options->syslog_path, -1)
    : sink_new (&logger->sinks, OUTLET_FILE, options->log_path,
		options->log_fd);
  logger->root = ring_use (&logger->rings, LOGGER_ROOT_RING,
			   LOGGER_ROOT_HISTORY);
  if (logger->sink == NULL || logger->root == NULL)
    return -ENOMEM;
  int fd = journal || options->silent ? -1
    : fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (fd < 0)
    return 0;
  logger->standard_output = sink_new (&logger->sinks, OUTLET_STDOUT, "", fd);
  if (logger->standard_output == NULL)
    return -ENOMEM;
  outlet_open_stdout (&logger->standard_output->outlet, fd);
  return 0;
}

/* Wake up when BOX rings; all are looked into in each turn.  */
static int
logger_watch (struct logger *logger, const struct mailbox *box)
{
  return poller_set (logger->epoll_fd, box->bell, EPOLLIN | EPOLLET,
		     (epoll_data_t) { .ptr = NULL });
}

static int
logger_open (struct logger *logger, const struct logger_options *options)
{
  logger->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (logger->epoll_fd < 0)
    return -errno;
  *logger->quiescence = (struct quiescence)
    { .inbox = logger->inbox, .epoll_fd = logger->epoll_fd };
  int rc = mailbox_open (&logger->done);
  if (rc == 0)
    rc = logger_watch (logger, logger->inbox);
  if (rc == 0)
    rc = logger_watch (logger, &logger->done);
  if (rc == 0)
    rc = writer_init (&logger->writer, &logger->done);
  logger->sinks.tag = logger->tag;
  logger->sources.sinks = &logger->sinks;
  logger->sources.epoll_fd = logger->epoll_fd;
  logger->sources.buffer = logger->buffer;
  logger->sources.image = &logger->image;
  logger->sinks.to_writer = &logger->writer.inbox;
  logger->sinks.writer_rests = &logger->writer.rests;
  return rc < 0 ? rc : logger_open_sinks (logger, options);
}

static void
logger_set_tag (struct logger *logger)
{
  snprintf (logger->tag, sizeof logger->tag, "shepherd[%ld]: ",
	    (long) getpid ());
}

int
logger_new (const struct logger_options *options, struct logger **result)
{
  struct logger *logger = malloc (sizeof *logger);

  if (logger == NULL)
    return -ENOMEM;
  /* The buffer takes no memory until it is used.  */
  memset (logger, 0, offsetof (struct logger, buffer));
  logger->inbox = options->inbox;
  logger->to_core = options->to_core;
  logger->to_interpreter = options->to_interpreter;
  logger->quiescence = options->quiescence;
  stamp_init (&logger->sinks.stamp);
  logger_set_tag (logger);
  /* What failed here ends the program: nothing is taken back.  */
  int rc = logger_open (logger, options);
  if (rc == 0 && (options->image_fd >= 0 || inherit_is_successor ()))
    rc = rescue_take_up (logger, options->image_fd);
  else if (rc == 0)
    rc = log_image_new (&logger->image, logger->buffer, sizeof logger->buffer);
  later_do ();
  if (rc < 0)
    return rc;
  inherit_keep (logger->image.fd, INHERIT_LOG_IMAGE);
  *result = logger;
  return 0;
}

struct mailbox *
logger_mailbox (struct logger *logger)
{
  return logger->inbox;
}

/* REQUEST, for a flush or rotation, becomes its answer.  */
static void
logger_answer (struct logger *logger, struct number_message *request)
{
  bool core = request->header.kind == MESSAGE_LOG_FLUSH && request->id == 0;

  request->header.kind = core ? MESSAGE_FLUSHED : MESSAGE_LOG_ANSWER;
  mailbox_send (core ? logger->to_core : logger->to_interpreter,
		&request->header);
}

/* Log the lines of TEXT to SINK.  */
static void
logger_put (struct logger *logger, struct sink *sink, struct ring *ring,
	    const char *text, size_t length)
{
  struct cutter cutter = { .partial = NULL };
  struct batch batch = { .sinks = &logger->sinks, .sink = sink,
    .ring = ring, .prefix = "", .expected = length };

  batch_begin (&batch);
  cutter_feed (&cutter, text, length, batch_line, &batch);
  cutter_end (&cutter, batch_line, &batch);
  batch_end (&batch);
}

void
logger_say (struct logger *logger, const char *text)
{
  logger_put (logger, logger->sink, logger->root, text, strlen (text));
}

static void
logger_on_line (struct logger *logger, const struct text_message *message)
{
  logger_put (logger, logger->sink, logger->root, message->text,
	      message->length);
  if ((message->number & LOG_LINE_STDOUT) && logger->standard_output != NULL)
    logger_put (logger, logger->standard_output, NULL, message->text,
		message->length);
}

static void
logger_on_attach (struct logger *logger, struct log_attach_message *message)
{
  struct sink *sink = logger->sink;

  if (*message->path == '\0')
    sink->users++;
  else
    {
      sink = sink_use (&logger->sinks,
		       message->file_fd < 0 ? OUTLET_JOURNAL : OUTLET_FILE,
		       message->path, message->file_fd);
      message->file_fd = -1;
    }
  if (sink == NULL)
    return;
  int fd = message->fd;
  message->fd = -1;
  struct source *source
    = source_add (&logger->sources, fd, sink,
		  message->ring == 0 ? NULL
		  : ring_use (&logger->rings, message->ring, message->history),
		  message->prefix);
  if (source == NULL)
    return;
  source->bare = message->bare;
  source_note (&logger->sources, source);
}

/* Have the writer do a job of KIND, and then answer REQUEST.  */
static void
logger_request (struct logger *logger, enum job_kind kind, struct sink *sink,
		struct number_message *request)
{
  struct job *job = job_new (kind, 0);

  sink_submit (&logger->sinks);
  if (job == NULL)
    {
      request->a = ENOMEM;
      logger_answer (logger, request);
      return;
    }
  job->request = request;
  sink_post (&logger->sinks, sink, job);
}

static void
logger_on_rotate (struct logger *logger, struct log_rotate_message *message)
{
  struct sink *sink = sink_find (&logger->sinks, message->path);

  if (sink != NULL && sink->users > 0 && sink->outlet.kind == OUTLET_FILE)
    logger_request (logger, JOB_ROTATE, sink, &message->answer);
  else
    {
      message->answer.a = ENOENT;
      logger_answer (logger, &message->answer);
    }
}

/* Have MESSAGE freed, though not yet.  */
static void
logger_discard (struct logger *logger, struct message *message)
{
  message->next = logger->discarded;
  logger->discarded = message;
}

static void
logger_on_query (struct logger *logger, struct number_message *request)
{
  struct message *history
    = ring_history (&logger->rings, request->id, request->a);

  mailbox_send (logger->to_interpreter, history);
  request->a = ENOMEM;
  if (history == NULL)
    logger_answer (logger, request);
  else
    logger_discard (logger, &request->header);
}

void
logger_dispatch (struct logger *logger, struct message *message)
{
  struct number_message *number = (struct number_message *) message;

  switch (message->kind)
    {
    case MESSAGE_LOG_LINE:
      logger_on_line (logger, (struct text_message *) message);
      break;
    case MESSAGE_LOG_ATTACH:
      logger_on_attach (logger, (struct log_attach_message *) message);
      break;
    case MESSAGE_LOG_DETACH_RING:
      ring_forget (&logger->rings, number->id);
      break;
    case MESSAGE_LOG_QUERY:
      logger_on_query (logger, number);
      return;
    case MESSAGE_LOG_ROTATE:
      logger_on_rotate (logger, (struct log_rotate_message *) message);
      return;
    case MESSAGE_LOG_COLLECT:
      mailbox_send (logger->to_core, ring_collect (&logger->rings, message));
      return;
    case MESSAGE_LOG_FLUSH:
      source_read_all (&logger->sources);
      logger_request (logger, JOB_FLUSH, NULL, number);
      return;
    case MESSAGE_PARK:
      logger->park = true;
      break;
    default:
      break;
    }
  logger_discard (logger, message);
}

/* Handle the messages that were taken.  After MESSAGE_PARK, the rest too:
   nobody sends any more, and nothing is lost.  */
static void
logger_receive (struct logger *logger)
{
  struct message *message;

  do
    while ((message = mailbox_next (logger->inbox)) != NULL)
      logger_dispatch (logger, message);
  while (logger->park && mailbox_look (logger->inbox));
}

/* Take back the jobs that are done.  */
static void
logger_collect (struct logger *logger)
{
  struct message *job;

  mailbox_look (&logger->done);
  while ((job = mailbox_next (&logger->done)) != NULL)
    {
      struct number_message *request
	= sink_take_back (&logger->sinks, (struct job *) job);
      if (request != NULL)
	logger_answer (logger, request);
    }
}

/* Open the gate for what may wait, be it for a lock that a thread held which
   crashed: free memory, wait as epoll_wait does, and see what time it is.  */
static int
logger_wait (struct logger *logger, struct epoll_event *events, int timeout)
{
  struct message *message;

  gate_leave (&logger->gate);
  while ((message = logger->discarded) != NULL)
    {
      logger->discarded = message->next;
      message_free (message);
    }
  later_do ();
  if (timeout != 0 && !ring_news (&logger->rings, logger->root))
    quiescence_begin (logger->quiescence, logger->root->changed);
  int n = epoll_wait (logger->epoll_fd, events, LOGGER_EVENTS, timeout);
  quiescence_end (logger->quiescence);
  stamp_update (&logger->sinks.stamp);
  gate_enter (&logger->gate);
  return n;
}

/* Wait for something to do and do it.  Messages are taken before it is seen
   what sources have, and come last: an answer about lines then knows all that
   was there before the question.  */
static void
logger_turn (struct logger *logger)
{
  struct epoll_event events[LOGGER_EVENTS];
  int timeout = source_resume (&logger->sources, clock_now ());

  if (mailbox_look (logger->inbox))
    timeout = 0;
  int n = logger_wait (logger, events, timeout);
  logger_collect (logger);
  for (int i = 0; i < n; i++)
    if (events[i].data.ptr != NULL)
      source_read (&logger->sources, events[i].data.ptr);
  logger_receive (logger);
  sink_submit (&logger->sinks);
}

static void *
logger_main (void *data)
{
  struct logger *logger = data;

  gate_enter (&logger->gate);
  sink_submit (&logger->sinks);	/* what was taken over */
  while (!logger->park)
    logger_turn (logger);
  gate_leave (&logger->gate);
  return NULL;
}

int
logger_start (struct logger *logger)
{
  logger->park = false;
  logger_set_tag (logger);
  source_note_all (&logger->sources);
  int rc = writer_start (&logger->writer);
  return rc < 0 ? rc : thread_start (&logger->thread, "logger", logger_main,
				     logger);
}

void
logger_park (struct logger *logger)
{
  thread_park (logger->inbox);
  pthread_join (logger->thread, NULL);
  thread_park (&logger->writer.inbox);
  pthread_join (logger->writer.thread, NULL);
}
