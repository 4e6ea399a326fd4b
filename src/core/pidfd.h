/* pidfd.h -- processes of others, watched by the core.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef PIDFD_H
#define PIDFD_H

#include <sys/types.h>

struct core;
struct message;

/* Take MESSAGE_WATCH_PROCESS.  */
void pidfd_watch (struct core *core, struct message *message);

/* The pidfd of PID is readable.  */
void pidfd_ready (struct core *core, pid_t pid);

/* It is time for those that no pidfd could be had of.  */
void pidfd_expire (struct core *core);

/* After a fork, in the child: the children are now somebody else's, and
   watched as such.  */
void pidfd_disown_children (struct core *core);

#endif
