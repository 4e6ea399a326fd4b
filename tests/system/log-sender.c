/* log-sender.c -- programs that log, for tests.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Usage: log-sender burst SOCKET COUNT TEXT   COUNT messages "TEXT NUMBER"
	  log-sender syslog COUNT TEXT         the same, by syslog(3)
	  log-sender one SOCKET                standard input as one datagram
	  log-sender empty SOCKET              a datagram of no bytes
	  log-sender large SOCKET BYTES        one datagram of so many bytes,
					       "big xxx... end"

   Exit status 0 when the kernel took all of it.  */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

_Noreturn static void
die (const char *what)
{
  perror (what);
  exit (1);
}

static int
open_socket (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  strncpy (address.sun_path, path, sizeof address.sun_path - 1);
  if (fd < 0
      || connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    die (path);
  return fd;
}

static void
send_all (int fd, const void *data, size_t length)
{
  if (send (fd, data, length, 0) != (ssize_t) length)
    die ("send");
}

static void
send_burst (int fd, int count, const char *text)
{
  for (int i = 1; i <= count; i++)
    {
      char line[200];
      int length = snprintf (line, sizeof line, "<13>%s %d", text, i);
      send_all (fd, line, length);
    }
}

static void
send_large (int fd, size_t size)
{
  static const char head[] = "<13>big ", tail[] = " end";
  char *data = malloc (size);
  int room = 4 * 1024 * 1024;

  if (data == NULL)
    die ("malloc");
  memset (data, 'x', size);
  memcpy (data, head, strlen (head));
  memcpy (data + size - strlen (tail), tail, strlen (tail));
  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  send_all (fd, data, size);
  free (data);
}

static void
send_input (int fd)
{
  static char data[65536];
  size_t length = fread (data, 1, sizeof data, stdin);

  send_all (fd, data, length);
}

int
main (int argc, char **argv)
{
  const char *what = argc > 2 ? argv[1] : "";

  if (strcmp (what, "burst") == 0 && argc == 5)
    send_burst (open_socket (argv[2]), atoi (argv[3]), argv[4]);
  else if (strcmp (what, "syslog") == 0 && argc == 4)
    for (int i = 1; i <= atoi (argv[2]); i++)
      syslog (LOG_USER | LOG_NOTICE, "%s %d", argv[3], i);
  else if (strcmp (what, "one") == 0)
    send_input (open_socket (argv[2]));
  else if (strcmp (what, "empty") == 0)
    send_all (open_socket (argv[2]), "", 0);
  else if (strcmp (what, "large") == 0 && argc == 4)
    send_large (open_socket (argv[2]), strtoul (argv[3], NULL, 10));
  else
    return 2;
  return 0;
}
