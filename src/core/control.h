/* control.h -- the control socket and its clients.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Whatever clients do, the next one is let in: there is a limit to their
   number, beyond which the oldest idle one goes, and some descriptors are
   held back for when the process has no more.  */

#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "message.h"
#include "table.h"

struct core;

enum { CONTROL_RESERVE = 4, CONTROL_BUFFER_SIZE = 16 * 1024 };

struct control
{
  int listen_fd;
  int64_t resume;		/* when to accept again, which now is of no use;
				   0: is not paused */
  bool starved;			/* the last accept lacked a descriptor */
  size_t limit;			/* clients at a time */
  uint64_t last_id;
  int64_t refusal_logged;	/* when a refused user was last logged */
  size_t reserve_count;
  int reserve[CONTROL_RESERVE];	/* descriptors held back */
  struct table clients;		/* of struct client, by identifier */
  TAILQ_HEAD (client_list, client) phases[CLIENT_PHASE_COUNT];	/* oldest
								   first */
  int64_t times[CLIENT_PHASE_COUNT];	/* how long a client may be in each;
					   0: for ever */
  char no_memory[512];		/* the answer when there is no memory for one */
  char buffer[CONTROL_BUFFER_SIZE];	/* where clients' bytes are read to */
};

/* Begin to listen on the socket of the options.  0 or -errno.  */
int control_open (struct core *core);

void control_free (struct core *core);

/* Accept what waits on the socket.  */
void control_ready (struct core *core);

/* Listen on LISTEN_FD, which is taken, from now on.  0 or -errno.  */
int control_replace (struct core *core, int listen_fd);

/* The client ID, or NULL if it is gone.  */
struct client *control_find (const struct core *core, uint64_t id);

/* CLIENT enters PHASE, or has made progress in it.  */
void control_enter (struct core *core, struct client *client,
		    enum client_phase phase);

/* CLIENT was closed: its descriptor may fill up the reserve.  */
void control_closed (struct core *core);

/* Take MESSAGE_REPLY or MESSAGE_CLOSE_CLIENT.  */
void control_reply (struct core *core, struct message *message);
void control_close_client (struct core *core, struct message *message);

/* When control_expire wants to be called; INT64_MAX: never.  */
int64_t control_deadline (const struct core *core);
void control_expire (struct core *core);

/* Is some reply not written yet?  */
bool control_is_writing (const struct core *core);

#endif
