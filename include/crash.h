/* crash.h -- executing the program anew, after a crash or on purpose.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   SIGSEGV, SIGBUS, SIGILL, SIGFPE or SIGABRT in any thread: the other rooms
   save what they have, and the process executes its program again.  It stays
   the same process; see inherit.h for what the new image finds.  */

#ifndef CRASH_H
#define CRASH_H

#include "core.h"
#include "logger.h"
#include "watch.h"

/* Get ready to execute the program with ARGV and the present environment.
   Early, as the environment may change later on.  0 or -errno.  */
int crash_prepare (char **argv);

/* The file name of the program, "" if it is not known.  */
const char *crash_program (void);

/* Install the handlers; WATCH knows whose code the interpreter runs.  In the
   main thread.  0 or -errno.  */
int crash_begin (const struct watch *watch);

/* Give the handlers a stack of their own in this thread, also for when the
   usual one is used up.  Threads to come get one by themselves.  0 or
   -errno.  */
int crash_stack_open (void);

/* From now on have CORE and LOGGER save what they have.  */
void crash_set_rooms (const struct core *core, struct logger *logger);

/* After a fork of the daemon itself: this is the process to take care of.  */
void crash_change_process (void);

/* Execute what is now installed under the program's name, or else this
   program; the core has saved what it has, and the logger does so.  */
_Noreturn void crash_reexec (void);

/* Execute this program as at first: nothing is taken over.  Returns if that
   cannot be.  */
void crash_start_over (void);

#endif
