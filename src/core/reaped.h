/* reaped.h -- pids that were ours and are gone.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Somebody else may bear the number by now, so such a pid must not be
   signalled any more.  */

#ifndef REAPED_H
#define REAPED_H

#include <stdbool.h>
#include <sys/types.h>

enum { REAPED_CHUNKS = 128, REAPED_CHUNK = 32768 };	/* all pids there are */

struct reaped
{
  unsigned int *chunks[REAPED_CHUNKS];	/* bits; NULL: all clear */
};

/* Enter or remove PID.  Where memory is out, it is not entered.  */
void reaped_set (struct reaped *reaped, pid_t pid, bool gone);

bool reaped_get (const struct reaped *reaped, pid_t pid);

void reaped_free (struct reaped *reaped);

#endif
