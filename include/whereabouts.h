/* whereabouts.h -- what a thread does, as the system sees it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef WHEREABOUTS_H
#define WHEREABOUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Write to TEXT, of SIZE bytes, what thread TID of this process does, from
   /proc: that it computes, or in which system call it waits, on which file.
   Does not wait for it.  */
void whereabouts_of_thread (pid_t tid, char *text, size_t size);

/* Does that thread compute, rather than wait in a system call?  False, too, if
   that is not known.  */
bool whereabouts_computes (pid_t tid);

#endif
