/* stamp.c -- the time before each line of a log file.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "stamp.h"

#include <string.h>

void
stamp_init (struct stamp *stamp)
{
  tzset ();
  *stamp = (struct stamp) { .seconds = -1 };
  stamp_update (stamp);
}

void
stamp_update (struct stamp *stamp)
{
  struct timespec now;
  struct tm tm;

  /* Not time(2): it lags by up to a tick of the kernel's clock.  */
  clock_gettime (CLOCK_REALTIME, &now);
  if (now.tv_sec == stamp->seconds)
    return;
  stamp->seconds = now.tv_sec;
  if (localtime_r (&now.tv_sec, &tm) == NULL
      || strftime (stamp->text, sizeof stamp->text, "%Y-%m-%d %H:%M:%S ",
		   &tm) != STAMP_LENGTH)
    strcpy (stamp->text, "0000-00-00 00:00:00 ");
}
