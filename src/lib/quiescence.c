/* quiescence.c -- does a room have anything to do, or to tell?

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "quiescence.h"

#include <poll.h>

void
quiescence_begin (struct quiescence *quiescence, bool gossip)
{
  if (++quiescence->count == 0)
    quiescence->count = 1;
  atomic_store (&quiescence->gossip, gossip);
  atomic_store (&quiescence->state, quiescence->count);
}

void
quiescence_end (struct quiescence *quiescence)
{
  atomic_store (&quiescence->state, 0);
}

enum quiescence_degree
quiescence_degree (const struct quiescence *quiescence)
{
  struct pollfd events = { .fd = quiescence->epoll_fd, .events = POLLIN };
  unsigned int state = atomic_load (&quiescence->state);
  if (state == 0)
    return QUIESCENCE_NONE;	/* maybe not open yet */
  bool gossip = (atomic_load (&quiescence->gossip)
		 || mailbox_waiting (quiescence->inbox) > 0);
  /* What the room takes after the first look it takes after its end.  */
  if (mailbox_rung (quiescence->inbox) || poll (&events, 1, 0) != 0
      || atomic_load (&quiescence->state) != state)
    return QUIESCENCE_NONE;
  return gossip ? QUIESCENCE_GOSSIP : QUIESCENCE_FULL;
}
