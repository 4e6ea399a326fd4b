/* latency.c -- how long commands take, for tests.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Usage: latency SOCKET COUNT (ACTION SERVICE)...

   Send the commands one after the other, over and over, COUNT in all; print
   the median and the longest time until the end of a reply, in milliseconds.
   What the last reply said goes to standard error.  Exit status 1 if one does
   not come.  */

#include <config.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LATENCY_WAIT_MS = 60000, LATENCY_COUNT_MAX = 1000 };

static char latency_reply[1024 * 1024];

_Noreturn static void
latency_die (const char *what)
{
  perror (what);
  exit (EXIT_FAILURE);
}

static double
latency_now (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

/* Read what comes from FD to its end.  */
static void
latency_read (int fd)
{
  struct pollfd readable = { .fd = fd, .events = POLLIN };
  size_t length = 0;
  ssize_t size;
  do
    {
      if (poll (&readable, 1, LATENCY_WAIT_MS) != 1)
	latency_die ("no reply");
      size = read (fd, latency_reply + length,
		   sizeof latency_reply - length - 1);
      if (size > 0)
	length += (size_t) size;
    }
  while (size > 0);
  latency_reply[length] = '\0';
  if (length == 0)
    latency_die ("empty reply");
}

/* The time that ACTION of SERVICE takes.  */
static double
latency_of (const char *socket_file, const char *action, const char *service)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  double begin = latency_now ();
  snprintf (address.sun_path, sizeof address.sun_path, "%s", socket_file);
  if (fd < 0
      || connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    latency_die (socket_file);
  if (dprintf (fd, "(shepherd-command (version 0) (action %s) (service %s)"
	       " (arguments ()) (directory \"/\"))", action, service) < 0)
    latency_die ("send");
  latency_read (fd);
  close (fd);
  return latency_now () - begin;
}

static int
latency_compare (const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

int
main (int argc, char **argv)
{
  static double times[LATENCY_COUNT_MAX];
  int count = argc > 2 ? atoi (argv[2]) : 0, commands = (argc - 3) / 2;
  if (argc < 5 || argc % 2 == 0 || count < 1 || count > LATENCY_COUNT_MAX)
    return EXIT_FAILURE;
  for (int i = 0; i < count; i++)
    times[i] = latency_of (argv[1], argv[3 + i % commands * 2],
			   argv[4 + i % commands * 2]);
  qsort (times, (size_t) count, sizeof *times, latency_compare);
  printf ("%.1f %.1f\n", times[count / 2], times[count - 1]);
  fprintf (stderr, "%s\n", latency_reply);
  return EXIT_SUCCESS;
}
