/* shutdown.c -- the command `shutdown': end the machine's day, now.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "power.h"
#include "report.h"

static const struct option_spec options[] = {
  POWER_SOCKET_OPTION,
  { "poweroff", 'P', OPTION_PLAIN, NULL,
    N_("turn the machine off; this is usual"), POWER_OFF },
  { NULL, 'h', OPTION_PLAIN, NULL, NULL, POWER_OFF },
  { "halt", 'H', OPTION_PLAIN, NULL,
    N_("halt the machine, but leave it on"), POWER_HALT },
  { "reboot", 'r', OPTION_PLAIN, NULL,
    N_("start the machine anew"), POWER_REBOOT },
  { 0 }
};

/* Are these WORDS, of which there are COUNT, the time `now'?  If not, tell
   what can be done.  */
static bool
is_now (char **words, int count)
{
  if (count == 1 && (strcmp (words[0], "now") == 0
		     || strcmp (words[0], "+0") == 0))
    return true;
  if (count == 0)
    report_error (stderr, "shutdown", _("no time was given; say 'now'"));
  else if (count > 1)
    report_error (stderr, "shutdown",
		  _("unexpected argument '%s': users get no messages"),
		  words[1]);
  else
    {
      report_error (stderr, "shutdown", _("%s: the only time known is 'now'"),
		    words[0]);
      report_hint (stderr, "shutdown",
		   _("For later, try 'herd schedule timer at HH:MM --"
		     " shutdown now'."));
    }
  return false;
}

int
main (int argc, char **argv)
{
  struct power power = { .end = POWER_OFF };
  struct option_program program = {
    .name = "shutdown", .arguments = "now",
    .description = N_("Stop all services and turn off, halt or restart the"
		      " machine."),
    .options = options, .takes_words = true
  };
  int words;

  int status = power_parse (&program, &power, argc, argv, &words);
  if (status != OPTIONS_GO_ON)
    return status;
  return is_now (argv + 1, words) ? power_run (&power) : EXIT_FAILURE;
}
