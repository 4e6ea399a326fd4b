/* core-only.h -- an init whose interpreter is gone.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef CORE_ONLY_H
#define CORE_ONLY_H

#include "mailbox.h"

/* Stand in for the interpreter: take from INBOX what the core passes on,
   and send answers TO_CORE.  The machine can be ended, by commands and by
   signals; everything else is refused.  The core itself answers `status'.
   For the main thread.  */
_Noreturn void core_only_run (const struct mailbox *inbox,
			      const struct mailbox *to_core);

#endif
