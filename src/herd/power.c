/* power.c -- the commands that end the machine's day.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "power.h"

#include <stdlib.h>

#include "default-socket.h"
#include "reply.h"

static int
handle_option (int key, const char *value, void *closure)
{
  struct power *power = closure;

  if (key == POWER_SOCKET)
    power->file = value;
  else
    power->end = (enum power_key) key;
  return 0;
}

int
power_parse (struct option_program *program, struct power *power, int argc,
	     char **argv, int *words)
{
  display_init (&power->display, program->name);
  program->handle = handle_option;
  return options_parse (program, argc, argv, words, power);
}

int
power_run (const struct power *power)
{
  static const char *const actions[] = {
    [POWER_OFF] = "power-off", [POWER_HALT] = "halt",
    [POWER_REBOOT] = "stop", [POWER_KEXEC] = "kexec"
  };
  struct command command = { .action = actions[power->end],
			     .service = "root" };
  struct reply reply;
  int status = EXIT_FAILURE;

  switch (reply_obtain (&power->display,
			power->file ? power->file : DEFAULT_SOCKET_SYSTEM,
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
  return display_finish (&power->display, status);
}
