/* mailbox.h -- pipes of pointers between the rooms.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A mailbox is a pipe that carries pointers to messages, one direction,
   one receiver, any number of senders; a pointer is below PIPE_BUF, so
   writes are atomic (pipe(7)).  A room that may not wait (core, logger)
   sends through an outbox of its own, which keeps what does not fit; the
   others use mailbox_send.  Messages of one sender arrive in order.  */

#ifndef MAILBOX_H
#define MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>

#include "message.h"

struct mailbox
{
  int read_fd;			/* poll this for POLLIN; nonblocking, cloexec */
  int write_fd;
};

struct outbox
{
  const struct mailbox *to;
  struct message *head;		/* what did not fit, oldest first */
  struct message **tail;
};

/* Open BOX.  0 or -errno.  */
int mailbox_open (struct mailbox *box);

/* Close both ends and free messages still inside.  */
void mailbox_close (struct mailbox *box);

/* Put MESSAGE, which BOX takes, also on failure.  Waits while the pipe is
   full.  0 or -errno (NULL is -ENOMEM).  */
int mailbox_send (const struct mailbox *box, struct message *message);

/* Take up to COUNT messages into MESSAGES.  How many; 0 when empty.  Never
   blocks.  */
size_t mailbox_receive (const struct mailbox *box,
			struct message **messages, size_t count);

void outbox_init (struct outbox *outbox, const struct mailbox *to);

/* Keep MESSAGE until the next outbox_flush, which then sends many at once.
   Takes MESSAGE; NULL is ignored.  Never blocks, never fails.  */
void outbox_post (struct outbox *outbox, struct message *message);

/* Send what was kept, as far as it goes.  True when nothing is left; until
   then poll the mailbox's write_fd for POLLOUT.  */
bool outbox_flush (struct outbox *outbox);

/* The same; if something is left, EPOLL_FD will tell once, with DATA, when
   there is room.  */
void outbox_flush_via (struct outbox *outbox, int epoll_fd,
		       epoll_data_t data);

/* Free what was kept.  */
void outbox_clear (struct outbox *outbox);

#endif
