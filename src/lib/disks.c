/* disks.c -- letting go of file systems at the end.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "disks.h"

#include <dirent.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Call ACTION with each mount point, the one mounted last first.  True if
   it was for any.  */
static bool
disks_for_each_mount (bool (*action) (const char *))
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
disks_release_files (void)
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
disks_unmount (const char *name)
{
  /* The root stays, and what we read the mounts from.  */
  return strcmp (name, "/") != 0 && strcmp (name, "/proc") != 0
    && umount2 (name, UMOUNT_NOFOLLOW) == 0;
}

static bool
disks_remount (const char *name)
{
  return mount (NULL, name, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0;
}

void
disks_let_go (void)
{
  disks_release_files ();
  while (disks_for_each_mount (disks_unmount))
    continue;			/* some may have been in the way of others */
  disks_for_each_mount (disks_remount);
}
