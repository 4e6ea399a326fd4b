/* heir.h -- taking over from an earlier image of the process.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef HEIR_H
#define HEIR_H

struct core;

/* Open the state: the earlier image's, or a new one.  0 or -errno.  */
int heir_open_state (struct core *core);

/* Take over processes, clients and what was under way.  */
void heir_take_over (struct core *core);

/* Make everything ready for an image to come: messages taken, spawns landed,
   as far as that goes in a moment.  */
void heir_save (struct core *core);

#endif
