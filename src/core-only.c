/* core-only.c -- an init whose interpreter is gone.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "core-only.h"

#include <poll.h>
#include <stdbool.h>
#include <string.h>

#include "ending.h"
#include "sexp.h"

static void
core_only_shut_down (const struct mailbox *to_core, enum shutdown_how how)
{
  mailbox_send (to_core, message_number (MESSAGE_SHUTDOWN, 0, how, 0));
}

/* If COMMAND ends the machine, do that.  */
static bool
core_only_obey (const struct mailbox *to_core, const struct sexp *command)
{
  enum shutdown_how how;

  if (!ending_find (sexp_property (command, "action"),
		    sexp_property (command, "service"), true, &how))
    return false;
  core_only_shut_down (to_core, how);
  return true;
}

static void
core_only_answer (const struct mailbox *to_core,
		  const struct text_message *message)
{
  static const char refusal[] =
    "(reply (version 0) (result #f)"
    " (error (error (version 0) service-error))"
    " (messages (\"The interpreter ended: only status, and stop, halt,"
    " power-off and kexec of root, still work.\")))";
  struct sexp_tree *tree;
  bool obeyed = false;

  if (sexp_parse (message->text, message->length, &tree) == 0)
    {
      obeyed = core_only_obey (to_core, sexp_root (tree));
      sexp_free (tree);
    }
  if (!obeyed)
    mailbox_send (to_core, message_text (MESSAGE_REPLY, message->id, 0,
					 refusal, sizeof refusal - 1));
}

void
core_only_run (const struct mailbox *inbox, const struct mailbox *to_core)
{
  struct pollfd ready = { inbox->read_fd, POLLIN, 0 };
  struct message *message;

  for (;;)
    {
      poll (&ready, 1, -1);
      while (mailbox_receive (inbox, &message, 1) > 0)
	{
	  if (message->kind == MESSAGE_COMMAND)
	    core_only_answer (to_core, (struct text_message *) message);
	  else if (message->kind == MESSAGE_SIGNAL)
	    core_only_shut_down (to_core, SHUTDOWN_REBOOT);
	  message_free (message);
	}
    }
}
