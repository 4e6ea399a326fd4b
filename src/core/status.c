/* status.c -- answering `status' from what is published.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "room.h"

/* More collections than this in flight say nothing new.  */
#define STATUS_COLLECTIONS_MAX 16

/* Recent lines as last told by the logger.  */
struct status_ring
{
  uint64_t ring;
  size_t length;
  char *text;
};

/* Where a reply goes: a first pass with END == NULL counts its bytes.  */
struct status_sink
{
  char *end;
  size_t length;
};

void
status_init (struct core *core)
{
  table_init (&core->status.rings);
}

static void
status_free_ring (struct status_ring *ring)
{
  if (ring == NULL)
    return;
  free (ring->text);
  free (ring);
}

void
status_free (struct core *core)
{
  struct status_ring *ring;
  for (size_t i = 0; (ring = table_next (&core->status.rings, &i)) != NULL;)
    status_free_ring (ring);
  table_free (&core->status.rings);
}

bool
status_command (struct core *core, struct client *client,
		const struct command *command)
{
  const char *name = sexp_text (command->service);
  if (!sexp_is_symbol (command->action, "status")
      || !sexp_is (command->service, SEXP_SYMBOL)
      || !sexp_is (command->arguments, SEXP_NIL))
    return false;
  client->wants_all = (strcmp (name, "root") == 0
		       || strcmp (name, "shepherd") == 0);
  const struct state_service *service = state_find (core->state, name);
  if (!client->wants_all && service != NULL
      && (state_read (core->state, service).flags & PUBLISH_CUSTOM_STATUS))
    return false;
  text_append_string (&client->wanted, name);
  return true;
}

void
status_begin (struct core *core, struct client *client)
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
  client->ticket = status->asked;
  control_enter (core, client, CLIENT_COLLECTING);
}

static void
sink_put (struct status_sink *sink, const char *text, size_t length)
{
  if (sink->end != NULL)
    sink->end = mempcpy (sink->end, text, length);
  sink->length += length;
}

static void
sink_put_string (struct status_sink *sink, const char *text)
{
  sink_put (sink, text, strlen (text));
}

static void
status_put_service (const struct core *core, struct status_sink *sink,
		    const struct state_service *service)
{
  struct state_view view = state_read (core->state, service);
  const struct status_ring *ring
    = view.ring == 0 ? NULL : table_get (&core->status.rings, view.ring);
  sink_put (sink, view.head, view.head_length);
  sink_put_string (sink, " (recent-messages ");
  if (ring == NULL)
    sink_put_string (sink, "()");
  else
    sink_put (sink, ring->text, ring->length);
  sink_put_string (sink, ") ");
  sink_put (sink, view.tail, view.tail_length);
}

static void
status_put_all (const struct core *core, struct status_sink *sink)
{
  sink_put_string (sink, "(");
  for (const struct state_service *service = state_first (core->state);
       service != NULL; service = state_next (service))
    {
      if (service != state_first (core->state))
	sink_put_string (sink, " ");
      status_put_service (core, sink, service);
    }
  sink_put_string (sink, ")");
}

/* The reply for CLIENT; MESSAGES is a list of strings, as text.  */
static void
status_put_reply (const struct core *core, struct status_sink *sink,
		  const struct client *client, const char *messages)
{
  const char *name = text_string (&client->wanted);
  const struct state_service *service = state_find (core->state, name);
  sink_put_string (sink, "(reply (version 0) (result ");
  if (!client->wants_all && service == NULL)
    {
      struct text symbol = TEXT_EMPTY;
      sexp_write_symbol (&symbol, name, strlen (name));
      sink_put_string (sink, "#f) (error (error (version 0)"
		       " service-not-found ");
      sink_put_string (sink, text_string (&symbol));
      sink_put_string (sink, "))");
      text_free (&symbol);
    }
  else
    {
      sink_put_string (sink, "(");
      if (client->wants_all)
	status_put_all (core, sink);
      else
	status_put_service (core, sink, service);
      sink_put_string (sink, ")) (error #f)");
    }
  sink_put_string (sink, " (messages ");
  sink_put_string (sink, messages);
  sink_put_string (sink, "))");
}

/* Write into LIST, as text, the messages that go with a reply: whether the
   interpreter has been busy for long.  */
static void
status_messages (const struct core *core, struct text *list)
{
  char name[WATCH_NAME_SIZE], line[WATCH_NAME_SIZE + 80] = "";
  int64_t busy = core->options.watch == NULL ? 0
    : watch_read (core->options.watch, name);
  text_append_string (list, "(");
  if (busy > CLOCK_SECOND)
    {
      snprintf (line, sizeof line, "shepherd: busy for %lld s%s%s",
		(long long) (busy / CLOCK_SECOND),
		name[0] == '\0' ? "" : " in service ", name);
      sexp_write_string (list, line, strlen (line));
    }
  text_append_string (list, ")");
}

void
status_answer (struct core *core, struct client *client)
{
  struct text messages = TEXT_EMPTY;
  struct status_sink sink = { NULL, 0 };
  struct message *reply = NULL;
  status_messages (core, &messages);
  if (!messages.failed && !client->wanted.failed)
    {
      status_put_reply (core, &sink, client, messages.bytes);
      reply = message_text (MESSAGE_REPLY, client->id, 0, NULL, sink.length);
    }
  if (reply != NULL)
    {
      struct text_message *text = (struct text_message *) reply;
      sink.end = text->text;
      status_put_reply (core, &sink, client, messages.bytes);
      text->length = (size_t) (sink.end - text->text);
    }
  text_free (&messages);
  client_reply (core, client, reply);
}

/* Take over the text of TOLD.  */
static void
status_take_ring (struct status *status, struct ring_text *told)
{
  struct status_ring *ring = table_get (&status->rings, told->ring);
  if (told->text == NULL)
    {
      status_free_ring (table_remove (&status->rings, told->ring));
      return;
    }
  if (ring == NULL)
    {
      ring = calloc (1, sizeof *ring);
      if (ring != NULL && table_put (&status->rings, told->ring, ring) < 0)
	{
	  free (ring);
	  ring = NULL;
	}
      if (ring == NULL)
	return;
      ring->ring = told->ring;
    }
  free (ring->text);
  ring->text = told->text;
  ring->length = strlen (told->text);
  told->text = NULL;
}

void
status_rings (struct core *core, struct message *message)
{
  struct rings_message *rings = (struct rings_message *) message;
  struct status *status = &core->status;
  struct client *client;
  for (size_t i = 0; i < rings->count; i++)
    status_take_ring (status, &rings->rings[i]);
  message_free (message);
  if (status->answered < status->asked)
    status->answered++;
  while ((client = core->control.phases[CLIENT_COLLECTING].first) != NULL
	 && client->ticket <= status->answered)
    status_answer (core, client);
}
