/* signals.c -- signals in the thread that runs the interpreter.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "thread.h"

/* Those that a thread lets through while libgc has stopped it.  */
static const int signals_forwarded[] = { SIGINT, SIGTERM };
enum { SIGNALS_COUNT = sizeof signals_forwarded / sizeof *signals_forwarded };

static struct mailbox *signals_inbox;
static _Atomic (struct message *) signals_spare[SIGNALS_COUNT];

/* What libgc does on its two signals.  */
static struct sigaction signals_suspend, signals_restart;

/* Pass SIGNUM on as the core would have done.  Async-signal-safe.  */
static void
signals_forward (int signum)
{
  int error = errno;

  for (int i = 0; i < SIGNALS_COUNT; i++)
    if (signals_forwarded[i] == signum)
      {
	struct message *spare = atomic_exchange (&signals_spare[i], NULL);

	/* None: the last one was not even looked at.  */
	if (spare != NULL)
	  mailbox_send (signals_inbox, spare);
      }
  errno = error;
}

/* Let libgc see only its own signals: on another's, it would wait for ever
   to be told to go on.  Async-signal-safe.  */
static void
signals_filter (int signum, siginfo_t *info, void *context)
{
  const struct sigaction *action = signum == THREAD_SUSPEND
    ? &signals_suspend : &signals_restart;

  if (info->si_code != SI_TKILL || info->si_pid != getpid ())
    return;
  if (action->sa_flags & SA_SIGINFO)
    action->sa_sigaction (signum, info, context);
  else
    action->sa_handler (signum);
}

/* Put the filter around the handler of SIGNUM, kept in INNER.  */
static void
signals_surround (int signum, struct sigaction *inner)
{
  struct sigaction outer;

  if (sigaction (signum, NULL, inner) < 0 || inner->sa_handler == SIG_DFL
      || inner->sa_handler == SIG_IGN)
    return;
  outer = *inner;
  outer.sa_flags |= SA_SIGINFO;
  outer.sa_sigaction = signals_filter;
  sigaction (signum, &outer, NULL);
}

void
signals_refill (void)
{
  for (int i = 0; i < SIGNALS_COUNT; i++)
    if (atomic_load (&signals_spare[i]) == NULL)
      atomic_store (&signals_spare[i],
		    message_number (MESSAGE_SIGNAL, 0, signals_forwarded[i],
				    0));
}

void
signals_initialize (struct mailbox *inbox)
{
  struct sigaction forward = { .sa_handler = signals_forward,
			       .sa_flags = SA_RESTART };

  sigfillset (&forward.sa_mask);
  signals_inbox = inbox;
  signals_refill ();
  for (int i = 0; i < SIGNALS_COUNT; i++)
    sigaction (signals_forwarded[i], &forward, NULL);
  signals_surround (THREAD_SUSPEND, &signals_suspend);
  signals_surround (THREAD_RESTART, &signals_restart);
}
