/* preempt.h -- interrupting the interpreter's thread.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   See `interrupt' of struct bridge_door.  */

#ifndef PREEMPT_H
#define PREEMPT_H

#include "watch.h"

/* The calling thread, in Guile mode, is the one to interrupt; there is none
   any more.  */
void preempt_begin (void);
void preempt_end (void);

void preempt_interrupt (enum interruption how);

#endif
