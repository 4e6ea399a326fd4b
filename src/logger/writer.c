/* writer.c -- the thread that writes.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "writer.h"
#include "poller.h"
#include "sink.h"
#include "thread.h"

#include <errno.h>
#include <unistd.h>

/* Time between attempts to write to a full disk, in ms.  */
#define WRITER_RETRY 1000

/* After it has written, the writer lets lines come together for so many ms,
   unless they get many: whoever logs a line mostly logs another soon.  */
#define WRITER_REST 5

/* Whatever the event, all that waits is tried again.  */
static const epoll_data_t writer_event;

int
writer_init (struct writer *writer, struct mailbox *done)
{
  int rc = mailbox_open (&writer->inbox);

  if (rc < 0)
    return rc;
  stamp_init (&writer->stamp);
  writer->done = done;
  writer->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (writer->epoll_fd < 0)
    return -errno;
  return poller_set (writer->epoll_fd, writer->inbox.bell, EPOLLIN | EPOLLET,
		     writer_event);
}

/* Give JOB back.  The logger is woken, at the end of this turn, only if
   somebody waits for it.  */
static void
writer_return (struct writer *writer, struct job *job)
{
  writer->awaited = writer->awaited || !job->quiet || job->lost > 0;
  mailbox_post (writer->done, &job->header);
}

/* OUTLET takes nothing now, because of ERROR.  Be woken when its reader has
   made room, or else by time.  */
static void
writer_delay (struct writer *writer, struct outlet *outlet, int error)
{
  int fd = outlet->kind == OUTLET_JOURNAL ? outlet->journal.socket
    : outlet->fd;

  outlet->error = error;
  if (error != EAGAIN
      || poller_set (writer->epoll_fd, fd, EPOLLOUT | EPOLLONESHOT,
		     writer_event) < 0)
    writer->failing = true;
}

/* Do the jobs of OUTLET, which has some, as far as it goes.  Once the last is
   given back, the logger may free the outlet.  */
static void
writer_run (struct writer *writer, struct outlet *outlet)
{
  for (bool more = true; more;)
    {
      struct job *job = STAILQ_FIRST (&outlet->jobs);
      writer->current = outlet;
      gate_away (&writer->gate);
      int rc = outlet_do (outlet, job, &writer->stamp);
      gate_back (&writer->gate);
      if (rc < 0)
	{
	  writer_delay (writer, outlet, -rc);
	  return;
	}
      outlet->error = 0;
      STAILQ_REMOVE_HEAD (&outlet->jobs, link);
      more = !STAILQ_EMPTY (&outlet->jobs);
      if (!more)
	LIST_REMOVE (outlet, link);
      writer_return (writer, job);
      gate_pass (&writer->gate);
    }
}

static void
writer_run_all (struct writer *writer)
{
  struct outlet *next;

  writer->failing = false;
  for (struct outlet *outlet = LIST_FIRST (&writer->active); outlet != NULL;
       outlet = next)
    {
      next = LIST_NEXT (outlet, link);
      writer_run (writer, outlet);
    }
}

void
writer_queue (struct writer *writer, struct job *job)
{
  struct outlet *outlet = &job->sink->outlet;

  if (STAILQ_EMPTY (&outlet->jobs))
    LIST_INSERT_HEAD (&writer->active, outlet, link);
  STAILQ_INSERT_TAIL (&outlet->jobs, job, link);
}

static void
writer_take (struct writer *writer, struct job *job)
{
  struct outlet *outlet = job->sink != NULL ? &job->sink->outlet : NULL;

  if (outlet == NULL)
    writer_run_all (writer);	/* it tells that we did */
  else if (job->kind == JOB_ROTATE && outlet->error != 0)
    /* Nobody waits for a rotation until the disk has room again.  */
    job->request->a = outlet->error;
  else
    {
      writer_queue (writer, job);
      return;
    }
  writer_return (writer, job);
}

/* Take what is in the inbox.  False if the thread is to end.  */
static bool
writer_receive (struct writer *writer)
{
  struct message *message;
  bool park = false;

  writer->tired = mailbox_look (&writer->inbox);
  while ((message = mailbox_next (&writer->inbox)) != NULL)
    if (message->kind == MESSAGE_LOG_JOB)
      writer_take (writer, (struct job *) message);
    else
      {
	park = park || message->kind == MESSAGE_PARK;
	message_free (message);
      }
  return !park;
}

/* Wait for something to do.  */
static void
writer_wait (struct writer *writer)
{
  struct epoll_event event;

  atomic_store (&writer->rests, writer->tired);
  epoll_wait (writer->epoll_fd, &event, 1, writer->tired ? WRITER_REST
	      : writer->failing ? WRITER_RETRY : -1);
  /* What was posted before this is found; what comes later is rung for.  */
  atomic_store (&writer->rests, false);
}

static void *
writer_main (void *data)
{
  struct writer *writer = data;
  bool go_on = true;

  while (go_on)
    {
      writer_wait (writer);
      gate_enter (&writer->gate);
      go_on = writer_receive (writer);
      writer_run_all (writer);
      if (writer->awaited)
	mailbox_ring (writer->done);
      writer->awaited = false;
      gate_leave (&writer->gate);
    }
  return NULL;
}

int
writer_start (struct writer *writer)
{
  return thread_start (&writer->thread, "writer", writer_main, writer);
}
