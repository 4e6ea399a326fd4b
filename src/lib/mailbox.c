/* mailbox.c -- pipes of pointers between the rooms.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "poller.h"

/* Pointers in one write: a write up to PIPE_BUF is whole or not at all.  */
#define MAILBOX_BATCH (PIPE_BUF / sizeof (struct message *))

int
mailbox_open (struct mailbox *box)
{
  int ends[2];
  box->read_fd = box->write_fd = -1;
  if (pipe2 (ends, O_CLOEXEC | O_NONBLOCK) < 0)
    return -errno;
  box->read_fd = ends[0];
  box->write_fd = ends[1];
  return 0;
}

void
mailbox_close (struct mailbox *box)
{
  struct message *messages[64];
  size_t count;
  if (box->write_fd >= 0)
    close (box->write_fd);
  box->write_fd = -1;
  if (box->read_fd < 0)
    return;
  while ((count = mailbox_receive (box, messages, 64)) > 0)
    for (size_t i = 0; i < count; i++)
      message_free (messages[i]);
  close (box->read_fd);
  box->read_fd = -1;
}

/* Write COUNT pointers at once.  0; -EAGAIN if that has to wait, for room
   in the pipe or for the kernel to have memory for it; or -errno.  */
static int
mailbox_write (const struct mailbox *box, struct message **messages,
	       size_t count)
{
  ssize_t written;
  do
    written = write (box->write_fd, messages, count * sizeof *messages);
  while (written < 0 && errno == EINTR);
  if (written < 0 && errno == ENOMEM)
    return -EAGAIN;
  return written < 0 ? -errno : 0;
}

int
mailbox_send (const struct mailbox *box, struct message *message)
{
  int result;
  if (message == NULL)
    return -ENOMEM;
  while ((result = mailbox_write (box, &message, 1)) == -EAGAIN)
    {
      struct pollfd room = { .fd = box->write_fd, .events = POLLOUT };
      poll (&room, 1, -1);
    }
  if (result < 0)
    message_free (message);
  return result;
}

size_t
mailbox_receive (const struct mailbox *box, struct message **messages,
		 size_t count)
{
  ssize_t size;
  do
    size = read (box->read_fd, messages, count * sizeof *messages);
  while (size < 0 && errno == EINTR);
  if (size <= 0)
    return 0;
  /* Only whole pointers are ever written, so only such are read.  */
  return (size_t) size / sizeof *messages;
}

void
outbox_init (struct outbox *outbox, const struct mailbox *to)
{
  outbox->to = to;
  outbox->head = NULL;
  outbox->tail = &outbox->head;
}

void
outbox_post (struct outbox *outbox, struct message *message)
{
  if (message == NULL)
    return;
  message->next = NULL;
  *outbox->tail = message;
  outbox->tail = &message->next;
}

bool
outbox_flush (struct outbox *outbox)
{
  while (outbox->head != NULL)
    {
      struct message *batch[MAILBOX_BATCH];
      struct message *rest = outbox->head;
      size_t count = 0;
      while (rest != NULL && count < MAILBOX_BATCH)
	{
	  batch[count++] = rest;
	  rest = rest->next;
	}
      /* From the write on, the receiver owns the batch.  */
      if (mailbox_write (outbox->to, batch, count) == -EAGAIN)
	return false;
      outbox->head = rest;
      if (rest == NULL)
	outbox->tail = &outbox->head;
    }
  return true;
}

void
outbox_flush_via (struct outbox *outbox, int epoll_fd, epoll_data_t data)
{
  if (!outbox_flush (outbox))
    poller_set (epoll_fd, outbox->to->write_fd, EPOLLOUT | EPOLLONESHOT,
		data);
}

void
outbox_clear (struct outbox *outbox)
{
  while (outbox->head != NULL)
    {
      struct message *message = outbox->head;
      outbox->head = message->next;
      message_free (message);
    }
  outbox->tail = &outbox->head;
}
