/* core-fixture.h -- a core with a fake interpreter and a fake logger.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The test itself plays the interpreter and the logger: it looks into their
   mailboxes.  Include after <check.h>.  */

#ifndef CORE_FIXTURE_H
#define CORE_FIXTURE_H

#include "core.h"
#include "mailbox.h"
#include "spawn.h"
#include "watch.h"

/* Longest wait for anything, in ms.  */
enum { FIXTURE_DEADLINE = 20000 };

struct fixture
{
  struct mailbox interpreter, logger;
  struct quiescence quiescence;	/* the logger's; not to begin with */
  struct watch watch;
  struct core_options options;
  struct core *core;
  char socket_file[100];
  int descriptors;		/* open before */
  bool impatient;		/* give clients a tenth of the time */
};

/* Make and start a core, listening on a socket in a new directory.  */
void fixture_start (struct fixture *fixture);

/* The same in two steps; OPTIONS may be changed between them.  */
void fixture_prepare (struct fixture *fixture);
void fixture_run (struct fixture *fixture);

/* Let the core's threads end, free it, and check that no descriptor is
   left.  */
void fixture_park (struct fixture *fixture);

/* Send MESSAGE to the core.  */
void fixture_send (struct fixture *fixture, struct message *message);
void fixture_send_number (struct fixture *fixture, enum message_kind kind,
			  uint64_t id, int64_t a, int64_t b);

/* The next message in BOX, waiting for it; the caller frees it.  */
struct message *fixture_next (struct mailbox *box);

/* The same, which must be of KIND.  */
struct number_message *fixture_expect (struct mailbox *box,
				       enum message_kind kind);
struct text_message *fixture_expect_text (struct mailbox *box,
					  enum message_kind kind);

/* Wait until the core has done all that it was sent, which leaves the
   interpreter's mailbox empty.  */
void fixture_settle (struct fixture *fixture);

/* Fork; the child goes on once the core knows that it is to tell its end.  */
pid_t fixture_fork (struct fixture *fixture);

/* The wait status of such a child, once it has ended.  */
int fixture_join (struct fixture *fixture);

/* Is BOX empty, when the core has done all that it was sent?  */
bool fixture_is_quiet (struct fixture *fixture, struct mailbox *box);

/* A plan that executes the program ARGV[0].  */
struct spawn_plan *fixture_plan (uint64_t id, const char *const *argv);

/* The same for the SCRIPT, given to /bin/sh.  */
struct spawn_plan *fixture_shell_plan (uint64_t id, const char *script);

/* Send PLAN to the core.  */
void fixture_spawn (struct fixture *fixture, struct spawn_plan *plan);

/* Connect to the control socket.  */
int fixture_connect (const struct fixture *fixture);

/* Write all of TEXT to FD.  */
void fixture_write (int fd, const char *text);

/* Read FD to its end, or what a reset connection gave before; then close
   it.  The result is malloc'ed.  */
char *fixture_read (int fd);

/* A command, and one for FD.  */
char *fixture_command (const char *action, const char *service,
		       const char *arguments);
void fixture_ask (int fd, const char *action, const char *service);

/* Publish a service under NAMES, NUL-separated and so ended.  */
void fixture_publish (struct fixture *fixture, unsigned int flags,
		      uint64_t ring, const char *names, const char *head);

/* A template for mkstemp or mkdtemp, with room for 8 more bytes in the SIZE
   of NAME.  */
void fixture_temporary (char *name, size_t size);

/* Milliseconds of a clock.  */
int64_t fixture_clock (void);

#endif
