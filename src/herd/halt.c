/* halt.c -- the command `halt', or `poweroff': turn the machine off.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "power.h"

static const struct option_spec options[] = {
  POWER_SOCKET_OPTION,
  { "poweroff", 'p', OPTION_PLAIN, NULL,
    N_("turn the machine off, as without this option"), POWER_OFF },
  { 0 }
};

int
main (int argc, char **argv)
{
  struct power power = { .end = POWER_OFF };
  struct option_program program = {
    .name = "halt", .arguments = "",
    .description = N_("Stop all services and turn off the machine."),
    .options = options
  };
  int words;

  int status = power_parse (&program, &power, argc, argv, &words);
  return status == OPTIONS_GO_ON ? power_run (&power) : status;
}
