/* socket.c -- the file of the control socket.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "socket.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "listen.h"
#include "room.h"

/* Is the file there, and the one that we bound?  */
static bool
socket_exists (const struct core *core)
{
  struct stat status;
  return lstat (core->options.socket_file, &status) == 0
    && status.st_dev == core->socket.device
    && status.st_ino == core->socket.inode;
}

/* Remember which file it is, and watch it.  Deleting the name of a bound
   socket changes its link count, hence its attributes.  */
static void
socket_watch_file (struct core *core)
{
  struct socket_watch *socket = &core->socket;
  struct stat status;
  if (lstat (core->options.socket_file, &status) < 0)
    return;
  socket->device = status.st_dev;
  socket->inode = status.st_ino;
  if (socket->inotify_fd >= 0)
    inotify_add_watch (socket->inotify_fd, core->options.socket_file,
		       IN_ATTRIB | IN_DELETE_SELF);
}

void
socket_init (struct core *core)
{
  struct socket_watch *socket = &core->socket;
  socket->inotify_fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  if (socket->inotify_fd >= 0
      && room_watch (core, socket->inotify_fd, EPOLLIN, ROOM_SOCKET_FILE, 0)
	 < 0)
    socket_free (core);
  socket_watch_file (core);
}

void
socket_free (struct core *core)
{
  poller_close (core->epoll_fd, &core->socket.inotify_fd);
}

/* Make the directory of FILE if that is gone, too.  */
static void
socket_make_directory (const char *file)
{
  char directory[PATH_MAX];
  const char *slash = strrchr (file, '/');
  size_t length = slash == NULL ? 0 : (size_t) (slash - file);
  if (length == 0 || length >= sizeof directory)
    return;
  memcpy (directory, file, length);
  directory[length] = '\0';
  mkdir (directory, 0700);
}

static void
socket_tell_deleted (struct core *core)
{
  core->socket.lost = true;
  room_tell (core, room_number (core, MESSAGE_SOCKET_DELETED, 0, 0, 0));
  shutdown_expect (core);
}

/* Bind again.  */
static void
socket_restore (struct core *core)
{
  const char *file = core->options.socket_file;
  room_log (core, R_("Socket '%s' deleted; spawning new server."), file);
  socket_make_directory (file);
  int fd = listen_unix (file, NULL);
  int result = fd < 0 ? fd : control_replace (core, fd);
  if (result < 0)
    {
      room_log (core, R_("Failed to bind '%s': %s."), file,
		i18n_error (-result));
      socket_tell_deleted (core);
      return;
    }
  socket_watch_file (core);
}

void
socket_ready (struct core *core)
{
  char events[sizeof (struct inotify_event) + NAME_MAX + 1]
    __attribute__ ((aligned (__alignof__ (struct inotify_event))));
  while (read (core->socket.inotify_fd, events, sizeof events) > 0)
    continue;
  if (core->socket.lost || core->shutdown.phase >= SHUTDOWN_ALONE
      || socket_exists (core))
    return;
  if (core->options.init)
    socket_restore (core);
  else
    {
      room_log (core, R_("Socket '%s' deleted; stopping."),
		core->options.socket_file);
      socket_tell_deleted (core);
    }
}

void
socket_unlink (struct core *core)
{
  core->socket.lost = true;
  if (socket_exists (core))
    unlink (core->options.socket_file);
}
