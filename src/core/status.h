/* status.h -- answering `status' from what is published.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   No interpreter takes part, so that a status never hangs.  Recent lines
   are asked of the logger, but not waited for longer than a moment: then
   those known from the last time are shown.  */

#ifndef STATUS_H
#define STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "command.h"
#include "message.h"
#include "table.h"

struct client;
struct core;

struct status
{
  struct table rings;		/* of recent lines as last told by the logger,
				   malloc'ed strings, by ring */
  uint64_t asked, answered;	/* collections of recent lines */
};

void status_free (struct core *core);

/* Is COMMAND a `status' to be answered here?  */
bool status_is_ours (struct core *core, const struct command *command);

/* Begin to answer CLIENT, which wants the status of SERVICE; may free
   it.  */
void status_begin (struct core *core, struct client *client,
		   const char *service);

/* Reply to CLIENT as REPLY, a MESSAGE_REPLY_SERVICE that is taken, says; may
   free it.  */
void status_reply (struct core *core, struct client *client,
		   struct message *reply);

/* Answer CLIENT now; may free it.  */
void status_answer (struct core *core, struct client *client);

/* Take MESSAGE_RINGS.  */
void status_rings (struct core *core, struct message *message);

#endif
