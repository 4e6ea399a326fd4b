/* socket.h -- the file of the control socket.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef SOCKET_H
#define SOCKET_H

#include <stdbool.h>
#include <sys/types.h>

struct core;

struct socket_watch
{
  int inotify_fd;		/* -1: the file is not watched */
  bool lost;			/* the file is gone, and not ours to remake */
  dev_t device;
  ino_t inode;			/* of the file that we bound */
};

/* Watch the file.  Where that is not possible, go without.  */
void socket_init (struct core *core);
void socket_free (struct core *core);

/* Something happened to the file: if it is gone, PID 1 binds again,
   otherwise the interpreter is told.  */
void socket_ready (struct core *core);

/* Delete the file, if it is still ours.  */
void socket_unlink (struct core *core);

#endif
