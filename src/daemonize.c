/* daemonize.c -- going to the background.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "daemonize.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crash.h"
#include "inherit.h"
#include "thread.h"

int
daemonize_start_threads (struct core *core, struct logger *logger)
{
  sigset_t all;
  int rc;

  /* New threads inherit the mask.  */
  thread_fill_signals (&all);
  pthread_sigmask (SIG_SETMASK, &all, NULL);
  rc = logger_start (logger);
  return rc < 0 ? rc : core_start (core);
}

/* Tell the parent on FD how it went.  */
static void
daemonize_report (int fd, int rc)
{
  if (write (fd, &rc, sizeof rc) != sizeof rc)
    _exit (1);			/* it is gone: nobody waits for us */
  close (fd);
}

static pid_t
daemonize_child (struct core *core, struct logger *logger, int report_fd)
{
  int rc;

  prctl (PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
  setsid ();
  crash_change_process ();
  inherit_set_flags (INHERIT_DAEMONIZED, true);
  rc = daemonize_start_threads (core, logger);
  daemonize_report (report_fd, rc);
  if (rc < 0)
    _exit (1);
  return getpid ();
}

/* Wait for CHILD to tell on FD that it took over, then exit; or return why
   it did not.  */
static int
daemonize_parent (pid_t child, int fd)
{
  int rc = -ECHILD;
  ssize_t n;

  while ((n = read (fd, &rc, sizeof rc)) < 0 && errno == EINTR)
    continue;
  if (n == sizeof rc && rc == 0)
    _exit (0);
  while (waitpid (child, NULL, 0) < 0 && errno == EINTR)
    continue;
  return rc;
}

pid_t
daemonize (struct core *core, struct logger *logger)
{
  int report[2], rc;
  pid_t pid;

  if (pipe2 (report, O_CLOEXEC) < 0)
    return -errno;
  core_park (core);
  logger_park (logger);
  pid = fork ();
  if (pid == 0)
    {
      close (report[0]);
      return daemonize_child (core, logger, report[1]);
    }
  rc = pid < 0 ? -errno : 0;
  close (report[1]);
  if (rc == 0)
    rc = daemonize_parent (pid, report[0]);
  close (report[0]);
  daemonize_start_threads (core, logger);
  return rc;
}
