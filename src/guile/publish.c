/* publish.c -- primitives by which services and clients are answered.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "primitive.h"

/* Append the printed names of symbols NAMES, a NUL after each.  */
static void
publish_names (struct text *text, SCM names)
{
  for (; scm_is_pair (names); names = SCM_CDR (names))
    {
      size_t length;
      char *name;

      SCM_ASSERT_TYPE (scm_is_symbol (SCM_CAR (names)), names, 3,
		       "%publish", "list of symbols");
      name = scm_to_utf8_stringn (scm_symbol_to_string (SCM_CAR (names)),
				  &length);
      text_append (text, name, strnlen (name, length));
      text_append_char (text, '\0');
      free (name);
    }
}

/* Take the closing parenthesis off TEXT: more is to come.  */
static void
publish_open_end (struct text *text)
{
  if (text->length > 0 && !text->failed)
    text->bytes[--text->length] = '\0';
}

/* Append "(x ...) (y ...))" for TAIL, a list.  */
static void
publish_tail (struct text *text, SCM tail)
{
  for (; scm_is_pair (tail); tail = SCM_CDR (tail))
    {
      write_text (text, SCM_CAR (tail));
      if (scm_is_pair (SCM_CDR (tail)))
	text_append_char (text, ' ');
    }
  text_append_char (text, ')');
}

static SCM
prim_publish (SCM flags, SCM ring, SCM names, SCM head, SCM tail, SCM saved)
{
  unsigned int f = scm_to_uint (flags);
  uint64_t r = scm_to_uint64 (ring);
  struct text names_text, head_text, tail_text, saved_text;
  struct message *message;

  SCM_ASSERT_TYPE (scm_is_pair (names), names, 3, "%publish", "pair");
  SCM_ASSERT_TYPE (scm_is_pair (head), head, 4, "%publish", "pair");
  write_begin (&names_text);
  write_begin (&head_text);
  write_begin (&tail_text);
  write_begin (&saved_text);
  publish_names (&names_text, names);
  write_text (&head_text, head);
  publish_open_end (&head_text);
  publish_tail (&tail_text, tail);
  if (scm_is_true (saved))
    write_text (&saved_text, saved);

  if (names_text.failed || tail_text.failed)
    message = NULL;
  else
    message = message_publish (f, r, text_string (&names_text),
			       names_text.length, text_string (&head_text),
			       text_string (&tail_text),
			       text_string (&saved_text));
  primitive_mention ("%publish", core_mailbox (bridge_current ()->core),
		     message);
  for (int i = 0; i < 4; i++)
    scm_dynwind_end ();
  return SCM_UNSPECIFIED;
}

static SCM
prim_unpublish (SCM name)
{
  SCM_ASSERT_TYPE (scm_is_symbol (name), name, 1, "%unpublish", "symbol");
  scm_dynwind_begin (0);
  {
    char *text = primitive_string (scm_symbol_to_string (name));

    primitive_send ("%unpublish", core_mailbox (bridge_current ()->core),
		    message_text (MESSAGE_FORGET, 0, 0, text, strlen (text)));
  }
  scm_dynwind_end ();
  return SCM_UNSPECIFIED;
}

/* Send the reply in TEXT, of KIND, to CLIENT, and free TEXT.  */
static SCM
publish_reply (const char *primitive, enum message_kind kind, SCM client,
	       struct text *text)
{
  primitive_send (primitive, core_mailbox (bridge_current ()->core),
		  text->failed ? NULL
		  : message_text (kind, primitive_id (client), 0,
				  text_string (text), text->length));
  scm_dynwind_end ();
  return SCM_UNSPECIFIED;
}

static SCM
prim_reply (SCM client, SCM datum)
{
  struct text text;

  write_begin (&text);
  write_text (&text, datum);
  return publish_reply ("%reply", MESSAGE_REPLY, client, &text);
}

static SCM
prim_reply_service (SCM client, SCM name, SCM messages)
{
  struct text text;

  write_begin (&text);
  publish_names (&text, scm_list_1 (name));
  write_text (&text, messages);
  return publish_reply ("%reply-service", MESSAGE_REPLY_SERVICE, client,
			&text);
}

static SCM
prim_close_client (SCM client)
{
  uint64_t id = primitive_id (client);

  primitive_send ("%close-client", core_mailbox (bridge_current ()->core),
		  message_number (MESSAGE_CLOSE_CLIENT, id, 0, 0));
  return SCM_UNSPECIFIED;
}

const struct primitive publish_primitives[] =
{
  { "%publish", 6, 0, prim_publish,
    "Publish a service under symbols @var{names}, the first of which is its\n"
    "canonical name.  A client sees the list @var{head} followed by the\n"
    "recent lines of ring @var{ring} and by the properties @var{tail}.  Datum\n"
    "@var{saved}, or @code{#f}, is for a successor.  Bit 0 of @var{flags}:\n"
    "the core must not answer action @code{status} itself." },
  { "%unpublish", 1, 0, prim_unpublish,
    "Forget what was published under the canonical name @var{name}." },
  { "%reply", 2, 0, prim_reply,
    "Send @var{datum} to @var{client} and close the connection." },
  { "%reply-service", 3, 0, prim_reply_service,
    "Send @var{client} the published state of the service called @var{name}\n"
    "and the list of @var{messages}, and close the connection." },
  { "%close-client", 1, 0, prim_close_client,
    "Close the connection of @var{client} without an answer." },
  { NULL, 0, 0, NULL, NULL }
};
