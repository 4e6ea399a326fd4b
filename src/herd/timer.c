/* timer.c -- timers, in the status of their service.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "timer.h"

#include <inttypes.h>
#include <stdlib.h>

#include "calendar.h"
#include "exception.h"
#include "exit-status.h"
#include "i18n.h"
#include "moment.h"
#include "report.h"
#include "running.h"
#include "service.h"

/* Alarms to come that are shown.  */
#define ALARMS 5

void
timer_display_state (const struct display *display, const struct sexp *value,
		     int64_t since)
{
  const struct sexp *processes = sexp_property (value, "processes");
  char moment[MOMENT_SIZE];

  display_line (display, NULL, "%s", _("  Timed service."));
  if (sexp_is (processes, SEXP_PAIR))
    {
      int64_t oldest = INT64_MAX;
      sexp_for_each (cell, processes)
	{
	  int64_t start = sexp_integer (sexp_cdr (cell->car), INT64_MAX);
	  if (start < oldest)
	    oldest = start;
	}
      display_line (display, COLOR_BOLD,
		    _("  Executing timer action since %s."),
		    moment_describe (moment, oldest, display->now));
    }
  else if (since == SERVICE_NEVER)
    display_line (display, NULL, "%s", _("  Awaiting next timer alarm."));
  else
    display_line (display, NULL,
		  _("  Awaiting next timer alarm; service active since %s."),
		  moment_describe (moment, since, display->now));
}

static void
display_processes (const struct display *display,
		   const struct sexp *processes)
{
  struct text text = TEXT_EMPTY;
  unsigned long count = sexp_length (processes);

  if (count == 0)
    return;
  text_append_string (&text, P_("  Child process:", "  Child processes:",
				count));
  sexp_for_each (cell, processes)
    text_printf (&text, " %" PRId64, sexp_integer (sexp_car (cell->car), 0));
  display_line (display, COLOR_BOLD, "%s", text_string (&text));
  text_free (&text);
}

void
timer_display_action (const struct display *display,
		      const struct sexp *value)
{
  const struct sexp *action = sexp_property (value, "action");
  const struct sexp *user = sexp_property (action, "user");
  struct text command = TEXT_EMPTY, name = TEXT_EMPTY;

  if (!sexp_is_record (action, "command"))
    {
      display_line (display, NULL, "%s",
		    _("  Periodically running Scheme code."));
      return;
    }
  running_command (&command, sexp_property (action, "arguments"));
  if (sexp_is_true (user))
    {
      sexp_display (&name, user);
      display_line (display, NULL, _("  Periodically running as \"%s\": %s"),
		    text_string (&name), text_string (&command));
    }
  else
    display_line (display, NULL, _("  Periodically running: %s"),
		  text_string (&command));
  text_free (&command);
  text_free (&name);
  display_processes (display, sexp_property (value, "processes"));
}

/* RUN is (STATUS END START).  */
static void
display_run (const struct display *display, const struct sexp *run)
{
  const struct sexp *status = sexp_nth (run, 0);
  int64_t end = sexp_integer (sexp_nth (run, 1), 0);
  int64_t start = sexp_integer (sexp_nth (run, 2), end);
  char stamp[MOMENT_SIZE], duration[MOMENT_SIZE], text[EXIT_STATUS_SIZE];

  display_part (display, NULL, "  %s ", moment_stamp (stamp, end));
  moment_duration (duration, moment_elapsed (start, end));
  if (sexp_is (status, SEXP_NUMBER))
    {
      int code = (int) sexp_integer (status, 0);
      display_line (display, exit_status_color (code), "%s",
		    exit_status_describe (text, code, duration));
    }
  else if (sexp_is_symbol (sexp_car (status), "exception"))
    {
      struct text out = TEXT_EMPTY;
      exception_describe (&out, sexp_nth (status, 1),
			  sexp_cdr (sexp_cdr (status)));
      display_line (display, COLOR_RED, _("Exception thrown after %s: %s"),
		    duration, text_string (&out));
      text_free (&out);
    }
  else
    display_line (display, NULL, _("Completed in %s."), duration);
}

void
timer_display_past (const struct display *display, const struct sexp *value)
{
  const struct sexp *runs = sexp_property (value, "past-runs"), **shown;

  if (!sexp_is (runs, SEXP_PAIR) || display->history == 0)
    return;
  long count = service_history (runs, display->history, &shown);
  display_line (display, NULL, "%s", "");
  display_line (display, COLOR_BOLD, "%s", _("Recent runs:"));
  for (long i = 0; i < count; i++)
    display_run (display, shown[i]);
  free (shown);
}

void
timer_display_future (const struct display *display,
		      const struct sexp *value)
{
  double left = sexp_real (sexp_property (value, "remaining-occurrences"),
			   ALARMS);
  long most = ALARMS, count = 0;
  int64_t alarms[ALARMS], after = display->now;
  struct calendar calendar;
  char moment[MOMENT_SIZE];

  if (left < ALARMS)
    most = left > 0 ? (long) left : 0;
  if (calendar_read (sexp_property (value, "event"), &calendar))
    while (count < most
	   && (after = calendar_next (&calendar, after)) >= 0)
      alarms[count++] = after;

  display_line (display, NULL, "%s", "");
  if (count == 0)
    {
      display_line (display, COLOR_MAGENTA, "%s",
		    _("No upcoming timer alarm: about to stop."));
      return;
    }
  display_line (display, COLOR_BOLD, "%s",
		P_("Upcoming timer alarm:", "Upcoming timer alarms:",
		   (unsigned long) count));
  for (long i = 0; i < count; i++)
    display_line (display, NULL, "  %s",
		  moment_describe (moment, alarms[i], display->now));
}
