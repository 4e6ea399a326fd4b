/* fake-shepherd.c -- answer one command with what a test says.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Usage: fake-shepherd [-c SIZE] [-i] [-n] [-t] SOCKET REPLY COMMAND
			PROGRAM [ARGUMENT...]

   Listen on SOCKET and run PROGRAM.  Write the command that it sends to the
   file COMMAND, and send the contents of the file REPLY, SIZE bytes at a
   time.  End as PROGRAM does, with 128 + N if signal N ended it.

   -i  in place of an answer, type ctrl-C at PROGRAM; with -t
   -n  close the connection without reading the command
   -t  run PROGRAM on a terminal, and copy what it prints there  */

#include <config.h>

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sexp.h"

static int
listen_on (const char *file)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (strlen (file) >= sizeof address.sun_path)
    errx (99, "%s: too long", file);
  strcpy (address.sun_path, file);
  unlink (file);
  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) < 0
      || listen (fd, 1) < 0)
    err (99, "%s", file);
  return fd;
}

static pid_t
run (char **argv, bool on_terminal, int *terminal)
{
  pid_t pid = on_terminal ? forkpty (terminal, NULL, NULL, NULL) : fork ();
  if (pid < 0)
    err (99, "fork");
  if (pid == 0)
    {
      signal (SIGINT, SIG_DFL);
      execvp (argv[0], argv);
      err (98, "%s", argv[0]);
    }
  return pid;
}

static void
read_command (int connection, const char *file)
{
  FILE *out = fopen (file, "w");
  struct sexp_scanner scanner;
  enum sexp_scan_result result = SEXP_MORE;
  char buffer[4096];
  ssize_t n;

  if (out == NULL)
    err (99, "%s", file);
  sexp_scan_init (&scanner);
  while (result == SEXP_MORE
	 && (n = read (connection, buffer, sizeof buffer)) > 0)
    {
      size_t used;
      result = sexp_scan (&scanner, buffer, (size_t) n, &used);
      fwrite (buffer, 1, (size_t) n, out);
    }
  if (result != SEXP_COMPLETE)
    fputs (" incomplete", out);
  putc ('\n', out);
  if (fclose (out) != 0)
    err (99, "%s", file);
}

static void
send_reply (int connection, const char *file, size_t size)
{
  int fd = open (file, O_RDONLY | O_CLOEXEC);
  char buffer[4096];
  ssize_t n;

  if (fd < 0)
    err (99, "%s", file);
  while ((n = read (fd, buffer, size)) > 0)
    if (send (connection, buffer, (size_t) n, MSG_NOSIGNAL) != n)
      break;
  close (fd);
}

static void
copy_terminal (int terminal)
{
  char buffer[4096];
  ssize_t n;

  while ((n = read (terminal, buffer, sizeof buffer)) > 0)
    fwrite (buffer, 1, (size_t) n, stdout);
}

int
main (int argc, char **argv)
{
  size_t size = 4096;
  bool at_once = false, interrupt = false, on_terminal = false;
  int option, terminal = -1, status;

  while ((option = getopt (argc, argv, "+c:int")) != -1)
    switch (option)
      {
      case 'c':
	size = (size_t) atoi (optarg);
	break;
      case 'i':
	interrupt = true;
	break;
      case 'n':
	at_once = true;
	break;
      case 't':
	on_terminal = true;
	break;
      default:
	return 99;
      }
  argv += optind;
  if (argc - optind < 4)
    errx (99, "usage: SOCKET REPLY COMMAND PROGRAM [ARGUMENT...]");
  int listener = listen_on (argv[0]);
  pid_t pid = run (argv + 3, on_terminal, &terminal);

  /* Until it connects, or ends without that.  */
  struct pollfd fds[] = {
    { .fd = listener, .events = POLLIN },
    { .fd = (int) syscall (SYS_pidfd_open, pid, 0), .events = POLLIN }
  };
  poll (fds, 2, -1);
  if (fds[0].revents)
    {
      int connection = accept (listener, NULL, NULL);
      if (!at_once)
	read_command (connection, argv[2]);
      if (interrupt)
	dprintf (terminal, "\003");	/* the connection stays open */
      else
	{
	  if (!at_once)
	    send_reply (connection, argv[1], size);
	  close (connection);
	}
    }
  if (on_terminal)
    copy_terminal (terminal);
  if (waitpid (pid, &status, 0) != pid)
    err (99, "waitpid");
  return (WIFEXITED (status) ? WEXITSTATUS (status)
	  : 128 + WTERMSIG (status));
}
