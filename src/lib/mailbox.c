/* mailbox.c -- how the rooms hand each other messages.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "mailbox.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int
mailbox_open (struct mailbox *box)
{
  *box = (struct mailbox) { .bell = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK) };
  return box->bell < 0 ? -errno : 0;
}

void
mailbox_close (struct mailbox *box)
{
  while (mailbox_look (box))
    message_free (mailbox_next (box));
  if (box->bell >= 0)
    close (box->bell);
  box->bell = -1;
}

int
mailbox_post (struct mailbox *box, struct message *message)
{
  if (message == NULL)
    return -ENOMEM;
  atomic_fetch_add (&box->waiting, 1);
  message->next = atomic_load (&box->newest);
  while (!atomic_compare_exchange_weak (&box->newest, &message->next,
					message))
    continue;
  return 0;
}

bool
mailbox_unheard (const struct mailbox *box)
{
  return atomic_load (&box->newest) != NULL && !atomic_load (&box->rung);
}

bool
mailbox_rung (const struct mailbox *box)
{
  return atomic_load (&box->rung);
}

void
mailbox_ring (struct mailbox *box)
{
  static const uint64_t one = 1;
  if (!mailbox_unheard (box) || atomic_exchange (&box->rung, true))
    return;
  while (write (box->bell, &one, sizeof one) < 0 && errno == EINTR)
    continue;
}

int
mailbox_send (struct mailbox *box, struct message *message)
{
  int result = mailbox_post (box, message);
  if (result == 0)
    mailbox_ring (box);
  return result;
}

size_t
mailbox_waiting (const struct mailbox *box)
{
  return atomic_load (&box->waiting);
}

bool
mailbox_look (struct mailbox *box)
{
  if (box->taken != NULL)
    return true;
  size_t count = 0;
  atomic_store (&box->rung, false);
  for (struct message *message = atomic_exchange (&box->newest, NULL);
       message != NULL; count++)
    {
      struct message *older = message->next;
      message->next = box->taken;
      box->taken = message;
      message = older;
    }
  atomic_fetch_sub (&box->waiting, count);
  return box->taken != NULL;
}

struct message *
mailbox_next (struct mailbox *box)
{
  struct message *message = box->taken;
  if (message != NULL)
    box->taken = message->next;
  return message;
}

bool
mailbox_wait (struct mailbox *box, int timeout)
{
  struct pollfd bell = { .fd = box->bell, .events = POLLIN };
  uint64_t rings;
  while (!mailbox_look (box) && poll (&bell, 1, timeout) > 0)
    if (read (box->bell, &rings, sizeof rings) < 0)
      break;
  return box->taken != NULL;
}
