/* halt.c -- the command `halt': turn the machine off.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "display.h"
#include "i18n.h"
#include "options.h"
#include "power.h"

static const struct option_spec options[] = {
  { "socket", 's', OPTION_ARGUMENT, "FILE",
    N_("talk to shepherd through the socket FILE"), 's' },
  { 0 }
};

static int
handle_option (int key, const char *value, void *closure)
{
  const char **file = closure;
  if (key == 's')
    *file = value;
  return 0;
}

int
main (int argc, char **argv)
{
  const char *file = NULL;
  struct option_program program = {
    .name = "halt", .arguments = "",
    .description = N_("Stop all services and turn off the machine."),
    .options = options, .handle = handle_option
  };
  struct display display;
  int words;

  display_init (&display, program.name);
  int status = options_parse (&program, argc, argv, &words, &file);
  if (status != OPTIONS_GO_ON)
    return status;
  return power_run (&display, file, "power-off");
}
