/* core-only-services.c -- what is known of services without an interpreter.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "core-only-services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The elements of the list (TAG ELEMENT ...) in the list DATA.  */
static const struct sexp *
core_only_section (const struct sexp *data, const char *tag)
{
  sexp_for_each (cell, data)
    if (sexp_is_symbol (sexp_car (cell->car), tag))
      return sexp_cdr (cell->car);
  return NULL;
}

/* The process that is the running value in RECORD, or 0.  */
static pid_t
core_only_main (const struct sexp *record)
{
  const struct sexp *value = sexp_property (record, "running");
  if (!sexp_is_record (value, "process"))
    return 0;
  return (pid_t) sexp_integer (sexp_property (value, "id"), 0);
}

/* Add PID, if it is one, not known yet, and not that of the daemon, which the
   root service has.  */
static void
core_only_add_process (struct core_only_services *all, pid_t pid,
		       size_t service)
{
  for (size_t i = 0; i < all->process_count; i++)
    if (all->processes[i].pid == pid)
      return;
  if (pid > 1 && pid != getpid ())
    all->processes[all->process_count++]
      = (struct core_only_process) { pid, service };
}

static void
core_only_add_service (struct core_only_services *all,
		       const struct sexp *entry)
{
  const struct sexp *record = sexp_nth (entry, 2);
  const char *name
    = sexp_text (sexp_car (sexp_property (record, "provides")));
  if (name == NULL)
    return;
  all->services[all->count++] = (struct core_only_service) {
    .name = name, .ring = (uint64_t) sexp_integer (sexp_car (entry), 0),
    .saved = sexp_nth (entry, 1), .record = record,
    .main = core_only_main (record),
    .stopped = sexp_is_symbol (sexp_property (record, "status"), "stopped")
  };
}

int
core_only_services_read (struct core_only_services *all,
			 const char *inheritance)
{
  *all = (struct core_only_services) { .tree = NULL };
  int rc = inheritance == NULL ? -ENOENT
    : sexp_parse (inheritance, strlen (inheritance), &all->tree);
  if (rc < 0)
    return rc;
  const struct sexp *data = sexp_root (all->tree);
  const struct sexp *services = core_only_section (data, "services");
  const struct sexp *processes = core_only_section (data, "processes");
  size_t count = sexp_length (services);
  all->services = calloc (count + 1, sizeof *all->services);
  all->processes = calloc (count + sexp_length (processes) + 1,
			   sizeof *all->processes);
  if (all->services == NULL || all->processes == NULL)
    return -ENOMEM;
  sexp_for_each (cell, services)
    core_only_add_service (all, cell->car);
  sexp_for_each (cell, processes)
    {
      const char *name = sexp_text (sexp_nth (cell->car, 1));
      const struct core_only_service *service
	= name == NULL ? NULL : core_only_find (all, name);
      if (service != NULL)
	core_only_add_process (all, (pid_t) sexp_integer
			       (sexp_car (cell->car), 0),
			       (size_t) (service - all->services));
    }
  for (size_t i = 0; i < all->count; i++)
    core_only_add_process (all, all->services[i].main, i);
  return 0;
}

struct core_only_service *
core_only_find (struct core_only_services *all, const char *name)
{
  for (size_t i = 0; i < all->count; i++)
    sexp_for_each (cell, sexp_property (all->services[i].record, "provides"))
      if (sexp_is_symbol (cell->car, name))
	return &all->services[i];
  return NULL;
}

bool
core_only_lives (const struct core_only_services *all,
		 const struct core_only_service *service)
{
  for (size_t i = 0; i < all->process_count; i++)
    if (all->processes[i].pid != 0
	&& &all->services[all->processes[i].service] == service)
      return true;
  return false;
}

struct core_only_service *
core_only_ended (struct core_only_services *all, pid_t pid)
{
  for (size_t i = 0; i < all->process_count; i++)
    if (all->processes[i].pid == pid)
      {
	all->processes[i].pid = 0;
	return &all->services[all->processes[i].service];
      }
  return NULL;
}

/* Append what becomes of PROPERTY of a service that stops.  */
static void
core_only_put_property (struct text *out, const struct sexp *property,
			int status)
{
  const struct sexp *name = sexp_car (property);
  const struct sexp *value = sexp_nth (property, 1);
  bool changes = sexp_is_symbol (name, "status-changes");
  long long now = (long long) time (NULL);
  if (sexp_is_symbol (name, "status"))
    text_append_string (out, " (status stopped)");
  else if (sexp_is_symbol (name, "running"))
    text_append_string (out, " (running #f)");
  else if (changes
	   || (status >= 0 && sexp_is_symbol (name, "exit-statuses")))
    {
      if (changes)
	text_printf (out, " (status-changes ((stopped . %lld)", now);
      else
	text_printf (out, " (exit-statuses ((%d . %lld)", status, now);
      sexp_for_each (cell, value)
	{
	  text_append_char (out, ' ');
	  sexp_write (out, cell->car);
	}
      text_append_string (out, "))");
    }
  else
    {
      text_append_char (out, ' ');
      sexp_write (out, property);
    }
}

/* Clients see the recent messages before this property, which begins what
   is published after them.  */
static bool
core_only_begins_tail (const struct sexp *property)
{
  return sexp_is_symbol (sexp_car (property), "log-files");
}

/* What is saved for a successor: no running value; a respawn, if DUE.  */
static void
core_only_put_saved (struct text *out, const struct sexp *saved, bool due)
{
  text_append_string (out, due ? "((due)" : "(");
  sexp_for_each (cell, saved)
    if (!sexp_is_symbol (sexp_car (cell->car), "value")
	&& !sexp_is_symbol (sexp_car (cell->car), "due"))
      {
	text_append_char (out, ' ');
	sexp_write (out, cell->car);
      }
  text_append_char (out, ')');
}

static void
core_only_put_names (struct text *out, const struct sexp *names)
{
  sexp_for_each (cell, names)
    {
      const char *name = sexp_text (cell->car);
      text_append (out, name, strlen (name) + 1);
    }
}

void
core_only_publish_stopped (struct core_only_service *service, int status,
			   struct mailbox *to_core)
{
  struct text names = TEXT_EMPTY, head = TEXT_EMPTY, tail = TEXT_EMPTY;
  struct text saved = TEXT_EMPTY, *out = &head;
  const struct sexp *record = service->record;
  bool due = (status >= 0
	      && sexp_is_true (sexp_property (record, "respawn?"))
	      && sexp_is_true (sexp_property (record, "enabled?")));
  text_append_string (&head, "(service");
  sexp_for_each (cell, sexp_cdr (record))
    {
      if (core_only_begins_tail (cell->car))
	out = &tail;
      core_only_put_property (out, cell->car, status);
    }
  text_append_char (&tail, ')');
  core_only_put_saved (&saved, service->saved, due);
  core_only_put_names (&names, sexp_property (record, "provides"));
  service->stopped = true;
  if (!names.failed && !head.failed && !tail.failed && !saved.failed)
    mailbox_send (to_core,
		  message_publish (0, service->ring, text_string (&names),
				   names.length, text_string (&head),
				   text_string (&tail),
				   text_string (&saved)));
  text_free (&names);
  text_free (&head);
  text_free (&tail);
  text_free (&saved);
}
