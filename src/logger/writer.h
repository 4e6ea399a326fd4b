/* writer.h -- the thread that writes.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The logger thread hands over jobs, the writer thread carries out those of
   each sink in order and hands them back.  A sink that takes nothing now (a
   FIFO without reader, a full disk) keeps its jobs and holds up no other.
   The two lists of jobs are all that the threads share.  */

#ifndef WRITER_H
#define WRITER_H

#include "job.h"
#include "outlet.h"

struct writer
{
  struct job_list inbox;	/* to the writer thread */
  struct job_list done;		/* back to the logger thread */
  pthread_t thread;
  int epoll_fd;			/* of the inbox, and pipes that are full */
  struct outlet *active;	/* those with jobs */
  int retry;			/* ms until failed writes are tried again */
  struct stamp stamp;
};

/* Set up WRITER.  0 or -errno.  */
int writer_init (struct writer *writer);

/* Start the thread.  It ends after a JOB_PARK, keeping what waits, and may
   be started again.  0 or -errno.  */
int writer_start (struct writer *writer);

#endif
