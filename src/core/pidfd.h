/* pidfd.h -- processes of others, watched by the core.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef PIDFD_H
#define PIDFD_H

#include <stdint.h>
#include <sys/types.h>

#include "message.h"

struct core;

/* Take MESSAGE_WATCH_PROCESS.  */
void pidfd_watch (struct core *core, struct number_message *message);

/* The pidfd of PID is readable.  */
void pidfd_ready (struct core *core, pid_t pid);

/* When pidfd_expire wants to be called; 0: never.  */
int64_t pidfd_deadline (const struct core *core);
void pidfd_expire (struct core *core);

/* After a fork, in the child: the children are now somebody else's, and
   watched as such.  */
void pidfd_disown_children (struct core *core);

#endif
