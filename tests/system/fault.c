/* fault.c -- crashing a daemon from outside, for tests.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Usage: fault signal PID THREAD SIGNAL   send the number SIGNAL to the first
					   thread of PID that is called THREAD
	  fault derail PID THREAD	   have it execute what is no code; only
					   on x86-64, else status 77
	  fault hold PID THREAD		   stop it until it is gone
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
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
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

/* The first thread of PID that is called NAME.  */
static pid_t
fault_find (const char *pid, const char *name)
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
	pid_t thread = atoi (entry->d_name);
	closedir (threads);
	return thread;
      }
  errno = ESRCH;
  fault_die (name);
}

static int
fault_signal (const char *pid, const char *name, int signum)
{
  if (syscall (SYS_tgkill, atoi (pid), fault_find (pid, name), signum) < 0)
    fault_die (name);
  return EXIT_SUCCESS;
}

/* Stop the first thread of PID that is called NAME.  */
static pid_t
fault_attach (const char *pid, const char *name)
{
  pid_t thread = fault_find (pid, name);
  if (ptrace (PTRACE_ATTACH, thread, NULL, NULL) < 0
      || waitpid (thread, NULL, __WALL) < 0)
    fault_die ("ptrace");
  return thread;
}

static int
fault_hold (const char *pid, const char *name)
{
  int status;
  pid_t thread = fault_attach (pid, name);
  printf ("held\n");
  fflush (stdout);
  while (waitpid (thread, &status, __WALL) == thread && WIFSTOPPED (status))
    continue;
  return EXIT_SUCCESS;
}

#if defined __x86_64__

/* Would THREAD of PID survive a SIGSEGV?  Not just before and just after it
   executed its program anew, which an attempt to attach waits for.  */
static bool
fault_is_ready (const char *pid, pid_t thread)
{
  char file[PATH_MAX], line[256];
  unsigned long long caught = 0, blocked = ~0ULL, bit = 1 << (SIGSEGV - 1);
  snprintf (file, sizeof file, "/proc/%s/task/%d/status", pid, (int) thread);
  FILE *in = fopen (file, "r");
  if (in == NULL)
    return false;
  while (fgets (line, sizeof line, in) != NULL)
    if (sscanf (line, "SigCgt: %llx", &caught) != 1)
      sscanf (line, "SigBlk: %llx", &blocked);
  fclose (in);
  return (caught & bit) != 0 && (blocked & bit) == 0;
}

#endif

static int
fault_derail (const char *pid, const char *name)
{
#if defined __x86_64__
  struct user_regs_struct registers;
  pid_t thread;
  while (thread = fault_attach (pid, name), !fault_is_ready (pid, thread))
    {
      ptrace (PTRACE_DETACH, thread, NULL, NULL);
      usleep (1000);
    }
  if (ptrace (PTRACE_GETREGS, thread, NULL, &registers) < 0)
    fault_die ("ptrace");
  registers.rip = 4096;
  registers.orig_rax = -1;	/* no system call to be resumed */
  if (ptrace (PTRACE_SETREGS, thread, NULL, &registers) < 0
      || ptrace (PTRACE_DETACH, thread, NULL, NULL) < 0)
    fault_die ("ptrace");
  return EXIT_SUCCESS;
#else
  (void) pid, (void) name;
  return 77;
#endif
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
  if (argc == 4 && strcmp (argv[1], "derail") == 0)
    return fault_derail (argv[2], argv[3]);
  if (argc == 4 && strcmp (argv[1], "hold") == 0)
    return fault_hold (argv[2], argv[3]);
  if (argc == 3 && strcmp (argv[1], "forgive") == 0)
    return fault_forgive (argv[2]);
  fprintf (stderr, "fault: see the comment in fault.c\n");
  return 2;
}
