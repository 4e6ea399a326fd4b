/* readiness.c -- descriptors that the interpreter waits for.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "readiness.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int
readiness_open (struct readiness *readiness, int bell_fd)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLET,
			       .data.fd = bell_fd };

  readiness->bell_fd = bell_fd;
  readiness->wishes = NULL;
  readiness->size = 0;
  readiness->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (readiness->epoll_fd < 0
      || epoll_ctl (readiness->epoll_fd, EPOLL_CTL_ADD, bell_fd,
		    &event) < 0)
    return -errno;
  return 0;
}

/* Have room for the wishes of FD.  */
static int
readiness_reserve (struct readiness *readiness, int fd)
{
  size_t size = readiness->size ? readiness->size : 64;
  unsigned char *wishes;

  if ((size_t) fd < readiness->size)
    return 0;
  while (size <= (size_t) fd)
    size *= 2;
  wishes = realloc (readiness->wishes, size);
  if (wishes == NULL)
    return -ENOMEM;
  memset (wishes + readiness->size, 0, size - readiness->size);
  readiness->wishes = wishes;
  readiness->size = size;
  return 0;
}

/* Tell the kernel our wishes for FD.  */
static int
readiness_arm (struct readiness *readiness, int fd)
{
  struct epoll_event event = {
    .events = readiness->wishes[fd] | EPOLLONESHOT,
    .data.fd = fd
  };

  if (epoll_ctl (readiness->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0)
    return 0;
  if (errno == ENOENT
      && epoll_ctl (readiness->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
    return 0;
  return -errno;
}

int
readiness_watch (struct readiness *readiness, int fd, unsigned int wish)
{
  int rc;

  if (fd < 0 || fd == readiness->bell_fd || fd == readiness->epoll_fd)
    return -EBADF;
  rc = readiness_reserve (readiness, fd);
  if (rc < 0)
    return rc;
  readiness->wishes[fd] |= wish;
  rc = readiness_arm (readiness, fd);
  if (rc < 0)
    readiness->wishes[fd] = 0;
  return rc;
}

void
readiness_forget (struct readiness *readiness, int fd)
{
  if (fd < 0 || (size_t) fd >= readiness->size
      || fd == readiness->bell_fd)
    return;
  readiness->wishes[fd] = 0;
  /* Fails if it was closed, or never watched: as good.  */
  epoll_ctl (readiness->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

/* For kernels before 5.11, in milliseconds, rounded up.  */
static int
readiness_wait_ms (struct readiness *readiness, struct epoll_event *events,
		   int count, int64_t timeout)
{
  int64_t ms = timeout < 0 ? -1 : (timeout + 999999) / 1000000;
  int rc = epoll_wait (readiness->epoll_fd, events, count,
		       ms > INT32_MAX ? INT32_MAX : (int) ms);

  return rc < 0 ? -errno : rc;
}

int
readiness_wait (struct readiness *readiness, struct epoll_event *events,
		int count, int64_t timeout)
{
  struct timespec span = {
    .tv_sec = timeout / 1000000000, .tv_nsec = timeout % 1000000000
  };
  int rc = epoll_pwait2 (readiness->epoll_fd, events, count,
			 timeout < 0 ? NULL : &span, NULL);

  if (rc < 0 && errno == ENOSYS)
    return readiness_wait_ms (readiness, events, count, timeout);
  return rc < 0 ? -errno : rc;
}

struct readiness_event
readiness_take (struct readiness *readiness, const struct epoll_event *event)
{
  struct readiness_event ready = { .fd = event->data.fd };
  unsigned char *wishes;

  if (ready.fd == readiness->bell_fd || (size_t) ready.fd >= readiness->size)
    return ready;
  wishes = &readiness->wishes[ready.fd];
  /* An error, or the end of the other side, is seen by trying.  */
  ready.granted = event->events & (EPOLLERR | EPOLLHUP)
    ? *wishes : *wishes & event->events;
  *wishes &= ~ready.granted;
  if (*wishes != 0)
    readiness_arm (readiness, ready.fd);
  return ready;
}
