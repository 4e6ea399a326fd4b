/* default-socket.h -- where daemon and clients meet unless told otherwise.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef DEFAULT_SOCKET_H
#define DEFAULT_SOCKET_H

#include "text.h"

/* The directory of the machine's daemon, which is that of the superuser, and
   its socket.  */
#define DEFAULT_SOCKET_SYSTEM_DIRECTORY RUNSTATEDIR "/shepherd"
#define DEFAULT_SOCKET_SYSTEM DEFAULT_SOCKET_SYSTEM_DIRECTORY "/socket"

/* Append the name of the directory that this user's daemon makes for its
   socket.  */
void default_socket_directory (struct text *out);

/* Append the name of this user's socket: what the variable SHEPHERD_SOCKET
   says, or else a file in that directory.  */
void default_socket (struct text *out);

#endif
