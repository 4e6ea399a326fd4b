/* tick.h -- interrupting an interpreter that is busy for long.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef TICK_H
#define TICK_H

struct client;
struct core;

/* Watch the clock of the interpreter's watch, if there is one.  0 or
   -errno.  */
int tick_open (struct core *core);
void tick_close (struct core *core);

/* There is news for the interpreter: let it look up from a computation.  */
void tick_alert (struct core *core);

/* CLIENT has waited for a while to hear what the interpreter does.  If that is
   stuck, ask it to look up and tell; then answer for it.  May free CLIENT.  */
void tick_ask (struct core *core, struct client *client);

/* The clock ticked.  */
void tick_ready (struct core *core);

#endif
