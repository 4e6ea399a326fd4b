/* reboot.c -- the command `reboot': start the machine anew.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <stdbool.h>
#include <stddef.h>

#include "display.h"
#include "i18n.h"
#include "options.h"
#include "power.h"

struct reboot
{
  const char *file;
  bool kexec;
};

static const struct option_spec options[] = {
  { "socket", 's', OPTION_ARGUMENT, "FILE",
    N_("talk to shepherd through the socket FILE"), 's' },
  { "kexec", 'k', OPTION_PLAIN, NULL,
    N_("start the kernel that was loaded with kexec"), 'k' },
  { 0 }
};

static int
handle_option (int key, const char *value, void *closure)
{
  struct reboot *reboot = closure;
  if (key == 's')
    reboot->file = value;
  else
    reboot->kexec = true;
  return 0;
}

int
main (int argc, char **argv)
{
  struct reboot reboot = { .file = NULL };
  struct option_program program = {
    .name = "reboot", .arguments = "",
    .description = N_("Stop all services and start the machine anew."),
    .options = options, .handle = handle_option
  };
  struct display display;
  int words;

  display_init (&display, program.name);
  int status = options_parse (&program, argc, argv, &words, &reboot);
  if (status != OPTIONS_GO_ON)
    return status;
  return power_run (&display, reboot.file,
		    reboot.kexec ? "kexec" : "stop");
}
