/* connection.c -- talk to the daemon.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "connection.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sexp.h"

/* Bytes of a reply beyond which it is taken for nonsense.  */
#define REPLY_MAX ((size_t) 256 << 20)

#define READ_SIZE 65536

int
connection_open (const char *file)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  if (strlen (file) >= sizeof address.sun_path)
    return -ENAMETOOLONG;
  if (file[0] == '\0')
    return -ENOENT;
  strcpy (address.sun_path, file);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -errno;
  while (connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    if (errno != EINTR)
      {
	int rc = -errno;
	close (fd);
	return rc;
      }
  return fd;
}

/* Send COMMAND.  That the daemon has gone already is no error here: it may
   have answered before.  */
static int
send_all (int fd, const struct text *command)
{
  for (size_t sent = 0; sent < command->length; )
    {
      ssize_t n = send (fd, command->bytes + sent, command->length - sent,
			MSG_NOSIGNAL);
      if (n >= 0)
	sent += (size_t) n;
      else if (errno == EPIPE || errno == ECONNRESET)
	return 0;
      else if (errno != EINTR)
	return -errno;
    }
  return 0;
}

int
connection_exchange (int fd, const struct text *command, struct text *reply)
{
  struct sexp_scanner scanner;
  int rc = send_all (fd, command);

  sexp_scan_init (&scanner);
  while (rc == 0)
    {
      if (reply->length > REPLY_MAX)
	return -EMSGSIZE;
      if (!text_reserve (reply, READ_SIZE))
	return -ENOMEM;
      ssize_t n = recv (fd, reply->bytes + reply->length, READ_SIZE, 0);
      if (n < 0 && errno == EINTR)
	continue;
      if (n == 0 || (n < 0 && errno == ECONNRESET))
	return -ENODATA;
      if (n < 0)
	return -errno;
      size_t used;
      enum sexp_scan_result result
	= sexp_scan (&scanner, reply->bytes + reply->length, (size_t) n,
		     &used);
      reply->length += used;
      reply->bytes[reply->length] = '\0';
      if (result == SEXP_ERROR)
	return -EPROTO;
      if (result == SEXP_COMPLETE)
	return 0;
    }
  return rc;
}
