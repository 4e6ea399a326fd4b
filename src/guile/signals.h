/* signals.h -- signals in the thread that runs the interpreter.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   All signals are blocked and read by the core, but for one that interrupts
   system calls and the two that libgc stops and restarts threads with, if
   there are several that it knows: user code may create some.  Handlers of
   ours surround libgc's.  */

#ifndef SIGNALS_H
#define SIGNALS_H

#include "mailbox.h"

/* Install the handlers.  Once libgc has installed its own; MESSAGE_SIGNAL
   will go to INBOX.  */
void signals_initialize (struct mailbox *inbox);

/* Have a message at hand for each signal, as one may have been used.  */
void signals_refill (void);

#endif
