/* reaped.c -- pids that were ours and are gone.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "reaped.h"

#include <limits.h>
#include <stdlib.h>

enum { REAPED_BITS = sizeof (unsigned int) * CHAR_BIT };

static bool
reaped_covers (pid_t pid)
{
  return pid > 0 && pid / REAPED_CHUNK < REAPED_CHUNKS;
}

void
reaped_set (struct reaped *reaped, pid_t pid, bool gone)
{
  if (!reaped_covers (pid))
    return;
  unsigned int **chunk = &reaped->chunks[pid / REAPED_CHUNK];
  if (*chunk == NULL && gone)
    *chunk = calloc (REAPED_CHUNK / REAPED_BITS, sizeof **chunk);
  if (*chunk == NULL)
    return;
  unsigned int *word = *chunk + pid % REAPED_CHUNK / REAPED_BITS;
  unsigned int bit = 1U << pid % REAPED_BITS;
  *word = gone ? *word | bit : *word & ~bit;
}

bool
reaped_get (const struct reaped *reaped, pid_t pid)
{
  if (!reaped_covers (pid))
    return false;
  const unsigned int *chunk = reaped->chunks[pid / REAPED_CHUNK];
  return chunk != NULL
    && (chunk[pid % REAPED_CHUNK / REAPED_BITS] >> pid % REAPED_BITS & 1) != 0;
}

void
reaped_free (struct reaped *reaped)
{
  for (size_t i = 0; i < REAPED_CHUNKS; i++)
    free (reaped->chunks[i]);
}
