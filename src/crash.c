/* crash.c -- executing the program anew, after a crash or on purpose.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   All in the handler is async-signal-safe and trusts no memory that others
   write: what exec needs was put into pages that are read-only since.  */

#include <config.h>

#include "crash.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "crash-report.h"
#include "inherit.h"
#include "thread.h"

/* How long to wait for the rooms, in ms.  */
#define CRASH_CORE_PATIENCE 300
#define CRASH_LOGGER_PATIENCE 1000

struct crash_exec
{
  char program[PATH_MAX];	/* file name, "" if not known */
  char **argv, **envp;
};

static struct
{
  struct crash_exec *exec;	/* in read-only memory */
  size_t size;			/* of that */
  const struct core *core;
  struct logger *logger;
  const struct watch *watch;
  int directory;		/* where the program was started */
  int image;			/* the program, for when it has no name and
				   there is no /proc */
  _Atomic pid_t pid;
  _Atomic pid_t thread;		/* that executes the program anew */
  _Atomic bool passed_on;	/* to the main thread */
} crash;

/* The program's file, under the name that it has, or had.  */
static void
crash_find_program (char *name, size_t size)
{
  static const char deleted[] = " (deleted)";
  ssize_t length = readlink ("/proc/self/exe", name, size - 1);
  if (length < 0)
    length = 0;
  name[length] = '\0';
  size_t end = sizeof deleted - 1;
  if ((size_t) length > end
      && strcmp (name + (size_t) length - end, deleted) == 0)
    name[(size_t) length - end] = '\0';
}

static size_t
crash_measure (char **strings, size_t *count)
{
  size_t size = 0;
  for (*count = 0; strings[*count] != NULL; ++*count)
    size += strlen (strings[*count]) + 1;
  return size;
}

/* Copy STRINGS; *PLACE, where the bytes go, moves on.  */
static char **
crash_copy (char **array, char **strings, char **place)
{
  for (; *strings != NULL; strings++)
    {
      *array++ = *place;
      *place = stpcpy (*place, *strings) + 1;
    }
  return array;
}

int
crash_prepare (char **argv)
{
  char variable[64];
  size_t argc, envc;
  size_t size = sizeof (struct crash_exec) + sizeof variable
    + crash_measure (argv, &argc) + crash_measure (environ, &envc)
    + (argc + envc + 3) * sizeof (char *);
  void *map = mmap (NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED)
    return -errno;
  struct crash_exec *exec = map;
  char **array = (char **) (exec + 1);
  char *place = (char *) (array + argc + envc + 3);
  crash_find_program (exec->program, sizeof exec->program);
  exec->argv = array;
  array = crash_copy (array, argv, &place);
  exec->envp = ++array;
  snprintf (variable, sizeof variable, "%s=%d", INHERIT_VARIABLE,
	    inherit_fd ());
  array = crash_copy (array, (char *[]) { variable, NULL }, &place);
  crash_copy (array, environ, &place);
  mprotect (map, size, PROT_READ);
  crash.directory = open (".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  crash.image = open ("/proc/self/exe", O_PATH | O_CLOEXEC);
  crash.exec = exec;
  crash_change_process ();
  return 0;
}

const char *
crash_program (void)
{
  return crash.exec == NULL ? "" : crash.exec->program;
}

void
crash_change_process (void)
{
  atomic_store (&crash.pid, getpid ());
  inherit_change_process ();
}

/* Try to execute the program in the environment ENVP, the one under its name
   if NEW.  */
static void
crash_try (bool new, char **envp)
{
  const struct crash_exec *exec = crash.exec;
  /* Names on the command line are relative to it.  */
  fchdir (crash.directory);
  if (new && exec->program[0] != '\0')
    execve (exec->program, exec->argv, envp);
  execve ("/proc/self/exe", exec->argv, envp);
  syscall (SYS_execveat, crash.image, "", exec->argv, envp,
	   AT_EMPTY_PATH);
  if (!new && exec->program[0] != '\0')
    execve (exec->program, exec->argv, envp);
}

static _Noreturn void
crash_execute (bool new)
{
  sigset_t all;
  inherit_prepare_exec ();
  /* Signals that somebody sends wait until the new image has handlers.  */
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, NULL);
  for (;;)
    {
      crash_try (new, crash.exec->envp);
      /* Maybe there is no memory for it right now.  */
      poll (NULL, 0, 1000);
    }
}

/* Another thread sees to it.  */
static _Noreturn void
crash_rest (void)
{
  for (;;)
    pause ();
}

void
crash_reexec (void)
{
  pid_t none = 0;
  if (!atomic_compare_exchange_strong (&crash.thread, &none,
				       (pid_t) syscall (SYS_gettid)))
    crash_rest ();
  inherit_note_end (INHERIT_REEXEC, 0);
  inherit_set_flags (INHERIT_CORE_ONLY, false);
  inherit_forgive ();
  logger_rescue (crash.logger, CRASH_LOGGER_PATIENCE);
  crash_execute (true);
}

void
crash_start_over (void)
{
  /* The variable that tells of an image before comes first.  */
  if (crash.exec != NULL)
    crash_try (false, crash.exec->envp + 1);
}

/* A process that user code forked, or a child that has not reached its exec,
   crashes like any other.  */
static void
crash_of_child (int signum)
{
  signal (signum, SIG_DFL);
  raise (signum);
}

/* Even an image without interpreter crashed: what it takes over may be the
   reason.  */
static void
crash_forget (void)
{
  int fd;
  while ((fd = inherit_next (0, INHERIT_STATE)) >= 0)
    inherit_drop (fd);
  while ((fd = inherit_next (0, INHERIT_LOG_IMAGE)) >= 0)
    inherit_drop (fd);
  poll (NULL, 0, 1000);
}

static void
crash_save (void)
{
  struct timespec now;
  clock_gettime (CLOCK_BOOTTIME, &now);
  unsigned int count
    = inherit_note_end (INHERIT_CRASH,
			now.tv_sec * CLOCK_SECOND + now.tv_nsec);
  if (count >= INHERIT_CRASHES && (inherit_flags () & INHERIT_CORE_ONLY))
    {
      crash_forget ();
      return;
    }
  if (count >= INHERIT_CRASHES)
    inherit_set_flags (INHERIT_CORE_ONLY, true);
  if (crash.core != NULL)
    core_rescue (crash.core, CRASH_CORE_PATIENCE);
  if (crash.logger != NULL)
    {
      logger_note_crash (crash.logger);
      logger_rescue (crash.logger, CRASH_LOGGER_PATIENCE);
    }
}

/* Did another process send the signal that INFO is about?  */
static bool
crash_was_sent (const siginfo_t *info)
{
  return info->si_code <= 0 && info->si_pid != getpid ();
}

/* Have the main thread handle a signal that was sent: it says nothing about
   the thread that it hit, and that one can bring to an end what it does.
   False if it is not to be so.  */
static bool
crash_pass_on (int signum, siginfo_t *info, const void *context)
{
  pid_t pid = getpid ();
  bool passed_on = false;
  int error = errno;
  if (crash_was_sent (info) && syscall (SYS_gettid) != pid
      && atomic_load (&crash.thread) == 0
      && atomic_compare_exchange_strong (&crash.passed_on, &passed_on, true))
    {
      crash_report_save (signum, info, context, crash.watch);
      passed_on = syscall (SYS_tgkill, pid, pid, signum) == 0;
      errno = error;
    }
  return passed_on;
}

static void
crash_handle (int signum, siginfo_t *info, void *context)
{
  pid_t thread = (pid_t) syscall (SYS_gettid), first = 0;
  if (getpid () != atomic_load (&crash.pid))
    {
      crash_of_child (signum);
      return;
    }
  if (crash_pass_on (signum, info, context))
    return;
  if (atomic_compare_exchange_strong (&crash.thread, &first, thread))
    {
      if (!atomic_load (&crash.passed_on))
	crash_report_save (signum, info, context, crash.watch);
      crash_save ();
    }
  else if (crash_was_sent (info))
    return;			/* one at a time */
  else if (first != thread)
    {
      if (crash.logger != NULL)
	logger_note_crash (crash.logger);
      crash_rest ();
    }
  /* Else the handler itself crashed: without further ado.  */
  crash_execute (false);
}

void
crash_set_rooms (const struct core *core, struct logger *logger)
{
  crash.core = core;
  crash.logger = logger;
}

int
crash_begin (const struct watch *watch)
{
  static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
  struct sigaction action = {
    .sa_sigaction = crash_handle,
    .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER
  };
  crash.watch = watch;
  int result = crash_stack_open ();
  if (result < 0)
    return result;
  sigset_t set;
  thread_fill_signals (&action.sa_mask);
  sigemptyset (&set);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    if (sigaction (faults[i], &action, NULL) < 0)
      return -errno;
    else
      sigaddset (&set, faults[i]);
  return -pthread_sigmask (SIG_UNBLOCK, &set, NULL);
}
