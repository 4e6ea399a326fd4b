/* writer.c -- the thread that writes.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "writer.h"
#include "sink.h"
#include "thread.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Time between attempts to write to a full disk, in ms.  */
#define WRITER_RETRY_MIN 250
#define WRITER_RETRY_MAX 60000

int
writer_init (struct writer *writer)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLET };
  int rc = job_list_init (&writer->inbox);

  stamp_init (&writer->stamp);
  if (rc == 0)
    rc = job_list_init (&writer->done);
  writer->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (rc == 0
      && (writer->epoll_fd < 0
	  || epoll_ctl (writer->epoll_fd, EPOLL_CTL_ADD,
			writer->inbox.event_fd, &event) < 0))
    rc = -errno;
  return rc;
}

/* Put JOB in its outlet's list.  False if it is not to be done there.  */
static bool
writer_assign (struct writer *writer, struct job *job)
{
  struct outlet *outlet = job->sink ? &job->sink->outlet : NULL;

  if (outlet == NULL)
    return false;
  if (job->kind == JOB_ROTATE && outlet->error != 0)
    {
      /* Nobody waits for a rotation until the disk has room again.  */
      job->answer->a = outlet->error;
      return false;
    }
  if (!outlet->active)
    {
      outlet->active = true;
      outlet->next = writer->active;
      writer->active = outlet;
      outlet->tail = &outlet->head;
    }
  job_append (&outlet->tail, job);
  return true;
}

/* Ask to be woken when the reader of OUTLET has made room.  */
static bool
writer_await (struct writer *writer, struct outlet *outlet)
{
  struct epoll_event event = { .events = EPOLLOUT | EPOLLONESHOT };
  int fd = (outlet->kind == OUTLET_JOURNAL ? outlet->journal.socket
	    : outlet->fd);

  return epoll_ctl (writer->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0
    || epoll_ctl (writer->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Do the jobs of OUTLET as far as it goes, and append those that are done
   at *TAIL.  True if the rest is to be tried again after some time.  */
static bool
writer_run (struct writer *writer, struct outlet *outlet, struct job ***tail)
{
  outlet->error = 0;
  while (outlet->head != NULL)
    {
      struct job *job = outlet->head;
      int rc = outlet_do (outlet, job, &writer->stamp);
      if (rc < 0)
	{
	  outlet->error = -rc;
	  return rc != -EAGAIN || !writer_await (writer, outlet);
	}
      outlet->head = job->next;
      job_append (tail, job);
    }
  return false;
}

/* Try all that there is to do, append what is done at *TAIL, and set the
   time until the next attempt.  */
static void
writer_run_all (struct writer *writer, struct job ***tail)
{
  bool failing = false;

  for (struct outlet **link = &writer->active; *link != NULL;)
    {
      struct outlet *outlet = *link;
      if (writer_run (writer, outlet, tail))
	failing = true;
      if (outlet->head != NULL)
	link = &outlet->next;
      else
	{
	  outlet->active = false;
	  *link = outlet->next;
	}
    }
  if (!failing)
    writer->retry = -1;
  else if (writer->retry < 0)
    writer->retry = WRITER_RETRY_MIN;
}

static void
writer_wait (struct writer *writer)
{
  struct epoll_event event;

  /* Whatever the event, all that waits is tried again.  */
  if (epoll_wait (writer->epoll_fd, &event, 1, writer->retry) == 0)
    writer->retry = (writer->retry < WRITER_RETRY_MAX / 2
		     ? 2 * writer->retry : WRITER_RETRY_MAX);
}

static void *
writer_main (void *data)
{
  struct writer *writer = data;
  bool park = false;

  while (!park)
    {
      struct job *next, *done = NULL, **tail = &done;
      struct job *rest = NULL, **rest_tail = &rest;
      for (struct job *job = job_list_take (&writer->inbox); job; job = next)
	{
	  next = job->next;
	  if (!writer_assign (writer, job))
	    {
	      park = park || job->kind == JOB_PARK;
	      job_append (&rest_tail, job);
	    }
	}
      writer_run_all (writer, &tail);
      *tail = rest;
      if (done != NULL)
	job_list_put (&writer->done, done);
      if (!park)
	writer_wait (writer);
    }
  return NULL;
}

int
writer_start (struct writer *writer)
{
  return thread_start (&writer->thread, "writer", writer_main, writer);
}
