/* status.c -- all about one service: `herd status SERVICE'.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "status.h"

#include <stdlib.h>

#include "exit-status.h"
#include "i18n.h"
#include "moment.h"
#include "report.h"
#include "running.h"
#include "service.h"
#include "timer.h"

static void
display_title (const struct display *display, const struct sexp *service)
{
  const char *color = COLOR_RED;

  if (service_status (service) == SERVICE_RUNNING)
    color = COLOR_GREEN;
  else if (service_flag (service, "enabled?"))
    color = COLOR_MAGENTA;
  if (display->unicode)
    {
      display_part (display, color, "%s", "\xe2\x97\x8f");
      display_part (display, NULL, " ");
    }
  display_line (display, COLOR_BOLD, _("Status of %s:"),
		service_name (service));
}

static void
display_running (const struct display *display, const struct sexp *service)
{
  int64_t since = service_since (service, SERVICE_RUNNING);
  bool transient = service_flag (service, "transient?");
  char moment[MOMENT_SIZE];

  if (service_timer (service))
    timer_display_state (display, service_value (service), since);
  else if (since == SERVICE_NEVER)
    display_line (display, NULL, "%s",
		  transient ? _("  It is started and transient.")
		  : _("  It is started."));
  else
    display_line (display, NULL,
		  transient ? _("  It is transient, running since %s.")
		  : _("  It is running since %s."),
		  moment_describe (moment, since, display->now));
}

static void
display_exit (const struct display *display, const char *prefix,
	      const struct sexp *status)
{
  int code = (int) sexp_integer (status, 0);
  char text[EXIT_STATUS_SIZE];

  display_part (display, NULL, "%s", prefix);
  display_line (display, exit_status_color (code), "%s",
		exit_status_describe (text, code, NULL));
}

static void
display_stopped (const struct display *display, const struct sexp *service)
{
  int64_t since = service_since (service, SERVICE_STOPPED);
  const struct sexp *latest
    = sexp_car (sexp_property (service, "exit-statuses"));
  char moment[MOMENT_SIZE];

  if (service_flag (service, "one-shot?"))
    display_line (display, NULL, "%s", _("  It is stopped (one-shot)."));
  else if (service_failing (service))
    display_line (display, COLOR_RED, "%s", _("  It is stopped (failing)."));
  else if (since == SERVICE_NEVER)
    display_line (display, COLOR_MAGENTA, "%s", _("  It is stopped."));
  else
    display_line (display, COLOR_MAGENTA, _("  It is stopped since %s."),
		  moment_describe (moment, since, display->now));
  if (latest != NULL)
    display_exit (display, "  ", sexp_car (latest));
}

static void
display_value (const struct display *display, const struct sexp *service)
{
  if (service_timer (service))
    timer_display_action (display, service_value (service));
  else if (service_value (service) != NULL)
    running_display (display, service_value (service));
}

static void
display_state (const struct display *display, const struct sexp *service)
{
  switch (service_status (service))
    {
    case SERVICE_RUNNING:
      display_running (display, service);
      break;
    case SERVICE_STARTING:
      display_line (display, NULL, "%s", _("  It is starting."));
      break;
    case SERVICE_STOPPING:
      display_line (display, NULL, "%s", _("  It is being stopped."));
      break;
    default:
      display_stopped (display, service);
    }
}

static void
display_properties (const struct display *display,
		    const struct sexp *service)
{
  const struct sexp *actions = sexp_property (service, "actions");
  bool respawned = sexp_is (sexp_property (service, "last-respawns"),
			    SEXP_PAIR);

  if (service_flag (service, "enabled?"))
    display_line (display, NULL, "%s", _("  It is enabled."));
  else
    display_line (display, respawned ? COLOR_RED : COLOR_MAGENTA, "%s",
		  _("  It is disabled."));
  running_list (display, _("Provides:"), sexp_property (service, "provides"));
  running_list (display, _("Requires:"), sexp_property (service, "requires"));
  running_list (display, P_("Custom action:", "Custom actions:",
			    sexp_length (actions)), actions);
  if (service_flag (service, "pending-replacement?"))
    display_line (display, COLOR_MAGENTA, "%s",
		  _("  Replacement pending (restart to upgrade)."));
  display_line (display, NULL, "%s",
		service_flag (service, "respawn?")
		? _("  Will be respawned.") : _("  Will not be respawned."));
}

static void
display_exits (const struct display *display, const struct sexp *service)
{
  const struct sexp *exits = sexp_property (service, "exit-statuses");
  const struct sexp **shown;
  long count = service_history (exits, display->history, &shown);
  char stamp[MOMENT_SIZE], prefix[MOMENT_SIZE + 16];

  if (count > 0)
    display_line (display, NULL, "%s",
		  P_("  Latest exit:", "  Latest exits:",
		     (unsigned long) count));
  for (long i = 0; i < count; i++)
    {
      moment_stamp (stamp, sexp_integer (sexp_cdr (shown[i]), 0));
      snprintf (prefix, sizeof prefix, "    - %s  ", stamp);
      display_exit (display, prefix, sexp_car (shown[i]));
    }
  free (shown);
}

static void
display_mishaps (const struct display *display, const struct sexp *service)
{
  const struct sexp *respawn
    = sexp_car (sexp_property (service, "last-respawns"));
  const struct sexp *failure
    = sexp_car (sexp_property (service, "startup-failures"));
  char moment[MOMENT_SIZE];

  if (respawn != NULL)
    {
      moment_describe (moment, sexp_integer (respawn, 0), display->now);
      display_line (display, COLOR_MAGENTA, _("  Last respawned on %s."),
		    moment);
      display_exits (display, service);
    }
  if (service_failing (service))
    {
      moment_describe (moment, sexp_integer (failure, 0), display->now);
      display_line (display, COLOR_RED, _("  Failed to start at %s."),
		    moment);
    }
}

static void
display_messages (const struct display *display, const struct sexp *service)
{
  const struct sexp *messages = sexp_property (service, "recent-messages");
  const struct sexp **shown;
  char stamp[MOMENT_SIZE];

  if (!sexp_is (messages, SEXP_PAIR) || display->history == 0)
    return;
  long count = service_history (messages, display->history, &shown);
  display_line (display, NULL, "%s", "");
  display_line (display, COLOR_BOLD, "%s",
		display->history == DISPLAY_HISTORY
		? _("Recent messages (use '-n' to view more or less):")
		: _("Recent messages:"));
  for (long i = 0; i < count; i++)
    {
      const char *line = sexp_text (sexp_cdr (shown[i]));
      display_part (display, NULL, "  %s ",
		    moment_stamp (stamp,
				  sexp_integer (sexp_car (shown[i]), 0)));
      display_line (display, NULL, "%s", line ? line : "");
    }
  free (shown);
}

void
status_display (const struct display *display, const struct sexp *service,
		bool logs)
{
  const struct sexp *files = sexp_property (service, "log-files");

  display_title (display, service);
  display_state (display, service);
  display_value (display, service);
  display_properties (display, service);
  display_mishaps (display, service);
  running_list (display, P_("Log file:", "Log files:", sexp_length (files)),
		files);
  if (!logs)
    return;
  if (service_timer (service))
    timer_display_past (display, service_value (service));
  display_messages (display, service);
  if (service_timer (service))
    timer_display_future (display, service_value (service));
}
