/* daemonize.h -- going to the background.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef DAEMONIZE_H
#define DAEMONIZE_H

#include <sys/types.h>

#include "core.h"
#include "logger.h"

/* Start the threads of both rooms, all signals blocked in them, as they
   then are in the caller.  0 or -errno.  */
int daemonize_start_threads (struct core *core, struct logger *logger);

/* Go on in a child, in a session of its own, with the threads of both rooms
   running there; the parent exits with status 0 once they do.  Returns in
   the child its pid, or in the parent -errno, the threads running again.
   Blocks for the threads to end and begin.  All signals stay blocked in the
   caller.  */
pid_t daemonize (struct core *core, struct logger *logger);

#endif
