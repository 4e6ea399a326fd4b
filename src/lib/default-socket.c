/* default-socket.c -- where daemon and clients meet unless told otherwise.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "default-socket.h"

#include <stdlib.h>
#include <unistd.h>

/* An empty variable says nothing.  */
static bool
append_variable (struct text *out, const char *name)
{
  const char *value = getenv (name);

  if (value == NULL || *value == '\0')
    return false;
  text_append_string (out, value);
  return true;
}

void
default_socket_directory (struct text *out)
{
  if (getuid () == 0)
    text_append_string (out, DEFAULT_SOCKET_SYSTEM_DIRECTORY);
  else
    {
      /* Sessions have theirs there, wherever we were told to go.  */
      if (!append_variable (out, "XDG_RUNTIME_DIR"))
	text_printf (out, "/run/user/%lu", (unsigned long) getuid ());
      text_append_string (out, "/shepherd");
    }
}

void
default_socket (struct text *out)
{
  if (append_variable (out, "SHEPHERD_SOCKET"))
    return;
  default_socket_directory (out);
  text_append_string (out, "/socket");
}
