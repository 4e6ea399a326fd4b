/* job.c -- what the logger thread and the writer thread pass each other.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "job.h"

#include <errno.h>
#include <sys/eventfd.h>

int
job_list_init (struct job_list *list)
{
  pthread_mutex_init (&list->lock, NULL);
  list->head = NULL;
  list->tail = &list->head;
  list->event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  return list->event_fd < 0 ? -errno : 0;
}

uint64_t
job_lines (const struct job *job)
{
  uint64_t lines = 0;

  for (size_t i = job->written; i < job->length; i++)
    lines += job->data[i] == '\n';
  return lines;
}

void
job_append (struct job ***tail, struct job *job)
{
  job->next = NULL;
  **tail = job;
  *tail = &job->next;
}

void
job_list_put (struct job_list *list, struct job *first)
{
  struct job *next;

  pthread_mutex_lock (&list->lock);
  for (struct job *job = first; job != NULL; job = next)
    {
      next = job->next;
      job_append (&list->tail, job);
    }
  pthread_mutex_unlock (&list->lock);
  eventfd_write (list->event_fd, 1);
}

struct job *
job_list_take (struct job_list *list)
{
  pthread_mutex_lock (&list->lock);
  struct job *first = list->head;
  list->head = NULL;
  list->tail = &list->head;
  pthread_mutex_unlock (&list->lock);
  return first;
}
