/* core-only.c -- a daemon whose interpreter is gone.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "core-only.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "core-only-services.h"
#include "ending.h"
#include "i18n.h"

struct core_only
{
  struct core_only_services all;
  struct mailbox *to_core;
  bool init;
};

static void
core_only_shut_down (const struct core_only *only, enum shutdown_how how)
{
  mailbox_send (only->to_core,
		message_number (MESSAGE_SHUTDOWN_BEGINS, 0, how, 0));
}

static void
core_only_reply (const struct core_only *only, uint64_t client,
		 const char *text)
{
  mailbox_send (only->to_core, message_text (MESSAGE_REPLY, client, 0, text,
					     strlen (text)));
}

/* Tell the CLIENT that its command cannot be carried out, and why.  */
static void
core_only_refuse (const struct core_only *only, uint64_t client)
{
  struct text text = TEXT_EMPTY;
  const char *why = _("shepherd: core-only mode: only status, stop, and halt,"
		      " power-off, kexec, stop and reexec of root work.");
  text_append_string (&text, "(reply (version 0) (result #f) (error (error"
		      " (version 0) service-error)) (messages (");
  sexp_write_string (&text, why, strlen (why));
  text_append_string (&text, ")))");
  core_only_reply (only, client, text_string (&text));
  text_free (&text);
}

static void
core_only_reply_stopped (const struct core_only *only,
			 struct core_only_service *service)
{
  struct text text = TEXT_EMPTY;
  text_append_string (&text, "(reply (version 0) (result (");
  sexp_write_symbol (&text, service->name, strlen (service->name));
  text_append_string (&text, ")) (error #f) (messages ()))");
  if (service->client != 0)
    core_only_reply (only, service->client, text_string (&text));
  service->client = 0;
  text_free (&text);
}

/* Send SIGNUM to the processes of SERVICE and their groups.  */
static void
core_only_signal (const struct core_only *only,
		  const struct core_only_service *service, int signum)
{
  size_t index = (size_t) (service - only->all.services);
  for (size_t i = 0; i < only->all.process_count; i++)
    {
      const struct core_only_process *process = &only->all.processes[i];
      if (process->pid == 0 || process->service != index)
	continue;
      mailbox_send (only->to_core, message_number (MESSAGE_KILL, 0,
						   -process->pid, signum));
      mailbox_send (only->to_core, message_number (MESSAGE_KILL, 0,
						   process->pid, signum));
    }
}

/* Stop SERVICE for CLIENT.  */
static void
core_only_stop (struct core_only *only, struct core_only_service *service,
		uint64_t client)
{
  if (service->client != 0)
    {
      core_only_refuse (only, client);
      return;
    }
  service->client = client;
  service->stopping = true;
  if (core_only_lives (&only->all, service))
    {
      core_only_signal (only, service, SIGTERM);
      service->deadline = clock_now () + CORE_ONLY_GRACE * CLOCK_SECOND;
    }
  else
    {
      if (!service->stopped)
	core_only_publish_stopped (service, -1, only->to_core);
      core_only_reply_stopped (only, service);
    }
}

/* Process PID ended with STATUS.  */
static void
core_only_exited (struct core_only *only, pid_t pid, int status)
{
  struct core_only_service *service = core_only_ended (&only->all, pid);
  if (service == NULL)
    return;
  if (!service->stopped && (pid == service->main || service->stopping)
      && !core_only_lives (&only->all, service))
    core_only_publish_stopped (service, service->stopping ? -1 : status,
			       only->to_core);
  if (service->stopping && !core_only_lives (&only->all, service))
    {
      service->deadline = 0;
      service->stopping = false;
      core_only_reply_stopped (only, service);
    }
}

/* Carry out COMMAND of CLIENT if that can be.  */
static bool
core_only_obey (struct core_only *only, const struct sexp *command,
		uint64_t client)
{
  const struct sexp *action = sexp_property (command, "action");
  const struct sexp *name = sexp_property (command, "service");
  struct core_only_service *service = NULL;
  enum shutdown_how how;
  bool root = (sexp_is_symbol (name, "root")
	       || sexp_is_symbol (name, "shepherd"));
  if (ending_find (action, name, only->init, &how))
    {
      core_only_shut_down (only, how);
      return true;
    }
  if (root && sexp_is_symbol (action, "reexec"))
    {
      mailbox_send (only->to_core,
		    message_number (MESSAGE_REEXEC, client, 0, 0));
      return true;
    }
  if (!root && sexp_is_symbol (action, "stop") && sexp_text (name) != NULL)
    service = core_only_find (&only->all, sexp_text (name));
  if (service == NULL)
    return false;
  core_only_stop (only, service, client);
  return true;
}

static void
core_only_command (struct core_only *only, const struct text_message *message)
{
  struct sexp_tree *tree;
  bool obeyed = false;
  if (sexp_parse (message->text, message->length, &tree) == 0)
    {
      obeyed = core_only_obey (only, sexp_root (tree), message->id);
      sexp_free (tree);
    }
  if (!obeyed)
    core_only_refuse (only, message->id);
}

static void
core_only_take (struct core_only *only, const struct message *message)
{
  const struct number_message *number = (const struct number_message *) message;
  if (message->kind == MESSAGE_COMMAND)
    core_only_command (only, (const struct text_message *) message);
  else if (message->kind == MESSAGE_EXITED)
    core_only_exited (only, (pid_t) number->a, (int) number->b);
  else if (message->kind == MESSAGE_SIGNAL
	   || message->kind == MESSAGE_SOCKET_DELETED)
    core_only_shut_down (only, only->init ? SHUTDOWN_REBOOT : SHUTDOWN_EXIT);
}

/* End what has ignored SIGTERM for too long.  How long to wait for the next
   such time, in ms; -1: there is none.  */
static int
core_only_expire (struct core_only *only)
{
  int64_t now = clock_now (), first = 0;
  for (size_t i = 0; i < only->all.count; i++)
    {
      struct core_only_service *service = &only->all.services[i];
      if (service->deadline != 0 && service->deadline <= now)
	{
	  core_only_signal (only, service, SIGKILL);
	  service->deadline = 0;
	}
      if (service->deadline != 0 && (first == 0 || service->deadline < first))
	first = service->deadline;
    }
  return first == 0 ? -1 : (int) ((first - now) / CLOCK_MILLISECOND) + 1;
}

/* Have the ends of processes that are no children of ours told, too, and
   those that were missed.  */
static void
core_only_watch (const struct core_only *only)
{
  for (size_t i = 0; i < only->all.process_count; i++)
    mailbox_send (only->to_core,
		  message_number (MESSAGE_WATCH_PROCESS, 0,
				  only->all.processes[i].pid, 0));
}

void
core_only_run (struct mailbox *inbox, struct mailbox *to_core,
	       const char *inheritance, bool init)
{
  struct core_only only = { .to_core = to_core, .init = init };
  struct message *message;
  core_only_services_read (&only.all, inheritance);
  core_only_watch (&only);
  for (;;)
    {
      mailbox_wait (inbox, core_only_expire (&only));
      while ((message = mailbox_next (inbox)) != NULL)
	{
	  core_only_take (&only, message);
	  message_free (message);
	}
    }
}
