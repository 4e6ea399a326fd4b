/* thread.h -- starting and ending the rooms' threads.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef THREAD_H
#define THREAD_H

#include <pthread.h>
#include <signal.h>

#include "mailbox.h"

/* Signals that the interpreter's thread lets through: two that libgc stops and
   starts threads with, its own choice, SIGPWR and SIGXCPU, having a meaning
   for an init; and one that ends a system call in which the interpreter waits
   for too long.  */
#define THREAD_SUSPEND (SIGRTMIN + 5)
#define THREAD_RESTART (SIGRTMIN + 6)
#define THREAD_BREAK (SIGRTMIN + 7)

/* Forget those of these signals that an earlier image was sent in its last
   moments: without a handler, they would end this one.  */
void thread_forget_signals (void);

/* Block every signal in the calling thread but those above.  For the thread
   that will run the interpreter, and no other.  */
void thread_block_signals (void);

/* Make SET all signals but those that tell of a fault in the thread itself:
   blocked, these would end the process.  */
void thread_fill_signals (sigset_t *set);

/* Start FUNCTION with a small stack and these signals blocked; NAME, which
   is not copied, is what ps and debuggers show.  0 or -errno.  */
int thread_start (pthread_t *thread, const char *name,
		  void *(*function) (void *), void *argument);

/* Send MESSAGE_PARK to BOX; waits for memory.  */
void thread_park (struct mailbox *box);

#endif
