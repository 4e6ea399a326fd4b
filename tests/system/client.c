/* client.c -- a client of the control socket without manners, for tests.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Usage: client raw SOCKET           send standard input, print what comes
	  client half SOCKET          the same, without ending the input
	  client flood SOCKET BYTES   send that many bytes of one datum
	  client idle SOCKET COUNT    open COUNT connections, say nothing
	  client begun SOCKET COUNT   the same, with half a command each
	  client deaf SOCKET COUNT    ask for the status COUNT times on as many
				      connections, never read
	  client crowd SOCKET COUNT   send standard input on COUNT connections at
				      once, then print what comes on each
	  client close SOCKET         send standard input, do not stay
	  client datagrams SOCKET     bind, print datagrams, a line each

   `idle', `begun' and `deaf' print "ready" and hold on until standard input ends.
   Exit status 0 when the daemon behaved: for `flood', it closed the
   connection or answered.  */

#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENT_WAIT_MS = 60000 };

static const char client_status[] =
  "(shepherd-command (version 0) (action status) (service root)"
  " (arguments ()) (directory \"/\"))";

_Noreturn static void
client_die (const char *what)
{
  fprintf (stderr, "client: %s: %s\n", what, strerror (errno));
  exit (EXIT_FAILURE);
}

static struct sockaddr_un
client_address (const char *name)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  if (strlen (name) >= sizeof address.sun_path)
    {
      errno = ENAMETOOLONG;
      client_die (name);
    }
  strcpy (address.sun_path, name);
  return address;
}

static int
client_connect (const char *name)
{
  struct sockaddr_un address = client_address (name);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    client_die ("socket");
  if (connect (fd, (struct sockaddr *) &address, sizeof address) < 0)
    client_die (name);
  return fd;
}

/* Send LENGTH bytes, or as many as the daemon takes.  */
static size_t
client_send (int fd, const char *data, size_t length)
{
  size_t done = 0;
  while (done < length)
    {
      ssize_t n = send (fd, data + done, length - done, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
	continue;
      if (n < 0)
	break;
      done += n;
    }
  return done;
}

static char *
client_read_input (size_t *length)
{
  size_t room = 1 << 16;
  char *data = malloc (room);
  *length = 0;
  for (;;)
    {
      if (data == NULL)
	client_die ("memory");
      ssize_t n = read (STDIN_FILENO, data + *length, room - *length);
      if (n < 0)
	client_die ("standard input");
      if (n == 0)
	return data;
      *length += n;
      if (*length == room)
	data = realloc (data, room *= 2);
    }
}

/* Print what comes until the daemon closes.  */
static int
client_drain (int fd)
{
  char buffer[4096];
  for (;;)
    {
      struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
      if (poll (&poll_fd, 1, CLIENT_WAIT_MS) <= 0)
	{
	  fprintf (stderr, "client: no end\n");
	  return EXIT_FAILURE;
	}
      ssize_t n = read (fd, buffer, sizeof buffer);
      if (n == 0 || (n < 0 && errno == ECONNRESET))
	return EXIT_SUCCESS;
      if (n < 0)
	client_die ("read");
      fwrite (buffer, 1, n, stdout);
    }
}

static int
client_raw (const char *name, bool end)
{
  size_t length;
  char *data = client_read_input (&length);
  int fd = client_connect (name);
  client_send (fd, data, length);
  free (data);
  if (end)
    shutdown (fd, SHUT_WR);
  return client_drain (fd);
}

static int
client_crowd (const char *name, long count)
{
  size_t length;
  char *data = client_read_input (&length);
  int *fds = calloc (count, sizeof *fds);
  int status = EXIT_SUCCESS;
  if (fds == NULL)
    client_die ("memory");
  for (long i = 0; i < count; i++)
    fds[i] = client_connect (name);
  for (long i = 0; i < count; i++)
    {
      client_send (fds[i], data, length);
      shutdown (fds[i], SHUT_WR);
    }
  for (long i = 0; i < count && status == EXIT_SUCCESS; i++)
    {
      status = client_drain (fds[i]);
      close (fds[i]);
    }
  free (data);
  free (fds);
  return status;
}

static int
client_close (const char *name)
{
  size_t length;
  char *data = client_read_input (&length);
  int fd = client_connect (name);
  client_send (fd, data, length);
  free (data);
  close (fd);
  return EXIT_SUCCESS;
}

static int
client_flood (const char *name, size_t bytes)
{
  enum { CHUNK = 1 << 16 };
  static char chunk[CHUNK];
  size_t sent = 1;
  int fd = client_connect (name);
  memset (chunk, 'a', sizeof chunk);
  client_send (fd, "\"", 1);
  while (sent < bytes)
    {
      size_t n = client_send (fd, chunk, CHUNK);
      sent += n;
      if (n < CHUNK)
	break;
    }
  fprintf (stderr, "client: %zu bytes went out\n", sent);
  shutdown (fd, SHUT_WR);
  return client_drain (fd);
}

static void
client_hold (void)
{
  char c;
  puts ("ready");
  fflush (stdout);
  while (read (STDIN_FILENO, &c, 1) > 0)
    ;
}

static int
client_many (const char *name, long count, const char *text)
{
  for (long i = 0; i < count; i++)
    {
      int fd = client_connect (name);
      client_send (fd, text, strlen (text));
    }
  client_hold ();
  return EXIT_SUCCESS;
}

_Noreturn static void
client_datagrams (const char *name)
{
  struct sockaddr_un address = client_address (name);
  char buffer[8192];
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    client_die ("socket");
  if (bind (fd, (struct sockaddr *) &address, sizeof address) < 0)
    client_die (name);
  for (;;)
    {
      ssize_t n = recv (fd, buffer, sizeof buffer, 0);
      if (n < 0)
	client_die ("recv");
      fwrite (buffer, 1, n, stdout);
      if (n == 0 || buffer[n - 1] != '\n')
	fputs ("<no newline>\n", stdout);
      fflush (stdout);
    }
}

int
main (int argc, char **argv)
{
  const char *mode = argc > 2 ? argv[1] : "";
  long count = argc > 3 ? strtol (argv[3], NULL, 10) : 0;
  signal (SIGPIPE, SIG_IGN);
  if (strcmp (mode, "raw") == 0)
    return client_raw (argv[2], true);
  if (strcmp (mode, "half") == 0)
    return client_raw (argv[2], false);
  if (strcmp (mode, "close") == 0)
    return client_close (argv[2]);
  if (strcmp (mode, "crowd") == 0)
    return client_crowd (argv[2], count);
  if (strcmp (mode, "flood") == 0)
    return client_flood (argv[2], count);
  if (strcmp (mode, "idle") == 0)
    return client_many (argv[2], count, "");
  if (strcmp (mode, "begun") == 0)
    return client_many (argv[2], count, "(shepherd-command (version 0) (act");
  if (strcmp (mode, "deaf") == 0)
    return client_many (argv[2], count, client_status);
  if (strcmp (mode, "datagrams") == 0)
    client_datagrams (argv[2]);
  fprintf (stderr, "Usage: client MODE SOCKET [COUNT]\n");
  return 2;
}
