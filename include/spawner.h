/* spawner.h -- the threads that start processes.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A thread that clones waits until its child has reached exec: that is why
   there are threads for it beside the core, which may not wait.  They take
   MESSAGE_SPAWN from one mailbox, whoever is free first, and give it back to
   the core as MESSAGE_SPAWN_DONE with the outcome in the plan, or, while too
   many are on their way to core and logger for a successor to know of all,
   as MESSAGE_SPAWN_LATER, for another try.  Where
   children hang before their exec (a directory on a dead server, say), more
   threads take the place of those that wait for them.

   A mailbox has one receiver; these take turns at being it, under a lock that
   the core never wants.  In place of a bell there is a semaphore, which counts
   the messages: it wakes as many threads as there are some for.  */

#ifndef SPAWNER_H
#define SPAWNER_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "mailbox.h"

enum { SPAWNER_THREADS = 2, SPAWNER_THREADS_MAX = 16 };

/* Copying a table of thousands of descriptors and closing them again would
   cost each child more than all the rest.  So what a child needs is put at
   low numbers that are kept for this, and the table that it gets ends there.
   More threads or more descriptors than usual do without, and so does a
   daemon that may have only few.  */
enum { SPAWNER_LOWS = 5, SPAWNER_FEW = 512 };

struct spawner
{
  struct mailbox inbox;
  sem_t messages;		/* how many are in INBOX */
  pthread_mutex_t receiver;	/* of INBOX */
  struct mailbox *to_core;
  struct rlimit descriptors;	/* RLIMIT_NOFILE of children */
  int lows[SPAWNER_THREADS][SPAWNER_LOWS];
  unsigned int lows_end;	/* above them; 0: there are none */
  size_t running;		/* threads */
  atomic_size_t claimed;	/* how many of these have their lows */
  pthread_t threads[SPAWNER_THREADS_MAX];
};

/* Make SPAWNER, without threads yet.  */
void spawner_init (struct spawner *spawner, struct mailbox *to_core);

/* Have a thread take MESSAGE.  Never waits.  0, or -ENOMEM for NULL.  */
int spawner_post (struct spawner *spawner, struct message *message);

/* Start the threads.  0 or -errno.  */
int spawner_start (struct spawner *spawner);

/* Start one more thread.  0, -EAGAIN if there are enough, or -errno.  */
int spawner_grow (struct spawner *spawner);

/* Let the threads end when they have done what is in the mailbox, and wait
   for it.  */
void spawner_park (struct spawner *spawner);

/* Free what SPAWNER owns; the threads must be parked.  */
void spawner_free (struct spawner *spawner);

/* Carry out PLAN: waits until the exec or its failure, which PLAN then
   tells.  False: too many are under way, nothing has happened.  LOWS are the
   SPAWNER_LOWS descriptors of the calling thread, or NULL; STACK has
   SPAWNER_STACK_SIZE bytes for the child.  */
#define SPAWNER_STACK_SIZE ((size_t) 64 * 1024)
bool spawner_run (const struct spawner *spawner, struct spawn_plan *plan,
		  const int *lows, void *stack);

#endif
