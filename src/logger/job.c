/* job.c -- what the logger thread and the writer thread pass each other.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "job.h"

#include <stdlib.h>

struct job *
job_new (enum job_kind kind, size_t size)
{
  struct job *job = malloc (sizeof *job + size);

  if (job != NULL)
    *job = (struct job) { .header.kind = MESSAGE_LOG_JOB, .kind = kind,
      .capacity = size };
  return job;
}

uint64_t
job_lines (const struct job *job)
{
  uint64_t lines = 0;

  for (size_t i = job->written; i < job->length; i++)
    lines += job->data[i] == '\n';
  return lines;
}
