/* core-only.h -- a daemon whose interpreter is gone.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef CORE_ONLY_H
#define CORE_ONLY_H

#include <stdbool.h>

#include "mailbox.h"

/* Stand in for the interpreter: take from INBOX what the core passes on,
   and send answers TO_CORE.  INHERITANCE, of core_inheritance or NULL, tells
   what there is.  `stop' signals the processes of a service, SIGTERM first
   and SIGKILL CORE_ONLY_GRACE seconds later; actions that end the daemon or
   the machine, INIT, and `reexec' work as well; everything else is refused.
   The core itself answers `status'.  For the main thread.  */
enum { CORE_ONLY_GRACE = 5 };
_Noreturn void core_only_run (struct mailbox *inbox, struct mailbox *to_core,
			      const char *inheritance, bool init);

#endif
