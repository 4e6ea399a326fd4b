/* machine.h -- the last steps of PID 1.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef MACHINE_H
#define MACHINE_H

#include "message.h"

/* Save the disks and end the machine, or the container, in the way HOW.
   For PID 1 only: does nothing but exit otherwise.  The one place of the
   core that may block, within limits: nothing else is left to do.  */
_Noreturn void machine_end (enum shutdown_how how);

#endif
