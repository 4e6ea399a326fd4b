/* work.c -- what is supervised, and the least that a supervisor can do

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   work			mark, that is write the time to the FIFO $MARKS, which
			stays open; wait to be killed
   work talk LINES	write LINES lines of 100 bytes; mark when they have
			been read; wait to be killed
   work greet		write a line

   work respawn COUNT COMMAND...
	start COUNT times COMMAND, and again whenever one ends
   work serve SOCKET COUNT BYTES COMMAND...
	do what each connection says: start COUNT times COMMAND (u), kill and
	reap them all (d), reply with BYTES bytes (?)  */

#include <config.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORK_LINE 100		/* bytes, with its end */

static void
work_mark (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  double seconds = now.tv_sec + now.tv_nsec / 1e9;
  int fd = open (getenv ("MARKS"), O_WRONLY | O_CLOEXEC);
  if (write (fd, &seconds, sizeof seconds) < 0)
    exit (EXIT_FAILURE);
}

static void
work_talk (size_t lines)
{
  static char block[WORK_LINE * 650];
  int unread = 1;

  memset (block, 'x', sizeof block);
  for (size_t i = WORK_LINE - 1; i < sizeof block; i += WORK_LINE)
    block[i] = '\n';
  for (size_t left = lines * WORK_LINE, size; left > 0; left -= size)
    {
      size = left < sizeof block ? left : sizeof block;
      if (write (STDOUT_FILENO, block, size) != (ssize_t) size)
	exit (EXIT_FAILURE);
    }
  while (ioctl (STDOUT_FILENO, FIONREAD, &unread) == 0 && unread > 0)
    usleep (1000);
}

static pid_t
work_start (char **command)
{
  pid_t pid = vfork ();

  if (pid != 0)
    return pid;
  execvp (command[0], command);
  _exit (127);
}

_Noreturn static void
work_respawn (int count, char **command)
{
  while (--count > 0)
    work_start (command);
  do
    work_start (command);
  while (wait (NULL) > 0);
  exit (EXIT_FAILURE);
}

_Noreturn static void
work_serve (const char *path, size_t count, size_t bytes, char **command)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  pid_t *pids = calloc (count + 1, sizeof *pids);
  char *reply = calloc (1, bytes + 1), request = 0;

  strncpy (address.sun_path, path, sizeof address.sun_path - 1);
  if (bind (fd, (struct sockaddr *) &address, sizeof address) < 0
      || listen (fd, 10) < 0)
    exit (EXIT_FAILURE);
  for (;;)
    {
      int client = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);
      ssize_t n = read (client, &request, 1);
      for (size_t i = 0; request == 'u' && i < count; i++)
	pids[i] = work_start (command);
      for (size_t i = 0; request == 'd' && i < count; i++)
	kill (pids[i], SIGTERM);
      for (size_t i = 0; request == 'd' && i < count; i++)
	waitpid (pids[i], NULL, 0);
      if (n != 1 || write (client, reply, request == '?' ? bytes : 1) < 0)
	exit (EXIT_FAILURE);
      close (client);
    }
}

int
main (int argc, char **argv)
{
  /* s6 calls it with the name of a service.  */
  const char *what = argc > 1 ? argv[1] : "";

  if (strcmp (what, "greet") == 0)
    return write (STDOUT_FILENO, "hello\n", 6) != 6;
  if (strcmp (what, "respawn") == 0 && argc > 3)
    work_respawn (atoi (argv[2]), argv + 3);
  if (strcmp (what, "serve") == 0 && argc > 5)
    work_serve (argv[2], atol (argv[3]), atol (argv[4]), argv + 5);
  if (strcmp (what, "talk") == 0 && argc > 2)
    work_talk (atol (argv[2]));
  work_mark ();
  for (;;)
    pause ();
}
