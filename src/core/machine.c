/* machine.c -- the last steps of PID 1.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "machine.h"

#include <dirent.h>
#include <fcntl.h>
#include <mntent.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

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

/* Call ACTION with each mount point, the one mounted last first.  True if
   it was for any.  */
static bool
machine_for_each_mount (bool (*action) (const char *))
{
  char **names = NULL, **more;
  size_t count = 0;
  const struct mntent *entry;
  bool any = false;
  FILE *file = setmntent ("/proc/self/mounts", "re");
  if (file == NULL)
    return false;
  while ((entry = getmntent (file)) != NULL
	 && (more = reallocarray (names, count + 1, sizeof *names)) != NULL)
    {
      names = more;
      if ((names[count] = strdup (entry->mnt_dir)) != NULL)
	count++;
    }
  endmntent (file);
  while (count-- > 0)
    any = action (names[count]) || any;	/* no need to free: the end is near */
  return any;
}

/* Let go of our own files, such as the log: as long as they are open, their
   file systems can neither be unmounted nor made read-only.  What threads
   still write goes nowhere.  */
static void
machine_release_files (void)
{
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  DIR *directory = opendir ("/proc/self/fd");
  const struct dirent *entry;
  while (null >= 0 && directory != NULL
	 && (entry = readdir (directory)) != NULL)
    {
      struct stat status;
      int fd = atoi (entry->d_name);
      if (entry->d_name[0] != '.' && fd != dirfd (directory)
	  && fstat (fd, &status) == 0
	  && (S_ISREG (status.st_mode) || S_ISDIR (status.st_mode)))
	dup3 (null, fd, O_CLOEXEC);
    }
  if (directory != NULL)
    closedir (directory);
  if (chdir ("/") < 0)
    return;			/* then we are in nobody's way */
}

static bool
machine_unmount (const char *name)
{
  /* The root stays, and what we read the mounts from.  */
  return strcmp (name, "/") != 0 && strcmp (name, "/proc") != 0
    && umount2 (name, UMOUNT_NOFOLLOW) == 0;
}

static bool
machine_remount (const char *name)
{
  return mount (NULL, name, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0;
}

/* Write everything to the disks; on a real machine let go of them.  */
static void *
machine_save_disks (void *unused)
{
  sync ();
  if (machine_kind () != MACHINE_REAL)
    return unused;
  machine_release_files ();
  while (machine_for_each_mount (machine_unmount))
    continue;			/* some may have been in the way of others */
  machine_for_each_mount (machine_remount);
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
    reboot (RB_AUTOBOOT);
  /* A container that may not reboot ends with its PID 1; the kernel would
     panic if the machine's did.  */
  while (machine_kind () != MACHINE_CONTAINER)
    pause ();
  _exit (0);
}
