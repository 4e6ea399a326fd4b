/* root-state.c -- what clients see before Scheme runs.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "root-state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "i18n.h"
#include "logger.h"
#include "sexp.h"
#include "text.h"

/* Append our own command line as strings.  */
static void
root_state_command (struct text *text)
{
  char command[4096];
  FILE *stream = fopen ("/proc/self/cmdline", "re");
  size_t length = stream ? fread (command, 1, sizeof command - 1, stream) : 0;
  const char *end = command + length;

  if (stream != NULL)
    fclose (stream);
  command[length] = '\0';
  for (const char *p = command; p < end; p += strlen (p) + 1)
    {
      if (p > command)
	text_append_char (text, ' ');
      sexp_write_string (text, p, strlen (p));
    }
}

static void
root_state_head (struct text *text)
{
  const char *documentation
    = _("The root service is used to operate on shepherd itself.");
  text_append_string
    (text, "(service (version 0) (provides (root shepherd)) (requires ())"
     " (respawn? #f) (docstring ");
  sexp_write_string (text, documentation, strlen (documentation));
  text_append_string (text, ") (enabled? #t)");
  text_printf (text, " (running (process (version 0) (id %d) (command (",
	       (int) getpid ());
  root_state_command (text);
  text_printf (text, "))))"
	       " (conflicts ()) (last-respawns ())"
	       " (status-changes ((starting . %lld)))"
	       " (startup-failures ()) (status starting) (one-shot? #f)"
	       " (transient? #f) (respawn-limit (5 . 7))"
	       " (respawn-delay 0.1) (actions ()) (exit-statuses ())",
	       (long long) time (NULL));
}

static void
root_state_tail (struct text *text, const char *log_file)
{
  text_append_string (text, "(log-files (");
  if (log_file != NULL)
    sexp_write_string (text, log_file, strlen (log_file));
  text_append_string (text, ")) (pending-replacement? #f))");
}

int
root_state_publish (struct mailbox *to_core, const char *log_file)
{
  static const char names[] = "root\0shepherd\0";
  struct text head = TEXT_EMPTY, tail = TEXT_EMPTY;
  int rc = -ENOMEM;

  root_state_head (&head);
  root_state_tail (&tail, log_file);
  if (!head.failed && !tail.failed)
    rc = mailbox_send (to_core,
		       message_publish (0, LOGGER_ROOT_RING, names,
					sizeof names - 1, text_string (&head),
					text_string (&tail), ""));
  text_free (&head);
  text_free (&tail);
  return rc;
}
