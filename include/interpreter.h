/* interpreter.h -- the library that the interpreter is in.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The program itself does without Guile, so that it answers at once, also
   where Guile is missing or broken.  */

#ifndef INTERPRETER_H
#define INTERPRETER_H

#include "bridge.h"

/* Load the library: the file that the environment variable
   SHEPHERD_INTERPRETER names, or else the installed one.  What it offers, or
   NULL; REASON, of static storage, then says why.  For the main thread, once;
   reads files.  */
const struct bridge_door *interpreter_load (const char **reason);

/* `interrupt' of the library, if it is loaded by now.  From any thread; never
   blocks.  */
void interpreter_interrupt (enum interruption how);

#endif
