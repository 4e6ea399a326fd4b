/* watch.h -- what the core may know of the interpreter without asking it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The interpreter writes, the core reads; no lock, no system call.  */

#ifndef WATCH_H
#define WATCH_H

#include <stdint.h>

#define WATCH_NAME_SIZE 64

struct watch
{
  _Atomic int64_t busy_since;	/* CLOCK_MONOTONIC, ns; 0: waits for events */
  _Atomic unsigned int sequence;	/* odd while NAME changes */
  char name[WATCH_NAME_SIZE];	/* service whose code runs; "" for none */
};

/* Interpreter only.  */
void watch_enter (struct watch *watch);		/* it woke up */
void watch_leave (struct watch *watch);		/* it is about to wait */
void watch_note (struct watch *watch, const char *name);

/* Copy the name into NAME; how long it has been busy, in ns, 0 if idle.  */
int64_t watch_read (const struct watch *watch, char name[WATCH_NAME_SIZE]);

#endif
