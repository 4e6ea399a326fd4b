/* readiness.h -- descriptors that the interpreter waits for.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Plain C over epoll.  Each wish, to read, to write, or to know when nobody
   is on the other side any more, is granted once.  A descriptor may be closed
   without being forgotten, and its number may then name something else: the
   kernel is asked, not our memory of it.  */

#ifndef READINESS_H
#define READINESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

struct readiness
{
  int epoll_fd;
  int bell_fd;			/* of the mailbox */
  /* Per descriptor, a set of EPOLLIN, EPOLLOUT, EPOLLHUP.  */
  unsigned char *wishes;
  size_t size;			/* of WISHES */
};

struct readiness_event
{
  int fd;
  unsigned int granted;		/* wishes that came true */
};

/* Begin.  Each ring of BELL_FD, of a mailbox, ends a wait, once, as an event
   that grants nothing.  0 or -errno.  */
int readiness_open (struct readiness *readiness, int bell_fd);

/* Wish for FD to be readable (EPOLLIN), writable (EPOLLOUT) or broken
   (EPOLLHUP).  0 or -errno; -EPERM for a regular file.  */
int readiness_watch (struct readiness *readiness, int fd, unsigned int wish);

/* Drop all wishes for FD.  */
void readiness_forget (struct readiness *readiness, int fd);

/* Wait for TIMEOUT ns (negative: for ever) and fill EVENTS.  How many, or
   -errno.  */
int readiness_wait (struct readiness *readiness, struct epoll_event *events,
		    int count, int64_t timeout);

/* What EVENT grants; wishes that remain are put to the kernel again.  */
struct readiness_event readiness_take (struct readiness *readiness,
				       const struct epoll_event *event);

#endif
