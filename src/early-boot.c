/* early-boot.c -- making the process and the machine fit to work in.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "early-boot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

struct early_mount
{
  const char *directory;
  const char *type;
  unsigned long flags;
  const char *options;
  const char *sign;		/* if this file exists, it was done already */
};

static const struct early_mount early_mounts[] =
{
  { "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, "/proc/self" },
  { "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, "/sys/kernel" },
  { "/dev", "devtmpfs", MS_NOSUID, "mode=755", "/dev/null" },
  { "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755", NULL }
};

/* The kernel's own initramfs has /dev/console and nothing else there.  */
static bool
early_is_empty (const char *directory)
{
  DIR *stream = opendir (directory);
  const struct dirent *entry;
  bool empty = true;

  if (stream == NULL)
    return false;
  while (empty && (entry = readdir (stream)) != NULL)
    empty = strcmp (entry->d_name, ".") == 0
	    || strcmp (entry->d_name, "..") == 0
	    || strcmp (entry->d_name, "console") == 0;
  closedir (stream);
  return empty;
}

static bool
early_is_mount_point (const char *directory)
{
  struct stat here, root;

  return stat (directory, &here) < 0 || stat ("/", &root) < 0
	 || here.st_dev != root.st_dev;
}

static void
early_mount (const struct early_mount *what)
{
  mkdir (what->directory, 0755);
  if ((what->sign == NULL || access (what->sign, F_OK) < 0)
      && !early_is_mount_point (what->directory)
      && early_is_empty (what->directory))
    mount (what->type, what->directory, what->type, what->flags,
	   what->options);
}

void
early_boot_mount (void)
{
  if (getpid () != 1 || getuid () != 0)
    return;
  for (size_t i = 0; i < sizeof early_mounts / sizeof *early_mounts; i++)
    early_mount (&early_mounts[i]);
}

void
early_boot_open_standard (void)
{
  for (int fd = 0; fd < 3; fd++)
    {
      const char *name = getpid () == 1 ? "/dev/console" : "/dev/null";

      if (fcntl (fd, F_GETFD) >= 0)
	continue;
      /* The lowest number is free, and is FD.  */
      if (open (name, O_RDWR | O_NOCTTY) < 0)
	open ("/dev/null", O_RDWR);
    }
}

/* For kernels that do not know how to do it at once.  */
static void
early_close_on_exec_each (void)
{
  DIR *stream = opendir ("/proc/self/fd");
  const struct dirent *entry;

  if (stream == NULL)
    return;
  while ((entry = readdir (stream)) != NULL)
    if (atoi (entry->d_name) >= 3)
      fcntl (atoi (entry->d_name), F_SETFD, FD_CLOEXEC);
  closedir (stream);
}

void
early_boot_close_on_exec (void)
{
  if (close_range (3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
    early_close_on_exec_each ();
}

int
early_boot_catch_ctrl_alt_del (void)
{
  if (getpid () != 1 || reboot (RB_DISABLE_CAD) == 0 || errno == EINVAL
      || errno == EPERM || errno == ENOSYS)
    return 0;
  return -errno;
}
