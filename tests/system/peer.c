/* peer.c -- both ends of connections, for tests of services with sockets.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Usage: peer talk ADDRESS           send standard input, print what comes
	  peer converse ADDRESS       send standard input as it comes, and print
				      what comes, until the other side closes
	  peer hold ADDRESS COUNT     open COUNT connections, hold them
	  peer many ADDRESS COUNT     open COUNT at once, expect each to echo;
				      print how many did
	  peer hammer ADDRESS FILE    connect again and again until FILE
				      exists; print how often that failed
	  peer take ADDRESS           listen there, hold that
	  peer free-port              print a TCP port that is free
	  peer serve [COUNT]          accept at the sockets of LISTEN_FDS, say
				      "PID DESCRIPTOR NAME" to each client;
				      exit after COUNT clients

   ADDRESS is 127.0.0.1:PORT, [::1]:PORT or /FILE.  `hold' and `take' print
   "ready" and hold on until standard input ends.  */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PEER_MANY = 1000, PEER_WAIT_MS = 60000 };

union address
{
  struct sockaddr any;
  struct sockaddr_un un;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
};

_Noreturn static void
peer_die (const char *what)
{
  fprintf (stderr, "peer: %s: %s\n", what, strerror (errno));
  exit (EXIT_FAILURE);
}

static union address
peer_address (const char *name)
{
  union address address = { .any.sa_family = AF_UNSPEC };
  const char *colon = strrchr (name, ':');
  uint16_t port = colon != NULL ? htons ((uint16_t) atoi (colon + 1)) : 0;
  if (name[0] == '/')
    {
      address.un.sun_family = AF_UNIX;
      strncpy (address.un.sun_path, name, sizeof address.un.sun_path - 1);
    }
  else if (name[0] == '[')
    {
      address.in6.sin6_family = AF_INET6;
      address.in6.sin6_addr = in6addr_loopback;
      address.in6.sin6_port = port;
    }
  else
    {
      address.in.sin_family = AF_INET;
      address.in.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
      address.in.sin_port = port;
    }
  return address;
}

static socklen_t
peer_length (const union address *address)
{
  return address->any.sa_family == AF_UNIX ? sizeof address->un
    : address->any.sa_family == AF_INET ? sizeof address->in
    : sizeof address->in6;
}

static int
peer_socket (const union address *address)
{
  int fd = socket (address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    peer_die ("socket");
  return fd;
}

/* A connection, or -1 with errno.  */
static int
peer_try (const char *name)
{
  union address address = peer_address (name);
  int fd = peer_socket (&address);
  if (connect (fd, &address.any, peer_length (&address)) == 0)
    return fd;
  int error = errno;
  close (fd);
  errno = error;
  return -1;
}

static int
peer_connect (const char *name)
{
  int fd = peer_try (name);
  if (fd < 0)
    peer_die (name);
  return fd;
}

/* Read from FD to its end, at most SIZE bytes.  */
static size_t
peer_read (int fd, char *buffer, size_t size)
{
  size_t length = 0;
  while (length < size)
    {
      struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
      if (poll (&poll_fd, 1, PEER_WAIT_MS) <= 0)
	peer_die ("no answer");
      ssize_t n = read (fd, buffer + length, size - length);
      if (n <= 0)
	break;
      length += n;
    }
  return length;
}

static int
peer_talk (const char *name)
{
  char buffer[1 << 16];
  int fd = peer_connect (name);
  ssize_t n = read (STDIN_FILENO, buffer, sizeof buffer);
  if (n > 0 && send (fd, buffer, n, MSG_NOSIGNAL) < 0)
    peer_die ("send");
  shutdown (fd, SHUT_WR);
  fwrite (buffer, 1, peer_read (fd, buffer, sizeof buffer), stdout);
  return EXIT_SUCCESS;
}

/* Pass on some of what comes from FROM to TO.  False at its end.  */
static bool
peer_pass (int from, int to)
{
  char buffer[1 << 16];
  ssize_t n = read (from, buffer, sizeof buffer);
  for (ssize_t done = 0; done < n;)
    {
      ssize_t written = write (to, buffer + done, n - done);
      if (written < 0)
	return false;
      done += written;
    }
  return n > 0;
}

static int
peer_converse (const char *name)
{
  int fd = peer_connect (name);
  struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
			  { .fd = STDIN_FILENO, .events = POLLIN } };
  while (poll (fds, 2, -1) > 0)
    {
      if (fds[0].revents != 0 && !peer_pass (fd, STDOUT_FILENO))
	return EXIT_SUCCESS;
      if (fds[1].revents != 0 && !peer_pass (STDIN_FILENO, fd))
	{
	  shutdown (fd, SHUT_WR);
	  fds[1].fd = -1;
	}
    }
  return EXIT_FAILURE;
}

static int
peer_hold (void)
{
  char c;
  puts ("ready");
  fflush (stdout);
  while (read (STDIN_FILENO, &c, 1) > 0)
    ;
  return EXIT_SUCCESS;
}

static int
peer_many (const char *name, int count)
{
  int fds[PEER_MANY], answered = 0;
  if (count > PEER_MANY)
    count = PEER_MANY;
  for (int i = 0; i < count; i++)
    fds[i] = peer_connect (name);
  for (int i = 0; i < count; i++)
    {
      dprintf (fds[i], "%d\n", i);
      shutdown (fds[i], SHUT_WR);
    }
  for (int i = 0; i < count; i++)
    {
      char wanted[16], found[16];
      size_t length = sprintf (wanted, "%d\n", i);
      if (peer_read (fds[i], found, sizeof found) == length
	  && memcmp (wanted, found, length) == 0)
	answered++;
      close (fds[i]);
    }
  printf ("%d\n", answered);
  return EXIT_SUCCESS;
}

static int
peer_hammer (const char *name, const char *file)
{
  long connected = 0, failed = 0;
  while (access (file, F_OK) != 0)
    {
      int fd = peer_try (name);
      char c;
      if (fd < 0)
	{
	  failed++;
	  fprintf (stderr, "peer: %s\n", strerror (errno));
	  continue;
	}
      connected++;
      shutdown (fd, SHUT_WR);
      peer_read (fd, &c, 1);
      close (fd);
    }
  fprintf (stderr, "peer: %ld connections\n", connected);
  printf ("%ld\n", failed);
  return connected > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
peer_take (const char *name)
{
  union address address = peer_address (name);
  int fd = peer_socket (&address);
  if (bind (fd, &address.any, peer_length (&address)) < 0
      || listen (fd, 1) < 0)
    peer_die (name);
  return peer_hold ();
}

static int
peer_free_port (void)
{
  union address address = peer_address ("[::1]:0");
  socklen_t length = sizeof address;
  int fd = peer_socket (&address);
  if (bind (fd, &address.any, peer_length (&address)) < 0
      || getsockname (fd, &address.any, &length) < 0)
    peer_die ("bind");
  printf ("%d\n", ntohs (address.in6.sin6_port));
  return EXIT_SUCCESS;
}

/* The NUMBERth part of LISTEN_FDNAMES.  */
static void
peer_name (int number, char *name, size_t size)
{
  const char *names = getenv ("LISTEN_FDNAMES");
  for (; names != NULL && number > 0; number--)
    {
      names = strchr (names, ':');
      names = names != NULL ? names + 1 : NULL;
    }
  snprintf (name, size, "%.*s", names ? (int) strcspn (names, ":") : 0,
	    names ? names : "");
}

static void
peer_greet (int fd, int number)
{
  char name[64];
  int client = accept (fd, NULL, NULL);
  if (client < 0)
    peer_die ("accept");
  peer_name (number, name, sizeof name);
  dprintf (client, "%d %d %s\n", (int) getpid (), fd, name);
  close (client);
}

static int
peer_serve (long count)
{
  const char *pid = getenv ("LISTEN_PID"), *number = getenv ("LISTEN_FDS");
  int sockets = number != NULL ? atoi (number) : 0;
  struct pollfd fds[8];
  if (pid == NULL || atoi (pid) != getpid () || sockets < 1 || sockets > 8)
    {
      fprintf (stderr, "peer: no sockets for me\n");
      return EXIT_FAILURE;
    }
  for (int i = 0; i < sockets; i++)
    fds[i] = (struct pollfd) { .fd = 3 + i, .events = POLLIN };
  while (count > 0 && poll (fds, sockets, -1) > 0)
    for (int i = 0; i < sockets && count > 0; i++)
      if (fds[i].revents != 0)
	{
	  peer_greet (fds[i].fd, i);
	  count--;
	}
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  const char *mode = argc > 1 ? argv[1] : "";
  const char *name = argc > 2 ? argv[2] : "";
  const char *more = argc > 3 ? argv[3] : "1";
  signal (SIGPIPE, SIG_IGN);
  if (strcmp (mode, "talk") == 0)
    return peer_talk (name);
  if (strcmp (mode, "converse") == 0)
    return peer_converse (name);
  if (strcmp (mode, "many") == 0)
    return peer_many (name, atoi (more));
  if (strcmp (mode, "hammer") == 0)
    return peer_hammer (name, more);
  if (strcmp (mode, "take") == 0)
    return peer_take (name);
  if (strcmp (mode, "free-port") == 0)
    return peer_free_port ();
  if (strcmp (mode, "serve") == 0)
    return peer_serve (argc > 2 ? atol (name) : 1000000);
  if (strcmp (mode, "hold") == 0)
    {
      for (int i = atoi (more); i > 0; i--)
	peer_connect (name);
      return peer_hold ();
    }
  fprintf (stderr, "Usage: peer MODE [ARGUMENT...]\n");
  return 2;
}
