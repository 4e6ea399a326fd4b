/* poller.h -- what an epoll watches.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef POLLER_H
#define POLLER_H

#include <stdint.h>
#include <sys/epoll.h>

/* Have EPOLL_FD watch FD for EVENTS (0: errors only) and tell them with
   DATA, whether it watches FD already or not.  0 or -errno.  */
int poller_set (int epoll_fd, int fd, uint32_t events, epoll_data_t data);

/* The same, in one system call, where it watches FD already.  */
int poller_change (int epoll_fd, int fd, uint32_t events, epoll_data_t data);

/* No longer watch FD.  */
void poller_remove (int epoll_fd, int fd);

/* Close *FD unless it is -1, which it becomes.  close(2) alone would
   not do: until a child that is just being spawned has reached its exec, it
   has a copy, and then the epoll would go on.  */
void poller_close (int epoll_fd, int *fd);

#endif
