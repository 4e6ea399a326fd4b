/* thread.c -- starting and ending the rooms' threads.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

/* Sanitizers need more than what is enough otherwise.  */
#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
# define THREAD_STACK_SIZE ((size_t) 1024 * 1024)
#else
# define THREAD_STACK_SIZE ((size_t) 128 * 1024)
#endif

void
thread_fill_signals (sigset_t *set)
{
  static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
  sigfillset (set);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
    sigdelset (set, faults[i]);
}

void
thread_forget_signals (void)
{
  /* Ignoring a signal takes back those that wait.  */
  signal (THREAD_SUSPEND, SIG_IGN);
  signal (THREAD_RESTART, SIG_IGN);
  signal (THREAD_BREAK, SIG_IGN);
}

void
thread_block_signals (void)
{
  sigset_t signals, own;

  /* Those that mean a crash stay as they are, blocked until there are
     handlers in a new image.  */
  thread_fill_signals (&signals);
  sigemptyset (&own);
  sigaddset (&own, THREAD_SUSPEND);
  sigaddset (&own, THREAD_RESTART);
  sigaddset (&own, THREAD_BREAK);
  pthread_sigmask (SIG_BLOCK, &signals, NULL);
  pthread_sigmask (SIG_UNBLOCK, &own, NULL);
}

struct thread_begin
{
  const char *name;
  void *(*function) (void *);
  void *argument;
};

static void *
thread_main (void *argument)
{
  struct thread_begin begin = *(struct thread_begin *) argument;
  free (argument);
  /* Another thread would have to write to a file for that.  */
  prctl (PR_SET_NAME, begin.name, 0L, 0L, 0L);
  return begin.function (begin.argument);
}

int
thread_start (pthread_t *thread, const char *name, void *(*function) (void *),
	      void *argument)
{
  pthread_attr_t attributes;
  sigset_t all, before;
  struct thread_begin *begin = malloc (sizeof *begin);
  if (begin == NULL)
    return -ENOMEM;
  *begin = (struct thread_begin) { name, function, argument };
  int error = pthread_attr_init (&attributes);
  if (error != 0)
    {
      free (begin);
      return -error;
    }
  pthread_attr_setstacksize (&attributes, THREAD_STACK_SIZE);
  thread_fill_signals (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  error = pthread_create (thread, &attributes, thread_main, begin);
  if (error != 0)
    free (begin);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  pthread_attr_destroy (&attributes);
  return -error;
}

void
thread_park (struct mailbox *box)
{
  while (mailbox_send (box, message_number (MESSAGE_PARK, 0, 0, 0))
	 == -ENOMEM)
    sched_yield ();
}
