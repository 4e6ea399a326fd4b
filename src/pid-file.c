/* pid-file.c -- telling others our process ID.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "pid-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int
pid_file_fill (int fd)
{
  if (dprintf (fd, "%d", (int) getpid ()) < 0)
    return -errno;
  return 0;
}

int
pid_file_write (const char *file)
{
  char temporary[PATH_MAX];
  int fd, rc;

  if (snprintf (temporary, sizeof temporary, "%s.XXXXXX", file)
      >= (int) sizeof temporary)
    return -ENAMETOOLONG;
  fd = mkostemp (temporary, O_CLOEXEC);
  if (fd < 0)
    return -errno;
  rc = pid_file_fill (fd);
  if (close (fd) < 0 && rc == 0)
    rc = -errno;
  if (rc == 0 && rename (temporary, file) < 0)
    rc = -errno;
  if (rc < 0)
    unlink (temporary);
  return rc;
}

void
pid_file_remove (const char *file)
{
  char digits[16];
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  ssize_t n;

  if (fd < 0)
    return;
  n = read (fd, digits, sizeof digits - 1);
  close (fd);
  digits[n > 0 ? n : 0] = '\0';
  if (atoi (digits) == getpid ())
    unlink (file);
}
