/* reboot.c -- the command `reboot': start the machine anew.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "power.h"

static const struct option_spec options[] = {
  POWER_SOCKET_OPTION,
  { "kexec", 'k', OPTION_PLAIN, NULL,
    N_("start the kernel that was loaded with kexec"), POWER_KEXEC },
  { 0 }
};

int
main (int argc, char **argv)
{
  struct power power = { .end = POWER_REBOOT };
  struct option_program program = {
    .name = "reboot", .arguments = "",
    .description = N_("Stop all services and start the machine anew."),
    .options = options
  };
  int words;

  int status = power_parse (&program, &power, argc, argv, &words);
  return status == OPTIONS_GO_ON ? power_run (&power) : status;
}
