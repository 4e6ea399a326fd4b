/* status.c -- answering `status' from what is published.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "status.h"

#include <stdlib.h>
#include <string.h>

#include "inherit.h"
#include "room.h"

/* More collections than this in flight say nothing new.  */
#define STATUS_COLLECTIONS_MAX 16

void
status_free (struct core *core)
{
  char *lines;
  for (size_t i = 0; (lines = table_next (&core->status.rings, &i)) != NULL;)
    free (lines);
  table_free (&core->status.rings);
}

/* Is NAME that of the service whose status is that of all?  */
static bool
status_is_root (const char *name)
{
  return strcmp (name, "root") == 0 || strcmp (name, "shepherd") == 0;
}

bool
status_is_ours (struct core *core, const struct command *command)
{
  if (!sexp_is_symbol (command->action, "status")
      || !sexp_is (command->service, SEXP_SYMBOL)
      || !sexp_is (command->arguments, SEXP_NIL))
    return false;
  const char *name = sexp_text (command->service);
  const struct state_service *found = state_find (core->state, name);
  return found == NULL || status_is_root (name)
    || (state_read (core->state, found).flags & PUBLISH_CUSTOM_STATUS) == 0;
}

void
status_begin (struct core *core, struct client *client, const char *service)
{
  struct status *status = &core->status;
  if (status->asked - status->answered < STATUS_COLLECTIONS_MAX)
    {
      struct message *collect
	= room_number (core, MESSAGE_LOG_COLLECT, 0, 0, 0);
      if (collect != NULL)
	status->asked++;
      room_tell_logger (core, collect);
    }
  client->wanted = strdup (service);
  client->ticket = status->asked;
  control_enter (core, client, CLIENT_COLLECTING);
}

static void
status_put_service (const struct core *core, struct text *reply,
		    const struct state_service *service)
{
  struct state_view view = state_read (core->state, service);
  const char *lines = table_get (&core->status.rings, view.ring);
  text_append (reply, view.head, view.head_length);
  text_append_string (reply, " (recent-messages ");
  text_append_string (reply, lines == NULL ? "()" : lines);
  text_append_string (reply, ") ");
  text_append (reply, view.tail, view.tail_length);
}

static void
status_put_all (const struct core *core, struct text *reply)
{
  text_append_char (reply, '(');
  for (const struct state_service *service = state_first (core->state);
       service != NULL; service = state_next (service))
    {
      if (service != state_first (core->state))
	text_append_char (reply, ' ');
      status_put_service (core, reply, service);
    }
  text_append_char (reply, ')');
}

/* The result and error for who wants the status of NAME.  */
static void
status_put_result (const struct core *core, struct text *reply,
		   const char *name)
{
  const struct state_service *service = state_find (core->state, name);
  if (!status_is_root (name) && service == NULL)
    {
      text_append_string (reply, "#f) (error (error (version 0)"
			  " service-not-found ");
      sexp_write_symbol (reply, name, strlen (name));
      text_append_string (reply, "))");
      return;
    }
  text_append_char (reply, '(');
  if (status_is_root (name))
    status_put_all (core, reply);
  else
    status_put_service (core, reply, service);
  text_append_string (reply, ")) (error #f)");
}

/* Append the message that there is no interpreter.  */
static void
status_put_mode (struct text *reply)
{
  /* TRANSLATORS: `shepherd: ' has herd show this in red.  */
  const char *mode = R_("shepherd: core-only mode, without the interpreter;"
			" 'herd reexec root' tries again");
  sexp_write_string (reply, mode, strlen (mode));
}

void
status_answer (struct core *core, struct client *client)
{
  struct text text = TEXT_EMPTY;
  text_append_string (&text, "(reply (version 0) (result ");
  if (client->wanted != NULL)
    status_put_result (core, &text, client->wanted);
  text_append_string (&text, " (messages (");
  if (inherit_flags () & INHERIT_CORE_ONLY)
    status_put_mode (&text);
  else if (core->options.watch != NULL)
    watch_put_busy (core->options.watch, &text);
  text_append_string (&text, ")))");
  text.failed |= client->wanted == NULL;
  client_reply_text (core, client, &text);
}

/* Take over the text of TOLD; where there is no memory for it, there are no
   lines.  */
static void
status_take_ring (struct status *status, struct ring_text *told)
{
  free (table_remove (&status->rings, told->ring));
  if (told->text != NULL
      && table_put (&status->rings, told->ring, told->text) == 0)
    told->text = NULL;
}

void
status_rings (struct core *core, struct message *message)
{
  struct rings_message *told = (struct rings_message *) message;
  struct status *status = &core->status;
  struct client *client;
  for (size_t i = 0; i < told->count; i++)
    status_take_ring (status, &told->rings[i]);
  message_free (message);
  if (status->answered < status->asked)
    status->answered++;
  while ((client = TAILQ_FIRST (&core->control.phases[CLIENT_COLLECTING]))
	 != NULL && client->ticket <= status->answered)
    status_answer (core, client);
}
