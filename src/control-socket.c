/* control-socket.c -- the socket that shepherd obeys.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "control-socket.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "i18n.h"
#include "listen.h"
#include "log-file.h"
#include "report.h"

enum { CONTROL_BACKLOG = 128 };

/* Put the directory of FILE into DIRECTORY.  0 or -ENAMETOOLONG.  */
static int
control_directory (const char *file, char directory[PATH_MAX])
{
  const char *slash = strrchr (file, '/');
  size_t length = slash != NULL ? (size_t) (slash - file) : 0;

  if (length >= PATH_MAX)
    return -ENAMETOOLONG;
  memcpy (directory, file, length);
  directory[length] = '\0';
  if (length == 0)
    strcpy (directory, slash != NULL ? "/" : ".");
  return 0;
}

static int
control_inaccessible (const char *file, int error)
{
  report_error (stderr, "shepherd",
		_("cannot access directory of socket '%s': %s"), file,
		strerror (error));
  return -error;
}

int
control_socket_check_directory (const char *file, const char *created,
				bool insecure)
{
  char directory[PATH_MAX];
  struct stat status;

  if (control_directory (file, directory) < 0)
    return control_inaccessible (file, ENAMETOOLONG);
  bool is_default = strcmp (directory, created) == 0;
  int rc = is_default ? log_file_make_directories (file, 0700) : 0;
  if (stat (directory, &status) < 0)
    {
      rc = control_inaccessible (file, rc < 0 ? -rc : errno);
      if (is_default && getuid () != 0)
	report_hint (stderr, "shepherd",
		     _("Have XDG_RUNTIME_DIR name a directory that is yours"
		       " alone, here and for herd."));
      return rc;
    }
  if (!S_ISDIR (status.st_mode))
    return control_inaccessible (file, ENOTDIR);
  if (insecure || (status.st_uid == getuid ()
		   && (status.st_mode & 07777) == 0700))
    return 0;
  report_error (stderr, "shepherd",
		_("%s: socket directory has insecure permissions"),
		directory);
  report_hint (stderr, "shepherd",
	       _("Only you may have access to it: 'chmod 700 %s', or choose"
		 " another with '--socket'."), directory);
  return -EACCES;
}

/* Does someone listen on ADDRESS?  */
static bool
control_is_served (const struct sockaddr_un *address)
{
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  bool served;

  if (fd < 0)
    return false;
  /* EAGAIN: its queue of connections is full.  */
  served = (connect (fd, (const struct sockaddr *) address,
		     sizeof *address) == 0 || errno == EAGAIN);
  close (fd);
  return served;
}

/* Remove FILE if it is a socket; nothing else may be lost.  */
static void
control_remove_stale (const char *file)
{
  struct stat status;

  if (lstat (file, &status) == 0 && S_ISSOCK (status.st_mode))
    unlink (file);
}

static int
control_failed (const char *file, const char *step, int error)
{
  report_error (stderr, "shepherd",
		_("while opening socket '%s': %s: %s"), file, step,
		strerror (error));
  return -error;
}

int
control_socket_open (const char *file, bool init)
{
  struct sockaddr_un address;
  const char *step;
  int fd;

  if (listen_address (&address, file) < 0)
    return control_failed (file, "bind", ENAMETOOLONG);
  if (!init && control_is_served (&address))
    {
      report_error (stderr, "shepherd",
		    _("shepherd instance already listening on '%s'"), file);
      return -EADDRINUSE;
    }
  control_remove_stale (file);
  fd = listen_unix (file, &step);
  return fd < 0 ? control_failed (file, step, -fd) : fd;
}

int
control_socket_open_nowhere (void)
{
  /* The kernel gives an address without a name one that is not in use.  */
  const struct sockaddr address = { .sa_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return -errno;
  if (bind (fd, &address, sizeof address.sa_family) < 0
      || listen (fd, CONTROL_BACKLOG) < 0)
    {
      int error = errno;

      close (fd);
      return -error;
    }
  return fd;
}
