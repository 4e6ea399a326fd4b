/* writer.h -- the thread that writes.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The logger thread hands over jobs, the writer thread carries out those of
   each sink in order and hands them back.  A sink that takes nothing now (a
   FIFO without reader, a full disk) keeps its jobs and holds up no
   other.  */

#ifndef WRITER_H
#define WRITER_H

#include <pthread.h>

#include "gate.h"
#include "job.h"
#include "mailbox.h"
#include "outlet.h"

struct writer
{
  struct mailbox inbox;		/* jobs to do */
  struct mailbox *done;		/* back to the logger thread */
  pthread_t thread;
  int epoll_fd;			/* of the inbox, and pipes that are full */
  LIST_HEAD (, outlet) active;	/* those with jobs */
  bool failing;			/* some are to be tried again */
  bool tired;			/* there was something in the last turn */
  atomic_bool rests;		/* no need to ring for a few lines */
  struct stamp stamp;
  struct gate gate;		/* of all that the thread owns */
  const struct outlet *current;	/* that is written to */
  bool awaited;			/* some of what it gave back in this turn */
};

/* Set up WRITER, which returns jobs to DONE.  0 or -errno.  */
int writer_init (struct writer *writer, struct mailbox *done);

/* Do JOB, for an outlet, in its turn.  */
void writer_queue (struct writer *writer, struct job *job);

/* Start the thread.  It ends after a MESSAGE_PARK, keeping what waits, and
   may be started again.  0 or -errno.  */
int writer_start (struct writer *writer);

#endif
