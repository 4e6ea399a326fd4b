/* connection.h -- talk to the daemon.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef CONNECTION_H
#define CONNECTION_H

#include "text.h"

/* Connect to the socket FILE.  A descriptor, or -errno.  May block while
   the daemon has many clients waiting.  */
int connection_open (const char *file);

/* Send COMMAND and append the one datum that answers it to REPLY.  Blocks
   for as long as the daemon takes.  0, -ENODATA if the connection ended
   before that, -EPROTO if what comes is no Scheme datum, -EMSGSIZE if it
   does not end, or another -errno.  */
int connection_exchange (int fd, const struct text *command,
			 struct text *reply);

#endif
