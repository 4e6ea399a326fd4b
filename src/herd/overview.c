/* overview.c -- all services at a glance: `herd status'.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "overview.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "i18n.h"
#include "moment.h"
#include "report.h"
#include "service.h"

enum section
{
  SECTION_STARTED,
  SECTION_TIMERS,
  SECTION_STARTING,
  SECTION_STOPPED,
  SECTION_STOPPING,
  SECTION_ONE_SHOT,
  SECTION_FAILED,
  SECTION_COUNT
};

static const struct { const char *title; const char *color; char bullet; }
sections[SECTION_COUNT] = {
  [SECTION_STARTED] = { N_("Started:"), COLOR_BOLD, '+' },
  [SECTION_TIMERS] = { N_("Running timers:"), COLOR_BOLD, '+' },
  [SECTION_STARTING] = { N_("Starting:"), COLOR_BOLD, '^' },
  [SECTION_STOPPED] = { N_("Stopped:"), COLOR_BOLD, '-' },
  [SECTION_STOPPING] = { N_("Stopping:"), COLOR_BOLD, 'v' },
  [SECTION_ONE_SHOT] = { N_("One-shot:"), COLOR_BOLD, '*' },
  [SECTION_FAILED] = { N_("Failed to start:"), COLOR_RED, '!' },
};

static enum section
section_of (const struct sexp *service)
{
  switch (service_status (service))
    {
    case SERVICE_RUNNING:
      return service_timer (service) ? SECTION_TIMERS : SECTION_STARTED;
    case SERVICE_STARTING:
      return SECTION_STARTING;
    case SERVICE_STOPPING:
      return SECTION_STOPPING;
    default:
      if (service_flag (service, "one-shot?"))
	return SECTION_ONE_SHOT;
      return service_failing (service) ? SECTION_FAILED : SECTION_STOPPED;
    }
}

static const char *
name_color (const struct display *display, const struct sexp *service)
{
  enum service_status status = service_status (service);

  if (status == SERVICE_STARTING || status == SERVICE_STOPPING)
    {
      int64_t since = service_since (service, status);
      int64_t elapsed = since == SERVICE_NEVER ? 0
	: moment_elapsed (since, display->now);
      if (elapsed >= 60)
	return COLOR_RED;
      if (elapsed >= 30)
	return COLOR_MAGENTA;
    }
  if (service_flag (service, "pending-replacement?"))
    return COLOR_BOLD;
  return service_flag (service, "transient?") ? COLOR_DIM : NULL;
}

struct entry
{
  const char *name;
  enum section section;
  const struct sexp *service;
};

/* By section, then by name.  */
static int
compare_entries (const void *a, const void *b)
{
  const struct entry *first = a, *second = b;
  if (first->section != second->section)
    return first->section < second->section ? -1 : 1;
  return strcmp (first->name, second->name);
}

static void
display_entry (const struct display *display, const struct entry *entry)
{
  display_part (display, NULL, " %c ", sections[entry->section].bullet);
  display_part (display, name_color (display, entry->service), "%s",
		entry->name);
  display_part (display, NULL, "\n");
}

int
overview_display (const struct display *display, const struct sexp *services)
{
  struct entry *entries;
  size_t count = 0;

  entries = calloc (sexp_length (services) + 1, sizeof *entries);
  if (entries == NULL)
    return -ENOMEM;
  sexp_for_each (cell, services)
    if (service_p (cell->car))
      entries[count++] = (struct entry)
	{ .name = service_name (cell->car), .section = section_of (cell->car),
	  .service = cell->car };
  qsort (entries, count, sizeof *entries, compare_entries);
  for (size_t i = 0; i < count; i++)
    {
      enum section section = entries[i].section;
      if (i == 0 || section != entries[i - 1].section)
	display_line (display, sections[section].color, "%s",
		      _(sections[section].title));
      display_entry (display, &entries[i]);
    }
  free (entries);
  return 0;
}
