/* log-file.c -- opening log files.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "log-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
log_file_make_directories (const char *path, mode_t mode)
{
  char directory[PATH_MAX];
  size_t length = strlen (path);

  if (length >= sizeof directory)
    return -ENAMETOOLONG;
  memcpy (directory, path, length + 1);
  for (char *p = strchr (directory + 1, '/'); p; p = strchr (p + 1, '/'))
    {
      *p = '\0';
      /* EROFS and EACCES do not matter for a directory that exists.  */
      if (mkdir (directory, mode) < 0 && errno != EEXIST)
	{
	  int error = errno;
	  if (access (directory, F_OK) < 0)
	    return -error;
	}
      *p = '/';
    }
  return 0;
}

int
log_file_open (const char *path, mode_t directory_mode)
{
  const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK
		    | O_NOCTTY;
  int fd = open (path, flags, 0640);

  if (fd < 0 && errno == ENOENT && path[0] != '\0')
    {
      int rc = log_file_make_directories (path, directory_mode);
      if (rc < 0)
	return rc;
      fd = open (path, flags, 0640);
    }
  return fd < 0 ? -errno : fd;
}
