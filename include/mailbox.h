/* mailbox.h -- how the rooms hand each other messages.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A mailbox is a list of messages with any number of senders, who add to it
   without a lock, and one receiver, who takes all of it at once; and a
   doorbell, an eventfd.  It is never full, and no sender waits.  Messages of
   one sender arrive in order.

   Ringing costs a system call and wakes a thread.  So whoever has several
   things to say posts them and rings once, at the end of its turn; what it
   posted is there for the receiver anyway, should that look earlier.  The
   bell rings once until the receiver looks: it clears RUNG before it takes
   the list, while a sender adds to the list before it sets RUNG; so either
   the receiver finds the message or the sender rings.  At worst a bell that
   is late has the receiver look for nothing.  */

#ifndef MAILBOX_H
#define MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "message.h"

struct mailbox
{
  int bell;			/* watch this with EPOLLIN | EPOLLET, and look
				   when it tells: nobody reads it.  -1: there is
				   none, and nobody may ring */
  atomic_bool rung;		/* and the receiver has not looked since */
  _Atomic (struct message *) newest;	/* posted, the latest first */
  atomic_size_t waiting;	/* how many those are */
  struct message *taken;	/* the receiver's, the oldest first */
};

/* Make BOX, empty, with its bell.  0 or -errno.  */
int mailbox_open (struct mailbox *box);

/* Free messages still inside, and close the bell if there is one.  */
void mailbox_close (struct mailbox *box);

/* Put MESSAGE, which BOX takes.  0, or -ENOMEM for NULL.  */
int mailbox_post (struct mailbox *box, struct message *message);

/* Is there something that the receiver has not looked at and nobody has rung
   for?  */
bool mailbox_unheard (const struct mailbox *box);

/* Has somebody rung since the receiver looked?  */
bool mailbox_rung (const struct mailbox *box);

/* Ring if there is.  */
void mailbox_ring (struct mailbox *box);

/* Post and ring.  This, like the two, is async-signal-safe.  */
int mailbox_send (struct mailbox *box, struct message *message);

/* How many messages wait for the receiver to look.  */
size_t mailbox_waiting (const struct mailbox *box);

/* The receiver: if nothing is left of what was taken, take all that is
   there.  Is there a next message?  */
bool mailbox_look (struct mailbox *box);

/* The receiver: the oldest message of those taken, or NULL.  */
struct message *mailbox_next (struct mailbox *box);

/* The receiver, where it has no epoll: wait until the bell rings if there is
   nothing yet, for TIMEOUT ms at a time (-1: for ever), and look.  */
bool mailbox_wait (struct mailbox *box, int timeout);

#endif
