/* power.c -- the commands that end the machine's day.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "power.h"

#include <stdlib.h>

#include "connection.h"
#include "reply.h"

int
power_run (const struct display *display, const char *file,
	   const char *action)
{
  struct command command = { .action = action, .service = "root" };
  struct reply reply;
  int status = EXIT_FAILURE;

  switch (reply_obtain (display, file ? file : CONNECTION_SYSTEM_SOCKET,
			&command, &reply))
    {
    case REPLY_THERE:
      if (reply_success (&reply))
	status = EXIT_SUCCESS;
      break;
    case REPLY_END:
      status = EXIT_SUCCESS;
      break;
    case REPLY_FAILED:
      break;
    }
  reply_free (&reply);
  return display_finish (display, status);
}
