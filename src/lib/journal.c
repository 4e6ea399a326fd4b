/* journal.c -- the system's log, or what stands in for it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The kernel refuses longer records in one write to /dev/kmsg.  */
#define JOURNAL_RECORD_MAX 960

void
journal_init (struct journal *journal, const char *path)
{
  *journal = (struct journal)
    { .path = path, .fallbacks = { "/dev/kmsg", "/dev/console" },
      .socket = -1, .fallback = -1 };
}

static void
journal_shut (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

void
journal_close (struct journal *journal)
{
  journal_shut (&journal->socket);
  journal_shut (&journal->fallback);
}

static int
journal_connect (struct journal *journal)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  if (strlen (journal->path) >= sizeof address.sun_path)
    return -ENAMETOOLONG;
  strcpy (address.sun_path, journal->path);
  journal->socket = socket (AF_UNIX,
			    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (journal->socket < 0)
    return -errno;
  if (connect (journal->socket, (struct sockaddr *) &address,
	       sizeof address) == 0)
    return 0;
  int error = errno;
  journal_shut (&journal->socket);
  return -error;
}

/* Send to the socket, connecting anew if the old peer has gone.  */
static int
journal_send_datagram (struct journal *journal, const char *line,
		       size_t length)
{
  for (int attempt = 0; attempt < 2; attempt++)
    {
      int rc = journal->socket < 0 ? journal_connect (journal) : 0;
      if (rc < 0)
	return rc;
      if (send (journal->socket, line, length, MSG_NOSIGNAL) >= 0)
	return 0;
      rc = -errno;
      if (rc == -EAGAIN || rc == -EMSGSIZE)
	return rc;
      journal_shut (&journal->socket);
    }
  return -ECONNREFUSED;
}

static int
journal_write_record (int fd, const char *line, size_t length)
{
  while (length > 0)
    {
      size_t part = length < JOURNAL_RECORD_MAX ? length : JOURNAL_RECORD_MAX;
      if (write (fd, line, part) < 0)
	return -errno;
      line += part;
      length -= part;
    }
  return 0;
}

int
journal_send (struct journal *journal, const char *line, size_t length)
{
  int rc = journal_send_datagram (journal, line, length);

  if (rc == 0)
    journal_shut (&journal->fallback);
  if (rc == 0 || rc == -EAGAIN)
    return rc;

  for (size_t i = 0; i < 2; i++)
    {
      if (journal->fallback < 0)
	journal->fallback = open (journal->fallbacks[i], O_WRONLY | O_NONBLOCK
				  | O_CLOEXEC | O_NOCTTY);
      if (journal->fallback >= 0
	  && journal_write_record (journal->fallback, line, length) == 0)
	return 0;
      journal_shut (&journal->fallback);
    }
  return rc;
}
