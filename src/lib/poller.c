/* poller.c -- what an epoll watches.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "poller.h"

#include <errno.h>
#include <unistd.h>

int
poller_change (int epoll_fd, int fd, uint32_t events, epoll_data_t data)
{
  struct epoll_event event = { .events = events, .data = data };
  return epoll_ctl (epoll_fd, EPOLL_CTL_MOD, fd, &event) < 0 ? -errno : 0;
}

int
poller_set (int epoll_fd, int fd, uint32_t events, epoll_data_t data)
{
  struct epoll_event event = { .events = events, .data = data };
  if (epoll_ctl (epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
    return 0;
  return errno == EEXIST ? poller_change (epoll_fd, fd, events, data) : -errno;
}

void
poller_remove (int epoll_fd, int fd)
{
  epoll_ctl (epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

void
poller_close (int epoll_fd, int *fd)
{
  if (*fd < 0)
    return;
  poller_remove (epoll_fd, *fd);
  close (*fd);
  *fd = -1;
}
