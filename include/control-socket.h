/* control-socket.h -- the socket that shepherd obeys.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef CONTROL_SOCKET_H
#define CONTROL_SOCKET_H

#include <stdbool.h>

/* Create the directory of socket FILE if it is CREATED, the default one,
   and check that it belongs to us alone, unless INSECURE.  0, or -errno
   after reporting what is wrong.  */
int control_socket_check_directory (const char *file, const char *created,
				    bool insecure);

/* Listen on FILE.  A stale socket is replaced; if someone answers there,
   that is -EADDRINUSE, but an INIT does not ask.  The descriptor, or -errno
   after reporting.  */
int control_socket_open (const char *file, bool init);

/* A listening socket that nobody can find, for want of a better one.  The
   descriptor or -errno.  */
int control_socket_open_nowhere (void);

#endif
