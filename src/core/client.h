/* client.h -- a connection to the control socket.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A command is read, carried out here or by the interpreter, and answered;
   then the client is closed.  */

#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "message.h"
#include "sexp.h"
#include "text.h"

struct core;

/* Those come first whose going hurts least.  */
enum client_phase
{
  CLIENT_IDLE,			/* nothing came yet */
  CLIENT_READING,		/* part of a command came */
  CLIENT_WRITING,		/* part of the reply may be written */
  CLIENT_WAITING,		/* the interpreter has the command */
  CLIENT_ASKING,		/* the same, a command that we answer if the
				   interpreter cannot */
  CLIENT_COLLECTING,		/* a service's status: recent lines are on their
				   way */
  CLIENT_PHASE_COUNT
};

/* Largest command, in bytes.  */
#define CLIENT_COMMAND_MAX ((size_t) 1024 * 1024)

struct client
{
  TAILQ_ENTRY (client) link;	/* in the list of its phase */
  enum client_phase phase;
  uint64_t id;
  int fd;
  uid_t uid;
  int64_t since;		/* when the phase was entered, or the last
				   progress in it */
  struct sexp_scanner scanner;
  struct text input;		/* what came so far, if not all at once */
  char *wanted;			/* whose status, a service as written */
  uint64_t ticket;		/* ... awaited collection of lines */
  bool urged;			/* the interpreter was asked a second time */
  /* Either, or none, owns REPLY_TEXT.  */
  struct message *reply;
  struct text built;
  const char *reply_text;
  size_t reply_length, reply_done;
};

/* Take over the connection FD of user UID.  NULL when memory is out, FD is
   closed then.  */
struct client *client_new (struct core *core, int fd, uid_t uid);

/* Close the connection and free CLIENT.  */
void client_close (struct core *core, struct client *client);

/* Something happened to CLIENT; may free it.  NULL is fine.  */
void client_ready (struct core *core, struct client *client);

/* Send REPLY, a text_message that is taken, and close; a NULL reply stands
   for one that memory did not suffice for.  May free CLIENT.  */
void client_reply (struct core *core, struct client *client,
		   struct message *reply);

/* Likewise the contents of REPLY, which is left empty.  */
void client_reply_text (struct core *core, struct client *client,
			struct text *reply);

#endif
