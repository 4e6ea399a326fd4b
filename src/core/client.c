/* client.c -- a connection to the control socket.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"
#include "inherit.h"
#include "room.h"

struct client *
client_new (struct core *core, int fd, uid_t uid)
{
  struct client *client = calloc (1, sizeof *client);
  uint64_t id = ++core->control.last_id;
  if (client == NULL || table_put (&core->control.clients, id, client) < 0
      || room_watch (core, fd, EPOLLIN, ROOM_CLIENT, id) < 0)
    {
      table_remove (&core->control.clients, id);
      free (client);
      send (fd, core->control.no_memory, strlen (core->control.no_memory),
	    MSG_DONTWAIT | MSG_NOSIGNAL);
      close (fd);
      return NULL;
    }
  inherit_keep (fd, INHERIT_CLIENT);
  client->fd = fd;
  client->uid = uid;
  client->id = id;
  client->since = core->now;
  sexp_scan_init (&client->scanner);
  TAILQ_INSERT_TAIL (&core->control.phases[CLIENT_IDLE], client, link);
  return client;
}

void
client_close (struct core *core, struct client *client)
{
  if (client->phase == CLIENT_WAITING || client->phase == CLIENT_ASKING
      || client->urged)
    room_tell (core, room_number (core, MESSAGE_CLIENT_GONE, client->id,
				  0, 0));
  TAILQ_REMOVE (&core->control.phases[client->phase], client, link);
  table_remove (&core->control.clients, client->id);
  shutdown (client->fd, SHUT_RDWR);	/* also where children have copies */
  inherit_drop (client->fd);
  poller_close (core->epoll_fd, &client->fd);
  text_free (&client->input);
  free (client->wanted);
  message_free (client->reply);
  text_free (&client->built);
  free (client);
  control_closed (core);
}

/* Read and drop what CLIENT sent after its command: closing a socket with
   bytes unread would show the peer an error after the reply.  */
static void
client_drain (struct core *core, struct client *client)
{
  for (int i = 0; i < 16; i++)
    if (recv (client->fd, core->control.buffer, CONTROL_BUFFER_SIZE,
	      MSG_DONTWAIT) <= 0)
      return;
}

/* Write what the socket takes; close when all is written.  */
static void
client_write (struct core *core, struct client *client)
{
  while (client->reply_done < client->reply_length)
    {
      ssize_t size = send (client->fd, client->reply_text + client->reply_done,
			   client->reply_length - client->reply_done,
			   MSG_DONTWAIT | MSG_NOSIGNAL);
      if (size < 0 && (errno == EAGAIN || errno == ENOBUFS
		       || errno == ENOMEM))
	{
	  room_rewatch (core, client->fd, EPOLLOUT, ROOM_CLIENT, client->id);
	  return;
	}
      if (size < 0 && errno != EINTR)
	break;
      if (size > 0)
	{
	  client->reply_done += (size_t) size;
	  inherit_keep (client->fd, INHERIT_CLIENT_ANSWERED);
	  control_enter (core, client, CLIENT_WRITING);
	}
    }
  client_drain (core, client);
  client_close (core, client);
}

static void
client_send (struct core *core, struct client *client, const char *text,
	     size_t length)
{
  client->reply_text = text;
  client->reply_length = length;
  control_enter (core, client, CLIENT_WRITING);
  client_write (core, client);
}

void
client_reply (struct core *core, struct client *client,
	      struct message *reply)
{
  const struct text_message *text = (const struct text_message *) reply;
  const char *no_memory = core->control.no_memory;
  client->reply = reply;
  if (reply == NULL)
    client_send (core, client, no_memory, strlen (no_memory));
  else
    client_send (core, client, text->text, text->length);
}

void
client_reply_text (struct core *core, struct client *client,
		   struct text *reply)
{
  client->built = *reply;
  text_init (reply);
  if (client->built.failed)
    client_reply (core, client, NULL);
  else
    client_send (core, client, client->built.bytes, client->built.length);
}

/* Hand COMMAND, in the LENGTH bytes of TEXT, to the interpreter.  */
static void
client_forward (struct core *core, struct client *client,
		const struct command *command, const char *text,
		size_t length)
{
  struct message *message = message_text (MESSAGE_COMMAND, client->id,
					  client->uid, text, length);
  if (message == NULL)
    client_reply (core, client, NULL);
  else
    {
      control_enter (core, client,
		     sexp_is_symbol (command->action, "backtrace")
		     ? CLIENT_ASKING : CLIENT_WAITING);
      shutdown_ask (core, command, client->id);
      room_tell (core, message);
    }
}

/* Carry out the command in the LENGTH bytes of TEXT, or hand it on.  */
static void
client_command (struct core *core, struct client *client, const char *text,
		size_t length)
{
  struct command command;
  int result = command_parse (&command, text, length);
  if (result == -EINVAL)
    client_close (core, client);
  else if (result < 0)
    client_reply (core, client, NULL);
  else
    {
      if (status_is_ours (core, &command))
	status_begin (core, client, sexp_text (command.service));
      else
	client_forward (core, client, &command, text, length);
      command_free (&command);
    }
}

/* SIZE more bytes came, in the control's buffer.  */
static void
client_scan (struct core *core, struct client *client, size_t size)
{
  const char *bytes = core->control.buffer;
  size_t used = size;
  if (client->phase == CLIENT_IDLE)
    control_enter (core, client, CLIENT_READING);
  inherit_keep (client->fd, INHERIT_CLIENT_BUSY);
  enum sexp_scan_result result
    = sexp_scan (&client->scanner, bytes, size, &used);
  if (result == SEXP_ERROR
      || client->input.length + used > CLIENT_COMMAND_MAX)
    {
      client_close (core, client);
      return;
    }
  if (result == SEXP_COMPLETE && client->input.length == 0)
    {
      client_command (core, client, bytes, used);
      return;
    }
  text_append (&client->input, bytes, used);
  if (client->input.failed)
    client_reply (core, client, NULL);
  else if (result == SEXP_COMPLETE)
    {
      struct text input = client->input;
      text_init (&client->input);
      client_command (core, client, input.bytes, input.length);
      text_free (&input);
    }
}

static void
client_read (struct core *core, struct client *client)
{
  ssize_t size = recv (client->fd, core->control.buffer, CONTROL_BUFFER_SIZE,
		       MSG_DONTWAIT);
  if (size > 0)
    client_scan (core, client, (size_t) size);
  else if (size == 0 || (errno != EAGAIN && errno != EINTR))
    /* No command ends with the end of file: all have parentheses.  */
    client_close (core, client);
}

void
client_ready (struct core *core, struct client *client)
{
  if (client == NULL)
    return;
  switch (client->phase)
    {
    case CLIENT_IDLE:
    case CLIENT_READING:
      client_read (core, client);
      break;
    case CLIENT_WRITING:
      client_write (core, client);
      break;
    default:
      /* The peer is gone; what it asked for is done all the same.  */
      client_close (core, client);
      break;
    }
}
