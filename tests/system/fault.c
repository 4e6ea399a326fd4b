/* fault.c -- crashing a daemon from outside, for tests.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Usage: fault signal PID THREAD SIGNAL   send the number SIGNAL to the first
					   thread of PID that is called THREAD
	  fault forgive PID		   have PID forget its crashes, which
					   its shared table counts

   A daemon that crashes three times within a minute does without its
   interpreter.  Tests that crash it more often say so to its table, not to
   the daemon, which has no means of being told.  */

#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where the table has the times of crashes; see inherit.c.  */
enum { FAULT_CRASHES_AT = 32, FAULT_CRASHES = 3 };

_Noreturn static void
fault_die (const char *what)
{
  fprintf (stderr, "fault: %s: %s\n", what, strerror (errno));
  exit (EXIT_FAILURE);
}

static bool
fault_is_called (const char *pid, const char *thread, const char *name)
{
  char file[PATH_MAX], text[32] = "";
  snprintf (file, sizeof file, "/proc/%s/task/%s/comm", pid, thread);
  FILE *in = fopen (file, "r");
  if (in == NULL)
    return false;
  bool read = fgets (text, sizeof text, in) != NULL;
  fclose (in);
  text[strcspn (text, "\n")] = '\0';
  return read && strcmp (text, name) == 0;
}

static int
fault_signal (const char *pid, const char *name, int signum)
{
  char file[PATH_MAX];
  struct dirent *entry;
  snprintf (file, sizeof file, "/proc/%s/task", pid);
  DIR *threads = opendir (file);
  if (threads == NULL)
    fault_die (file);
  while ((entry = readdir (threads)) != NULL)
    if (entry->d_name[0] != '.' && fault_is_called (pid, entry->d_name, name))
      {
	if (syscall (SYS_tgkill, atoi (pid), atoi (entry->d_name), signum) < 0)
	  fault_die (name);
	closedir (threads);
	return EXIT_SUCCESS;
      }
  errno = ESRCH;
  fault_die (name);
}

/* The daemon's table, open.  */
static int
fault_open_table (const char *pid)
{
  char file[PATH_MAX], target[64];
  for (int fd = 3; fd < 1024; fd++)
    {
      snprintf (file, sizeof file, "/proc/%s/fd/%d", pid, fd);
      ssize_t length = readlink (file, target, sizeof target);
      if (length > 0
	  && strncmp (target, "/memfd:shepherd-inherit",
		      strlen ("/memfd:shepherd-inherit")) == 0)
	return open (file, O_RDWR | O_CLOEXEC);
    }
  errno = ENOENT;
  return -1;
}

static int
fault_forgive (const char *pid)
{
  const char none[FAULT_CRASHES * 8] = "";
  int fd = fault_open_table (pid);
  if (fd < 0
      || pwrite (fd, none, sizeof none, FAULT_CRASHES_AT) != sizeof none)
    fault_die ("the table of what is inherited");
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  if (argc == 5 && strcmp (argv[1], "signal") == 0)
    return fault_signal (argv[2], argv[3], atoi (argv[4]));
  if (argc == 3 && strcmp (argv[1], "forgive") == 0)
    return fault_forgive (argv[2]);
  fprintf (stderr, "fault: see the comment in fault.c\n");
  return 2;
}
