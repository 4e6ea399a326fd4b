/* reply.h -- what the daemon answers.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef REPLY_H
#define REPLY_H

#include <stdbool.h>

#include "command.h"
#include "display.h"
#include "sexp.h"

struct reply
{
  struct sexp_tree *tree;
  const struct sexp *result;
  const struct sexp *error;	/* NULL if there is none */
  const struct sexp *messages;
};

enum reply_outcome
{
  REPLY_THERE,			/* a reply that tells no error */
  REPLY_END,			/* the daemon closed without a reply */
  REPLY_FAILED			/* anything else; the user was told */
};

void reply_free (struct reply *reply);

/* Send COMMAND to the daemon behind the socket FILE, wait for its reply,
   print the messages in it, and its error.  Free REPLY in any case.  */
enum reply_outcome reply_obtain (const struct display *display,
				 const char *file,
				 const struct command *command,
				 struct reply *reply);

/* Say that no reply came.  */
void reply_report_end (const struct display *display);

/* Is every element of the result true?  */
bool reply_success (const struct reply *reply);

#endif
