/* plea.c -- asking a thread, from a signal handler, to save what it has.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "plea.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"

int
plea_open (struct plea *plea)
{
  plea->ask = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  plea->done = plea->ask < 0 ? -1
    : eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  return plea->done < 0 ? -errno : 0;
}

void
plea_close (struct plea *plea)
{
  if (plea->ask >= 0)
    close (plea->ask);
  if (plea->done >= 0)
    close (plea->done);
  plea->ask = plea->done = -1;
}

/* An eventfd that takes nothing is full: what was to be said was said.  */
static void
plea_say (int fd)
{
  static const uint64_t one = 1;
  while (write (fd, &one, sizeof one) < 0 && errno == EINTR)
    continue;
}

bool
plea_call (const struct plea *plea, int timeout)
{
  struct pollfd done = { .fd = plea->done, .events = POLLIN };
  int64_t end = clock_now () + timeout * CLOCK_MILLISECOND;
  plea_say (plea->ask);
  for (;;)
    {
      int64_t left = (end - clock_now ()) / CLOCK_MILLISECOND;
      int count = poll (&done, 1, left < 0 ? 0 : (int) left);
      if (count >= 0 || errno != EINTR)
	return count > 0;
    }
}

void
plea_answer (const struct plea *plea)
{
  plea_say (plea->done);
}
