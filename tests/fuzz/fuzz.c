/* fuzz.c -- what the fuzz targets have in common.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "fuzz.h"

void
fuzz_broken (const char *file, int line, const char *condition)
{
  fprintf (stderr, "%s:%d: broken promise: %s\n", file, line, condition);
  abort ();
}

uint64_t
fuzz_seed (const uint8_t *bytes, size_t size)
{
  uint64_t hash = UINT64_C (14695981039346656037);
  for (size_t i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * UINT64_C (1099511628211);
  return hash | 1;
}

uint64_t
fuzz_next (uint64_t *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state >> 16;
}

size_t
fuzz_piece (uint64_t *state, size_t left)
{
  size_t most = fuzz_next (state) % 4 == 0 ? left : 8;
  size_t piece = 1 + fuzz_next (state) % most;
  return piece < left ? piece : left;
}

FILE *
fuzz_null (void)
{
  FILE *null = fopen ("/dev/null", "w");
  fuzz_expect (null != NULL);
  return null;
}
