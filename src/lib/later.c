/* later.c -- freeing memory at a time when it does no harm.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "later.h"

#include <stdlib.h>

struct later
{
  struct later *next;
};

static _Thread_local struct later *later_first;

void
later_free (void *block)
{
  struct later *later = block;
  if (later == NULL)
    return;
  later->next = later_first;
  later_first = later;
}

void
later_do (void)
{
  struct later *later;
  while ((later = later_first) != NULL)
    {
      later_first = later->next;
      free (later);
    }
}
