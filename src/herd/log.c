/* log.c -- what happened to all services: `herd log'.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "log.h"

#include <errno.h>
#include <stdlib.h>

#include "i18n.h"
#include "moment.h"
#include "report.h"
#include "service.h"

struct event
{
  int64_t time;
  size_t order;			/* among events of the same time */
  const struct sexp *service;
  enum service_status status, before;	/* before: _COUNT if not known */
};

/* Add the history of SERVICE, which begins with the latest change, to
   EVENTS in the right order; return how many there were.  */
static size_t
add_events (const struct sexp *service, struct event *events, size_t order)
{
  const struct sexp *changes = sexp_property (service, "status-changes");
  size_t count = sexp_length (changes), i = count;

  sexp_for_each (cell, changes)
    {
      i--;
      events[i] = (struct event) {
	.time = sexp_integer (sexp_cdr (cell->car), 0),
	.order = order + i, .service = service,
	.status = service_status_named (sexp_car (cell->car)),
	.before = service_status_named (sexp_car (sexp_nth (cell, 1)))
      };
    }
  return count;
}

static int
compare_events (const void *a, const void *b)
{
  const struct event *first = a, *second = b;
  if (first->time != second->time)
    return first->time < second->time ? -1 : 1;
  return first->order < second->order ? -1 : first->order > second->order;
}

static bool
failed_at (const struct sexp *service, int64_t time)
{
  sexp_for_each (cell, sexp_property (service, "startup-failures"))
    if (sexp_integer (cell->car, SERVICE_NEVER) == time)
      return true;
  return false;
}

static const char *
stopped_format (const struct event *event, const char **color)
{
  bool aborted = event->before == SERVICE_STARTING;

  *color = NULL;
  if (service_flag (event->service, "one-shot?")
      && !(aborted && failed_at (event->service, event->time)))
    return _("service %s is done (one-shot)");
  *color = COLOR_RED;
  if (aborted)
    return _("service %s failed to start");
  *color = COLOR_MAGENTA;
  return (service_flag (event->service, "transient?")
	  ? _("service %s is done (transient)") : _("service %s is stopped"));
}

static const char *
event_format (const struct event *event, const char **color)
{
  *color = NULL;
  switch (event->status)
    {
    case SERVICE_STARTING:
      return _("service %s is being started");
    case SERVICE_RUNNING:
      *color = COLOR_BOLD;
      return _("service %s is running");
    case SERVICE_STOPPING:
      return _("service %s is being stopped");
    default:
      return stopped_format (event, color);
    }
}

static void
display_event (const struct display *display, const struct event *event)
{
  const char *color, *format = event_format (event, &color);
  char date[MOMENT_SIZE];

  display_part (display, NULL, "%s\t", moment_date (date, event->time));
  display_line (display, color, format, service_name (event->service));
}

long
log_display (const struct display *display, const struct sexp *services)
{
  size_t total = 0, count = 0;

  sexp_for_each (cell, services)
    total += sexp_length (sexp_property (cell->car, "status-changes"));
  struct event *events = calloc (total + 1, sizeof *events);
  if (events == NULL)
    return -ENOMEM;
  sexp_for_each (cell, services)
    count += add_events (cell->car, events + count, count);
  qsort (events, count, sizeof *events, compare_events);
  for (size_t i = 0; i < count; i++)
    display_event (display, &events[i]);
  free (events);
  return (long) count;
}
