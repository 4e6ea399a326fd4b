/* exit-status.c -- how a process ended, for people.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "exit-status.h"

#include <stdio.h>
#include <sys/wait.h>

#include "i18n.h"
#include "report.h"

static const char *
format_alone (int status, int *number)
{
  *number = WEXITSTATUS (status);
  if (WIFEXITED (status))
    return (*number == 0 ? _("Process exited successfully.")
	    : _("Process exited with code %d."));
  *number = WIFSIGNALED (status) ? WTERMSIG (status) : WSTOPSIG (status);
  return (WIFSIGNALED (status) ? _("Process terminated with signal %d.")
	  : _("Process stopped with signal %d."));
}

static const char *
format_after (int status, int *number)
{
  *number = WEXITSTATUS (status);
  if (WIFEXITED (status))
    return _("Process exited with code %1$d after %2$s.");
  *number = WIFSIGNALED (status) ? WTERMSIG (status) : WSTOPSIG (status);
  return (WIFSIGNALED (status)
	  ? _("Process terminated with signal %1$d after %2$s.")
	  : _("Process stopped with signal %1$d after %2$s."));
}

const char *
exit_status_describe (char buffer[EXIT_STATUS_SIZE], int status,
		      const char *duration)
{
  int number;
  if (duration == NULL)
    {
      const char *format = format_alone (status, &number);
      snprintf (buffer, EXIT_STATUS_SIZE, format, number);
    }
  else if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
    snprintf (buffer, EXIT_STATUS_SIZE,
	      _("Process exited successfully after %s."), duration);
  else
    {
      const char *format = format_after (status, &number);
      snprintf (buffer, EXIT_STATUS_SIZE, format, number, duration);
    }
  return buffer;
}

const char *
exit_status_color (int status)
{
  return WIFEXITED (status) && WEXITSTATUS (status) == 0 ? NULL : COLOR_RED;
}
