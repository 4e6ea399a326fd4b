/* machine.c -- the last steps of PID 1.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "machine.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "disks.h"
#include "i18n.h"
#include "thread.h"

/* PROC_PID_INIT_INO: the inode of the first PID namespace.  */
#define MACHINE_FIRST_NAMESPACE 4026531836U

/* A disk that does not answer must not keep the machine from ending.  */
#define MACHINE_DISKS_SECONDS 60

#ifndef RB_KEXEC
# define RB_KEXEC 0x45584543
#endif

enum machine_kind { MACHINE_UNKNOWN, MACHINE_REAL, MACHINE_CONTAINER };

/* Are we the machine's PID 1, or some container's?  */
static enum machine_kind
machine_kind (void)
{
  struct stat status;
  if (getpid () != 1 || stat ("/proc/self/ns/pid", &status) < 0)
    return MACHINE_UNKNOWN;
  return status.st_ino == MACHINE_FIRST_NAMESPACE
    ? MACHINE_REAL : MACHINE_CONTAINER;
}

/* Write everything to the disks; on a real machine let go of them.  */
static void *
machine_save_disks (void *unused)
{
  sync ();
  if (machine_kind () != MACHINE_REAL)
    return unused;
  disks_let_go ();
  sync ();
  return unused;
}

/* Save the disks, but do not wait for ever.  */
static void
machine_save_disks_in_time (void)
{
  pthread_t thread;
  struct timespec until;
  if (thread_start (&thread, "disks", machine_save_disks, NULL) < 0)
    {
      machine_save_disks (NULL);
      return;
    }
  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_sec += MACHINE_DISKS_SECONDS;
  pthread_timedjoin_np (thread, NULL, &until);
}

static int
machine_command (enum shutdown_how how)
{
  switch (how)
    {
    case SHUTDOWN_HALT:
      return RB_HALT_SYSTEM;
    case SHUTDOWN_POWER_OFF:
      return RB_POWER_OFF;
    case SHUTDOWN_KEXEC:
      return RB_KEXEC;
    default:
      return RB_AUTOBOOT;
    }
}

void
machine_end (enum shutdown_how how)
{
  if (getpid () != 1)
    _exit (0);
  machine_save_disks_in_time ();
  reboot (machine_command (how));
  if (how == SHUTDOWN_KEXEC)
    {
      dprintf (STDERR_FILENO, R_("Failed to reboot with kexec: %s\n"),
	       i18n_error (errno));
      reboot (RB_AUTOBOOT);
    }
  /* A container that may not reboot ends with its PID 1; the kernel would
     panic if the machine's did.  */
  while (machine_kind () != MACHINE_CONTAINER)
    pause ();
  _exit (0);
}
