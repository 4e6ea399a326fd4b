/* listen.h -- Unix sockets that listen, and who connects to them.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef LISTEN_H
#define LISTEN_H

#include <stdint.h>
#include <sys/un.h>

/* Fill ADDRESS for FILE.  0 or -ENAMETOOLONG.  */
int listen_address (struct sockaddr_un *address, const char *file);

/* Bind a socket, close-on-exec and nonblocking, to FILE, which must not
   exist, and listen.  Its descriptor, or -errno; then *STEP, unless STEP is
   NULL, tells which step failed.  */
int listen_unix (const char *file, const char **step);

/* The ID of the user on the other side of the connection FD, or -errno.  */
int64_t listen_peer (int fd);

#endif
