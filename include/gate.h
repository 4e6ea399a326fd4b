/* gate.h -- a thread that another one may stop where it does no harm.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A thread holds its gate while what it owns is not to be looked at; it
   leaves the gate while it waits.  Who seizes the gate has what the thread
   owns; the thread never runs again.  No locks, and no system call but to
   wait in.  */

#ifndef GATE_H
#define GATE_H

#include <stdbool.h>
#include <stdint.h>

struct gate			/* all zero to begin with */
{
  _Atomic unsigned int state;
};

enum gate_outcome
{
  GATE_FAILED,			/* the thread is still running */
  GATE_SEIZED,
  GATE_TAKEN			/* it is away, see gate_away */
};

/* For the thread itself.  */
void gate_enter (struct gate *gate);
void gate_leave (struct gate *gate);

bool gate_is_held (const struct gate *gate);

/* Leave and enter, if somebody wants the gate.  */
void gate_pass (struct gate *gate);

/* In between, the thread may be in a call that does not return: then the
   gate can be taken away, though it is better to wait.  */
void gate_away (struct gate *gate);
void gate_back (struct gate *gate);

/* Seize GATE before DEADLINE (monotonic, ns), or else take it away.  */
enum gate_outcome gate_seize (struct gate *gate, int64_t deadline);

#endif
