/* outlet.h -- where lines go to, as the writer thread sees it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef OUTLET_H
#define OUTLET_H

#include <stdbool.h>

#include "job.h"
#include "journal.h"
#include "stamp.h"

enum outlet_kind
{
  OUTLET_FILE,			/* lines begin with a stamp */
  OUTLET_JOURNAL,		/* lines begin with "shepherd[PID]: " */
  OUTLET_STDOUT			/* bare lines */
};

struct outlet
{
  enum outlet_kind kind;
  char *path;			/* "" if it has none */
  int fd;			/* -1: to be opened */
  bool careful;			/* FD may block: poll first, write little */
  int error;			/* errno that it waits to end, or 0 */
  struct journal journal;
  STAILQ_HEAD (, job) jobs;	/* to do */
  LIST_ENTRY (outlet) link;	/* among those that have any */
};

/* Have FD, standard output, written to without ever blocking.  */
void outlet_open_stdout (struct outlet *outlet, int fd);

/* Do JOB, as far as it goes.  0 if it is done; what could not be written
   is counted in JOB->lost.  -errno if it has to wait: -EAGAIN for the
   reader, others for the disk.  */
int outlet_do (struct outlet *outlet, struct job *job, struct stamp *stamp);

#endif
