/* job.h -- what the logger thread and the writer thread pass each other.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef JOB_H
#define JOB_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "message.h"

enum job_kind
{
  JOB_LINES,			/* write DATA */
  JOB_CLOSE,			/* close the file; if more is to be written,
				   it will be opened anew */
  JOB_ROTATE,			/* carry out ROTATE */
  JOB_FLUSH,			/* nothing; without SINK, it comes back when
				   all before it is done or has to wait */
  JOB_PARK			/* no SINK; ends the thread */
};

struct job
{
  enum job_kind kind;
  struct job *next;
  struct sink *sink;
  struct number_message *answer;	/* to send when done, or NULL */
  struct log_rotate_message *rotate;
  uint64_t announced;		/* lost lines that the first line tells of */
  uint64_t lost;		/* outcome: lines that could not be written */
  size_t capacity, length, written;	/* of DATA */
  char data[];
};

struct job_list
{
  pthread_mutex_t lock;
  struct job *head, **tail;
  int event_fd;			/* poll this edge-triggered */
};

/* 0 or -errno.  */
int job_list_init (struct job_list *list);

/* Put FIRST and what is linked to it into LIST, and wake who waits.  */
void job_list_put (struct job_list *list, struct job *first);

/* Take all.  Never waits.  */
struct job *job_list_take (struct job_list *list);

/* How many lines of JOB are not written.  */
uint64_t job_lines (const struct job *job);

/* Append JOB to the list that ends at *TAIL.  */
void job_append (struct job ***tail, struct job *job);

#endif
