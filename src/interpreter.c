/* interpreter.c -- the library that the interpreter is in.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "interpreter.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

static _Atomic (const struct bridge_door *) interpreter_door;

const struct bridge_door *
interpreter_load (const char **reason)
{
  const char *file = getenv ("SHEPHERD_INTERPRETER");
  const struct bridge_door *door = NULL;
  void *library;

  if (file == NULL)
    file = PKGLIBDIR "/interpreter.so";
  /* Extensions of Guile that services load expect to find its functions.  */
  library = dlopen (file, RTLD_LAZY | RTLD_GLOBAL);
  if (library != NULL)
    door = dlsym (library, BRIDGE_DOOR);
  if (door == NULL)
    *reason = dlerror ();
  atomic_store (&interpreter_door, door);
  return door;
}

void
interpreter_interrupt (enum interruption how)
{
  const struct bridge_door *door = atomic_load (&interpreter_door);

  if (door != NULL)
    door->interrupt (how);
}
