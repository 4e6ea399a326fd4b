/* message.c -- making and freeing messages.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inherit.h"
#include "spawn.h"

/* A zeroed block of SIZE bytes for a message of KIND.  */
static void *
message_new (enum message_kind kind, size_t size)
{
  struct message *message = calloc (1, size);
  if (message != NULL)
    message->kind = kind;
  return message;
}

/* Copy LENGTH bytes of TEXT and a NUL to *END, which moves on.  Returns the
   copy.  */
static const char *
message_put (char **end, const char *text, size_t length)
{
  char *copy = *end;
  if (length > 0)
    memcpy (copy, text, length);
  copy[length] = '\0';
  *end = copy + length + 1;
  return copy;
}

struct message *
message_number (enum message_kind kind, uint64_t id, int64_t a, int64_t b)
{
  struct number_message *message = message_new (kind, sizeof *message);
  if (message == NULL)
    return NULL;
  message->id = id;
  message->a = a;
  message->b = b;
  return &message->header;
}

struct message *
message_text (enum message_kind kind, uint64_t id, int64_t number,
	      const char *text, size_t length)
{
  struct text_message *message
    = message_new (kind, sizeof *message + length + 1);
  if (message == NULL)
    return NULL;
  message->id = id;
  message->number = number;
  message->length = length;
  if (text != NULL && length > 0)
    memcpy (message->text, text, length);
  return &message->header;
}

struct message *
message_line (const char *format, va_list arguments)
{
  char line[1024] = "";
  vsnprintf (line, sizeof line, format, arguments);
  return message_text (MESSAGE_LOG_LINE, 0, LOG_LINE_STDOUT, line,
		       strlen (line));
}

struct message *
message_publish (unsigned int flags, uint64_t ring, const char *names,
		 size_t names_length, const char *head, const char *tail,
		 const char *saved)
{
  size_t head_length = strlen (head), tail_length = strlen (tail);
  size_t saved_length = strlen (saved);
  /* NAMES may or may not come with its final empty name: room for it.  */
  struct publish_message *message
    = message_new (MESSAGE_PUBLISH, sizeof *message + names_length + 2
		   + head_length + tail_length + saved_length + 3);
  if (message == NULL)
    return NULL;
  char *end = message->bytes;
  message->flags = flags;
  message->ring = ring;
  message->names = message_put (&end, names, names_length);
  *end++ = '\0';
  message->name = message->names;
  message->head = message_put (&end, head, head_length);
  message->tail = message_put (&end, tail, tail_length);
  message->saved = message_put (&end, saved, saved_length);
  return &message->header;
}

struct message *
message_log_attach (int fd, int file_fd, uint64_t ring, unsigned int history,
		    const char *path, const char *prefix)
{
  size_t path_length = strlen (path), prefix_length = strlen (prefix);
  struct log_attach_message *message
    = message_new (MESSAGE_LOG_ATTACH, sizeof *message + path_length
		   + prefix_length + 2);
  if (message == NULL)
    return NULL;
  char *end = message->bytes;
  message->fd = fd;
  message->file_fd = file_fd;
  message->ring = ring;
  message->history = history;
  message->path = message_put (&end, path, path_length);
  message->prefix = message_put (&end, prefix, prefix_length);
  return &message->header;
}

struct message *
message_log_rotate (uint64_t id, const char *path, const char *rotated)
{
  size_t path_length = strlen (path), rotated_length = strlen (rotated);
  struct log_rotate_message *message
    = message_new (MESSAGE_LOG_ROTATE, sizeof *message + path_length
		   + rotated_length + 2);
  if (message == NULL)
    return NULL;
  char *end = message->bytes;
  message->answer.id = id;
  message->path = message_put (&end, path, path_length);
  message->rotated = message_put (&end, rotated, rotated_length);
  return &message->answer.header;
}

struct message *
message_spawn (enum message_kind kind, struct spawn_plan *plan)
{
  struct spawn_message *message = message_new (kind, sizeof *message);
  if (message == NULL)
    return NULL;
  message->plan = plan;
  return &message->answer.header;
}

static void
message_free_rings (struct rings_message *message)
{
  for (size_t i = 0; message->rings != NULL && i < message->count; i++)
    free (message->rings[i].text);
  free (message->rings);
}

static void
message_free_attach (struct log_attach_message *message)
{
  inherit_drop (message->fd);
  if (message->fd >= 0)
    close (message->fd);
  if (message->file_fd >= 0)
    close (message->file_fd);
}

void
message_free (struct message *message)
{
  if (message == NULL)
    return;
  switch (message->kind)
    {
    case MESSAGE_SPAWN:
    case MESSAGE_SPAWN_DONE:
    case MESSAGE_SPAWN_LATER:
      spawn_plan_free (((struct spawn_message *) message)->plan);
      break;
    case MESSAGE_RINGS:
      message_free_rings ((struct rings_message *) message);
      break;
    case MESSAGE_LOG_ATTACH:
      message_free_attach ((struct log_attach_message *) message);
      break;
    default:
      break;
    }
  free (message);
}
