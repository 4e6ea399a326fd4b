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

/* Are the lines of SERVICE known, as far as the logger and we can tell?  */
static bool
status_is_known (const struct core *core, const char *service)
{
  const struct status *status = &core->status;
  return (!core->told_logger && status->asked == status->answered
	  && (quiescence_degree (core->options.logger)
	      >= (status_is_root (service) ? QUIESCENCE_FULL
		  : QUIESCENCE_GOSSIP)));
}

void
status_begin (struct core *core, struct client *client, const char *service)
{
  struct status *status = &core->status;
  client->wanted = strdup (service);
  if (status_is_known (core, service))
    {
      status_answer (core, client);
      return;
    }
  if (status->asked - status->answered < STATUS_COLLECTIONS_MAX)
    {
      struct message *collect
	= room_number (core, MESSAGE_LOG_COLLECT, 0, 0, 0);
      if (collect != NULL)
	status->asked++;
      room_tell_logger (core, collect);
    }
  client->ticket = status->asked;
  control_enter (core, client, CLIENT_COLLECTING);
}

static void
status_put_service (const struct core *core, struct text *reply,
		    const struct state_service *service)
{
  struct state_view view = state_read (core->state, service);
  const char *lines = table_get (&core->status.rings, view.ring);
  state_unpack (reply, view.head, view.head_length);
  text_append_string (reply, " (recent-messages ");
  text_append_string (reply, lines == NULL ? "()" : lines);
  text_append_string (reply, ") ");
  state_unpack (reply, view.tail, view.tail_length);
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

void
status_reply (struct core *core, struct client *client,
	      struct message *reply)
{
  client->reply = reply;
  status_begin (core, client, ((struct text_message *) reply)->text);
}

/* The result and error for who wants the status of NAME, as a list, or else as
   it is.  */
static void
status_put_result (const struct core *core, struct text *reply,
		   const char *name, bool list)
{
  const struct state_service *service = state_find (core->state, name);
  bool all = list && status_is_root (name);
  if (!all && service == NULL)
    {
      text_append_string (reply, "#f) (error (error (version 0)"
			  " service-not-found ");
      sexp_write_symbol (reply, name, strlen (name));
      text_append_string (reply, "))");
      return;
    }
  text_append_string (reply, list ? "(" : "");
  if (all)
    status_put_all (core, reply);
  else
    status_put_service (core, reply, service);
  text_append_string (reply, list ? "))" : ")");
  text_append_string (reply, " (error #f)");
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

/* The messages for CLIENT.  */
static void
status_put_messages (const struct core *core, struct text *reply,
		     const struct client *client)
{
  const struct text_message *told
    = (const struct text_message *) client->reply;
  if (told != NULL)
    {
      text_append_string (reply, told->text + strlen (told->text) + 1);
      return;
    }
  text_append_char (reply, '(');
  if (inherit_flags () & INHERIT_CORE_ONLY)
    status_put_mode (reply);
  else if (core->options.watch != NULL)
    watch_put_busy (core->options.watch, reply);
  text_append_char (reply, ')');
}

void
status_answer (struct core *core, struct client *client)
{
  struct text text = TEXT_EMPTY;
  text_append_string (&text, "(reply (version 0) (result ");
  if (client->wanted != NULL)
    status_put_result (core, &text, client->wanted, client->reply == NULL);
  text_append_string (&text, " (messages ");
  status_put_messages (core, &text, client);
  text_append_string (&text, "))");
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
