/* rehearsal.h -- whether this program could take over from another.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Before a daemon executes a new program in its own place, it runs that as a
   child, with this word as its only argument.  The child tries to read what
   it would find, and changes nothing.  */

#ifndef REHEARSAL_H
#define REHEARSAL_H

#define REHEARSAL_OPTION "--rehearse"

/* Where the child finds what; these are copies of the daemon's.  */
enum
{
  REHEARSAL_TABLE = 3,		/* of inherit.h */
  REHEARSAL_STATE,		/* of state.h */
  REHEARSAL_LOG			/* of log-image.h */
};

/* Rehearse.  EXIT_SUCCESS, or EXIT_FAILURE after saying on standard error
   why it cannot be.  */
int rehearsal_run (void);

#endif
