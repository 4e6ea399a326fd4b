/* gate.c -- a thread that another one may stop where it does no harm.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "gate.h"

#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

#include "clock.h"

enum
{
  GATE_HELD = 1,
  GATE_AWAY = 2,
  GATE_WANTED = 4,
  GATE_LOST = 8			/* taken away */
};

/* After the deadline, time for a thread that is not away to get there.  */
#define GATE_GRACE (200 * CLOCK_MILLISECOND)

static _Noreturn void
gate_stop (void)
{
  for (;;)
    pause ();
}

void
gate_enter (struct gate *gate)
{
  unsigned int expected = 0;
  if (!atomic_compare_exchange_strong (&gate->state, &expected, GATE_HELD))
    gate_stop ();
}

void
gate_leave (struct gate *gate)
{
  atomic_fetch_and (&gate->state, ~(unsigned int) GATE_HELD);
}

bool
gate_is_held (const struct gate *gate)
{
  return atomic_load (&gate->state) & GATE_HELD;
}

void
gate_pass (struct gate *gate)
{
  if (atomic_load (&gate->state) & GATE_WANTED)
    {
      gate_leave (gate);
      gate_stop ();
    }
}

void
gate_away (struct gate *gate)
{
  atomic_fetch_or (&gate->state, GATE_AWAY);
}

void
gate_back (struct gate *gate)
{
  if (atomic_fetch_and (&gate->state, ~(unsigned int) GATE_AWAY) & GATE_LOST)
    gate_stop ();
}

enum gate_outcome
gate_seize (struct gate *gate, int64_t deadline)
{
  unsigned int state = atomic_fetch_or (&gate->state, GATE_WANTED);
  for (;; state = atomic_load (&gate->state))
    {
      int64_t now = clock_now ();
      if (!(state & GATE_HELD))
	return GATE_SEIZED;
      if (now >= deadline && (state & GATE_AWAY))
	{
	  state = GATE_HELD | GATE_AWAY | GATE_WANTED;
	  if (atomic_compare_exchange_strong (&gate->state, &state,
					      state | GATE_LOST))
	    return GATE_TAKEN;
	}
      else if (now >= deadline + GATE_GRACE)
	return GATE_FAILED;
      poll (NULL, 0, 1);
    }
}
