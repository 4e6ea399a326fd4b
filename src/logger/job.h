/* job.h -- what the logger thread and the writer thread pass each other.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "message.h"

enum job_kind
{
  JOB_LINES,			/* write DATA */
  JOB_CLOSE,			/* close the file; if more is to be written,
				   it will be opened anew */
  JOB_ROTATE,			/* carry out REQUEST, a log_rotate_message */
  JOB_FLUSH			/* nothing; without SINK, it comes back when
				   all before it is done or has to wait */
};

struct job
{
  struct message header;	/* MESSAGE_LOG_JOB */
  enum job_kind kind;
  STAILQ_ENTRY (job) link;	/* among those of its outlet */
  struct sink *sink;
  bool quiet;			/* nobody waits for it to come back */
  struct number_message *request;	/* to answer when done, or NULL */
  uint64_t announced;		/* lost lines that the first line tells of */
  uint64_t lost;		/* outcome: lines that could not be written */
  size_t capacity, length;	/* of DATA */
  _Atomic size_t written;	/* the writer may not come back from a write */
  char data[];
};

/* A job with room for SIZE bytes, or NULL.  */
struct job *job_new (enum job_kind kind, size_t size);

/* How many lines of JOB are not written.  */
uint64_t job_lines (const struct job *job);

#endif
