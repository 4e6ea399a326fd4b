/* supervise.c -- run a test with a deadline, and leave nothing behind.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Usage: supervise SECONDS COMMAND [ARG...]

   Whatever the test starts stays below this process, which is a child
   subreaper: daemons and double forks come back to it.  So it can end them
   without ever signalling a process of somebody else.  Exit status: that of
   COMMAND; 1 when it had to be killed or left processes behind.  */

#include <config.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GRACE_MS = 2000 };	/* for what is just about to end */

static int64_t
now_ms (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The parent of process PID, and into NAME its name; -1 if it is gone.  */
static pid_t
process_parent (const char *pid, char name[32])
{
  char path[64], line[512];
  snprintf (path, sizeof path, "/proc/%.20s/stat", pid);
  FILE *file = fopen (path, "re");
  if (file == NULL)
    return -1;
  size_t length = fread (line, 1, sizeof line - 1, file);
  fclose (file);
  line[length] = '\0';

  /* PID (NAME) STATE PARENT ...; the name may hold anything.  */
  char *open = strchr (line, '('), *close = strrchr (line, ')');
  int parent;
  if (open == NULL || close == NULL || strlen (close) < 4
      || sscanf (close + 4, "%d", &parent) != 1)
    return -1;
  snprintf (name, 32, "%.*s", (int) (close - open - 1), open + 1);
  return parent;
}

/* Send SIGNAL to each child; print their names if COMPLAIN.  A child cannot
   vanish in between: it stays a zombie until we wait for it.  */
static void
signal_children (int signal, bool complain)
{
  DIR *proc = opendir ("/proc");
  struct dirent *entry;
  while (proc != NULL && (entry = readdir (proc)) != NULL)
    {
      char name[32];
      if (!isdigit ((unsigned char) entry->d_name[0])
	  || process_parent (entry->d_name, name) != getpid ())
	continue;
      if (complain)
	fprintf (stderr, "supervise: killing %s (%s)\n", entry->d_name, name);
      kill (atoi (entry->d_name), signal);
    }
  if (proc != NULL)
    closedir (proc);
}

/* Reap until DEADLINE (in ms), until MAIN_PID (if > 0) ended, or no child is
   left.  Return 0 in these two cases with MAIN_PID's status in STATUS, the
   signal that interrupted us, or -1 at the deadline.  */
static int
reap_until (int64_t deadline, pid_t main_pid, int *status)
{
  for (;;)
    {
      int child_status;
      pid_t pid = waitpid (-1, &child_status, WNOHANG);
      if (pid < 0 && errno == ECHILD)
	return 0;
      if (pid > 0 && pid == main_pid)
	{
	  *status = child_status;
	  return 0;
	}
      if (pid > 0)
	continue;

      int64_t left = deadline - now_ms ();
      if (left <= 0)
	return -1;
      sigset_t set;
      sigemptyset (&set);
      sigaddset (&set, SIGCHLD);
      sigaddset (&set, SIGINT);
      sigaddset (&set, SIGTERM);
      sigaddset (&set, SIGHUP);
      struct timespec wait = { left / 1000, left % 1000 * 1000000 };
      int signal = sigtimedwait (&set, NULL, &wait);
      if (signal > 0 && signal != SIGCHLD)
	return signal;
    }
}

/* End all that is left, generation by generation.  */
static void
kill_all (void)
{
  int status;
  for (int tries = 0; tries < 100; tries++)
    {
      signal_children (SIGKILL, tries == 0);
      if (reap_until (now_ms () + 100, 0, &status) == 0)
	return;
    }
}

int
main (int argc, char **argv)
{
  if (argc < 3)
    {
      fprintf (stderr, "Usage: supervise SECONDS COMMAND [ARG...]\n");
      return 2;
    }
  long seconds = strtol (argv[1], NULL, 10);

  sigset_t set, old;
  sigemptyset (&set);
  sigaddset (&set, SIGCHLD);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGHUP);
  sigprocmask (SIG_BLOCK, &set, &old);
  prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);

  pid_t pid = fork ();
  if (pid == 0)
    {
      sigprocmask (SIG_SETMASK, &old, NULL);
      execvp (argv[2], argv + 2);
      fprintf (stderr, "supervise: %s: %s\n", argv[2], strerror (errno));
      _exit (127);
    }
  if (pid < 0)
    {
      perror ("supervise: fork");
      return 1;
    }

  int status = 0;
  int outcome = reap_until (now_ms () + seconds * 1000, pid, &status);
  if (outcome != 0)
    {
      fprintf (stderr, outcome > 0 ? "supervise: interrupted\n"
	       : "supervise: no end after %ld seconds\n", seconds);
      kill_all ();
      return 1;
    }
  if (WIFSIGNALED (status))
    fprintf (stderr, "supervise: the test ended by signal %d (%s)\n",
	     WTERMSIG (status), strsignal (WTERMSIG (status)));

  int ignored;
  if (reap_until (now_ms () + GRACE_MS, 0, &ignored) != 0)
    {
      fprintf (stderr, "supervise: the test left processes behind\n");
      kill_all ();
      return 1;
    }
  return WIFEXITED (status) ? WEXITSTATUS (status) : 1;
}
