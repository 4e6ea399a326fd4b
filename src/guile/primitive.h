/* primitive.h -- what the primitives of (shepherd core) share.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Private to src/guile/.  A primitive has three steps: convert its
   arguments (may raise, holds nothing, or holds it in a dynwind), act
   (plain C, cannot raise), answer.  No primitive calls back into Scheme,
   and no SCM lives in malloc'ed memory, where the collector does not
   look.  */

#ifndef PRIMITIVE_H
#define PRIMITIVE_H

#include <libguile.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge.h"
#include "text.h"

struct primitive
{
  const char *name;
  int required, optional;
  scm_t_subr function;
  const char *documentation;
};

/* Each file's rows; an entry without a name ends the table.  */
extern const struct primitive events_primitives[];
extern const struct primitive write_primitives[];
extern const struct primitive publish_primitives[];
extern const struct primitive spawn_request_primitives[];
extern const struct primitive process_primitives[];
extern const struct primitive log_primitives[];
extern const struct primitive daemon_primitives[];
extern const struct primitive preempt_primitives[];
extern const struct primitive alarm_primitives[];
extern const struct primitive lasting_primitives[];

/* What files set up before their primitives run.  */
void events_initialize (void);
void write_initialize (void);
void lasting_initialize (void);

/* What bridge_run was given.  */
const struct bridge *bridge_current (void);

/* Is this the thread that calls %wait?  */
bool bridge_is_waiter (void);

/* The process that just forked is the daemon from now on, after all.  */
void bridge_attach (void);

/* Raise system-error for ERROR, an errno or its negative, in the name of
   the primitive WHO.  */
_Noreturn void primitive_raise (const char *who, int error);

/* Send MESSAGE, which may be NULL when memory ran out, to BOX on behalf of
   WHO; raise system-error on failure.  Takes MESSAGE.  The next %wait rings,
   or the core does if the interpreter is busy for long.  Waits a moment while
   far too much is in BOX.  */
void primitive_send (const char *who, struct mailbox *box,
		     struct message *message);

/* The same for what need not wake the receiver: it is rung for only if nothing
   else comes within a while.  */
void primitive_mention (const char *who, struct mailbox *box,
			struct message *message);

/* Ring for what was sent, and for what was mentioned a while ago, or if ALL, at
   any time.  Returns how many ns what is left may wait; 0: nothing is.  */
int64_t primitive_ring (bool all);

/* The number of a service's request, client or ring.  */
uint64_t primitive_id (SCM id);

/* X, a string, in UTF-8, freed when the current dynwind ends.  Raises
   wrong-type-arg, or misc-error when the text holds a NUL.  */
char *primitive_string (SCM x);

/* The same, not freed: the caller must own it before anything can raise.  */
char *primitive_owned_string (SCM x);

bool primitive_is_ascii (const char *text, size_t length);

/* TEXT, which need not be valid UTF-8.  Does not raise.  */
SCM primitive_from_text (const char *text, size_t length);

/* Begin a dynwind that frees TEXT, made empty here, at its end.  */
void write_begin (struct text *text);

/* Append what Scheme's `write' prints for X.  TEXT must be protected by a
   dynwind: raises when X is nested too deeply, takes too much room, or
   memory is out.  */
void write_text (struct text *text, SCM x);

#endif
