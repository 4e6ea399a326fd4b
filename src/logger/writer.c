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

/* Whatever the event, all that waits is tried again.  */
static const epoll_data_t writer_event;

int
writer_init (struct writer *writer, const struct mailbox *done)
{
  int rc = mailbox_open (&writer->inbox);

  if (rc < 0)
    return rc;
  stamp_init (&writer->stamp);
  outbox_init (&writer->done, done);
  writer->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (writer->epoll_fd < 0)
    return -errno;
  return poller_set (writer->epoll_fd, writer->inbox.read_fd, EPOLLIN,
		     writer_event);
}

/* Do the jobs of OUTLET as far as it goes.  */
static void
writer_run (struct writer *writer, struct outlet *outlet)
{
  struct job *job;
  int rc = 0;

  while (rc == 0 && (job = STAILQ_FIRST (&outlet->jobs)) != NULL)
    {
      writer->current = outlet;
      gate_away (&writer->gate);
      rc = outlet_do (outlet, job, &writer->stamp);
      gate_back (&writer->gate);
      if (rc == 0)
	{
	  STAILQ_REMOVE_HEAD (&outlet->jobs, link);
	  outbox_post (&writer->done, &job->header);
	}
      gate_pass (&writer->gate);
    }
  outlet->error = -rc;
  /* Be woken when the reader has made room, or else by time.  */
  if (rc < 0
      && (rc != -EAGAIN
	  || poller_set (writer->epoll_fd, outlet->kind == OUTLET_JOURNAL
			 ? outlet->journal.socket : outlet->fd,
			 EPOLLOUT | EPOLLONESHOT, writer_event) < 0))
    writer->failing = true;
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
      if (STAILQ_EMPTY (&outlet->jobs))
	LIST_REMOVE (outlet, link);
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
  outbox_post (&writer->done, &job->header);
}

/* Take what is in the inbox.  False if the thread is to end.  Of what is no
   job only the memory is left to be freed, which may have to wait for a
   thread that crashed.  */
static bool
writer_receive (struct writer *writer)
{
  size_t rest = 0;
  bool park = false;

  writer->taken = 0;
  writer->received = mailbox_receive (&writer->inbox, writer->messages,
				      WRITER_MESSAGES);
  while (writer->taken < writer->received)
    {
      struct message *message = writer->messages[writer->taken++];
      if (message->kind == MESSAGE_LOG_JOB)
	writer_take (writer, (struct job *) message);
      else
	writer->messages[rest++] = message;
    }
  gate_leave (&writer->gate);
  for (size_t i = 0; i < rest; i++)
    {
      park = park || writer->messages[i]->kind == MESSAGE_PARK;
      message_free (writer->messages[i]);
    }
  gate_enter (&writer->gate);
  return !park;
}

static void *
writer_main (void *data)
{
  struct writer *writer = data;
  struct epoll_event event;
  bool go_on = true;

  while (go_on)
    {
      epoll_wait (writer->epoll_fd, &event, 1,
		  writer->failing ? WRITER_RETRY : -1);
      gate_enter (&writer->gate);
      go_on = writer_receive (writer);
      writer_run_all (writer);
      outbox_flush_via (&writer->done, writer->epoll_fd, writer_event);
      gate_leave (&writer->gate);
    }
  return NULL;
}

int
writer_start (struct writer *writer)
{
  return thread_start (&writer->thread, "writer", writer_main, writer);
}
