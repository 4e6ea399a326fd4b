/* worker.c -- what services run in tests that crash the daemon.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Usage: worker NAME idle		wait for ever
	  worker NAME stubborn		the same, whatever SIGTERM says
	  worker NAME lines FILE	print "NAME PID N" for N = 1, 2, 3...
					and write the last N to FILE.PID
	  worker NAME for MS		end after so many milliseconds
	  worker NAME daemon MS FILE	fork twice, write the PID to FILE after
					so many milliseconds
	  worker NAME echo		print each line of standard input
	  worker NAME serve		do that for whoever connects to
					descriptor 3  */

#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* Between lines.  */
#define WORKER_PERIOD_MS 10

_Noreturn static void
worker_idle (void)
{
  for (;;)
    pause ();
}

static void
worker_rest (const char *ms)
{
  poll (NULL, 0, atoi (ms));
}

/* Where the number of the last line is kept: what was written there outlives
   the process, however it ends.  */
static volatile uint64_t *
worker_open_count (const char *file)
{
  char name[4096];
  snprintf (name, sizeof name, "%s.%d", file, (int) getpid ());
  int fd = open (name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  void *count = MAP_FAILED;
  if (fd >= 0 && ftruncate (fd, sizeof (uint64_t)) == 0)
    count = mmap (NULL, sizeof (uint64_t), PROT_READ | PROT_WRITE,
		  MAP_SHARED, fd, 0);
  if (count == MAP_FAILED)
    exit (EXIT_FAILURE);
  close (fd);
  return count;
}

_Noreturn static void
worker_print_lines (const char *name, const char *file)
{
  volatile uint64_t *count = worker_open_count (file);
  for (;;)
    {
      dprintf (STDOUT_FILENO, "%s %d %llu\n", name, (int) getpid (),
	       (unsigned long long) *count + 1);
      ++*count;
      poll (NULL, 0, WORKER_PERIOD_MS);
    }
}

static void
worker_daemonize (const char *ms, const char *file)
{
  if (fork () != 0)
    _exit (0);
  setsid ();
  if (fork () != 0)
    _exit (0);
  worker_rest (ms);
  FILE *out = fopen (file, "we");
  if (out == NULL)
    exit (EXIT_FAILURE);
  fprintf (out, "%d\n", (int) getpid ());
  fclose (out);
  worker_idle ();
}

static void
worker_echo (int in, int out)
{
  char buffer[256];
  ssize_t size;
  while ((size = read (in, buffer, sizeof buffer)) > 0
	 && write (out, buffer, (size_t) size) == size)
    continue;
}

_Noreturn static void
worker_serve (void)
{
  signal (SIGCHLD, SIG_IGN);
  for (;;)
    {
      int fd = accept (3, NULL, NULL);
      if (fd >= 0 && fork () == 0)
	{
	  worker_echo (fd, fd);
	  _exit (0);
	}
      close (fd);
    }
}

int
main (int argc, char **argv)
{
  const char *what = argc > 2 ? argv[2] : "";
  if (strcmp (what, "idle") == 0)
    worker_idle ();
  if (strcmp (what, "stubborn") == 0)
    {
      signal (SIGTERM, SIG_IGN);
      worker_idle ();
    }
  if (strcmp (what, "lines") == 0 && argc > 3)
    worker_print_lines (argv[1], argv[3]);
  if (strcmp (what, "daemon") == 0 && argc > 4)
    worker_daemonize (argv[3], argv[4]);
  if (strcmp (what, "serve") == 0)
    worker_serve ();
  if (strcmp (what, "for") == 0 && argc > 3)
    worker_rest (argv[3]);
  else if (strcmp (what, "echo") == 0)
    worker_echo (STDIN_FILENO, STDOUT_FILENO);
  else
    return 2;
  return EXIT_SUCCESS;
}
