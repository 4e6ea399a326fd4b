/* later.h -- freeing memory at a time when it does no harm.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   free waits for whoever is in the same part of the heap, which a thread that
   crashed there never leaves.  A thread that is to save what it has before
   it is stopped must not wait for that.  */

#ifndef LATER_H
#define LATER_H

#include <stddef.h>

/* What malloc has to be asked for, for a block of SIZE bytes that later_free
   will get: it needs room for a pointer.  */
static inline size_t
later_size (size_t size)
{
  return size < sizeof (void *) ? sizeof (void *) : size;
}

/* Have BLOCK, from malloc, freed by this thread's next later_do.  NULL is
   fine.  */
void later_free (void *block);
void later_do (void);

#endif
