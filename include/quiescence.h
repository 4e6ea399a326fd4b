/* quiescence.h -- does a room have anything to do, or to tell?

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   To ask a room costs two changes of thread.  If it is quiescent, that is it
   waits, nothing that it waits for has come, and it has told its news, then
   the answer is known.  */

#ifndef QUIESCENCE_H
#define QUIESCENCE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "mailbox.h"

struct quiescence
{
  const struct mailbox *inbox;
  int epoll_fd;			/* all that the room waits for; where there is
				   data to be read, level-triggered */
  unsigned int count;		/* the room's own: of quiescences */
  _Atomic unsigned int state;	/* that count while it lasts, or 0 */
  atomic_bool gossip;		/* while it lasts: is there untold gossip? */
};

/* For the room itself: it is about to wait, and has no news.  GOSSIP: but for
   such as comes from what was posted without ringing.  */
void quiescence_begin (struct quiescence *quiescence, bool gossip);

/* It has waited, and has not taken anything yet.  */
void quiescence_end (struct quiescence *quiescence);

enum quiescence_degree
{
  QUIESCENCE_NONE,
  QUIESCENCE_GOSSIP,		/* there may be gossip */
  QUIESCENCE_FULL
};

/* Does what began last still hold for all that happened before this call?  Any
   thread.  Does not wait.  */
enum quiescence_degree quiescence_degree (const struct quiescence *quiescence);

#endif
