/* listen.c -- Unix sockets that listen, and who connects to them.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "listen.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTEN_BACKLOG 128

int
listen_address (struct sockaddr_un *address, const char *file)
{
  size_t length = strlen (file);
  *address = (struct sockaddr_un) { .sun_family = AF_UNIX };
  if (length >= sizeof address->sun_path)
    return -ENAMETOOLONG;
  memcpy (address->sun_path, file, length);
  return 0;
}

/* STEP failed with RESULT: close FD.  */
static int
listen_fail (const char **where, const char *step, int fd, int result)
{
  if (where != NULL)
    *where = step;
  if (fd >= 0)
    close (fd);
  return result;
}

int
listen_unix (const char *file, const char **step)
{
  struct sockaddr_un address;
  int result = listen_address (&address, file);
  if (result < 0)
    return listen_fail (step, "bind", -1, result);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return listen_fail (step, "socket", -1, -errno);
  if (bind (fd, (struct sockaddr *) &address, sizeof address) < 0)
    return listen_fail (step, "bind", fd, -errno);
  if (listen (fd, LISTEN_BACKLOG) < 0)
    return listen_fail (step, "listen", fd, -errno);
  return fd;
}

int64_t
listen_peer (int fd)
{
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
    return -errno;
  return peer.uid;
}
