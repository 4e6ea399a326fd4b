/* power.h -- the commands that end the machine's day.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef POWER_H
#define POWER_H

#include "display.h"
#include "i18n.h"
#include "options.h"

/* Keys of their options: the socket, and what is to become of the machine.  */
enum power_key
{
  POWER_SOCKET, POWER_OFF, POWER_HALT, POWER_REBOOT, POWER_KEXEC
};

struct power
{
  struct display display;
  const char *file;		/* socket; NULL: that of the machine's daemon */
  enum power_key end;		/* none but POWER_SOCKET */
};

#define POWER_SOCKET_OPTION						\
  { "socket", 's', OPTION_ARGUMENT, N_("FILE"),			\
    N_("talk to shepherd through the socket FILE"), POWER_SOCKET }

/* Fill POWER, whose END is the usual one of the command, from a command line;
   PROGRAM lacks but its handler.  Returns what options_parse does.  */
int power_parse (struct option_program *program, struct power *power,
		 int argc, char **argv, int *words);

/* Ask the shepherd of the machine to bring it to that end.  Returns an exit
   status.  */
int power_run (const struct power *power);

#endif
