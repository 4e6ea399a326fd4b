/* spawner.c -- the threads that start processes.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#ifdef __SANITIZE_THREAD__
/* ThreadSanitizer's clone takes every child for a fork.  */
# define clone __clone
#endif

#include "spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "child.h"
#include "inherit.h"
#include "thread.h"

/* Open the pipe for the output of PLAN's process if it needs one.  The
   process gets a blocking end, as programs expect.  0 or -errno.  */
static int
spawner_open_pipe (struct spawn_plan *plan)
{
  int ends[2];
  if (!plan->logged || plan->output_fd >= 0)
    return 0;
  if (pipe2 (ends, O_CLOEXEC) < 0)
    return -errno;
  fcntl (ends[0], F_SETFL, O_NONBLOCK);
  plan->pipe_fd = ends[0];
  plan->output_fd = ends[1];
  return 0;
}

static size_t
strings_count (char *const *strings)
{
  size_t count = 0;
  while (strings[count] != NULL)
    count++;
  return count;
}

/* Note that STEP failed with ERROR.  */
static void
spawner_fail (struct spawn_plan *plan, enum spawn_step step, int error)
{
  plan->step = step;
  plan->error = error;
}

/* Collect what CHILD will have, at low numbers, LOWS, where possible.  A set of
   bits: which of LOWS it took.  */
static unsigned int
spawner_set_sources (const struct spawner *spawner, struct child *child,
		     const int *lows)
{
  const struct spawn_plan *plan = child->plan;
  size_t count = 3 + plan->extra_count;
  int *sources = child->sources;
  bool low = lows != NULL && count <= SPAWNER_LOWS;
  unsigned int used = 0;
  sources[0] = plan->input_fd;
  sources[1] = plan->output_fd;
  sources[2] = -1;		/* the child makes it the one before */
  for (size_t i = 3; i < count; i++)
    sources[i] = plan->extra_fds[i - 3];
  for (size_t i = 0; low && i < count; i++)
    if (sources[i] >= 0)
      {
	low = dup3 (sources[i], lows[i], O_CLOEXEC) >= 0;
	sources[i] = low ? lows[i] : sources[i];
	used |= (unsigned int) low << i;
      }
  child->table_end = low ? spawner->lows_end : 0;
  return used;
}

/* Let go of what is at those of LOWS that were USED.  */
static void
spawner_clear_lows (const struct spawner *spawner, const int *lows,
		    unsigned int used)
{
  for (size_t i = 0; used >> i != 0; i++)
    if (used >> i & 1)
      dup3 (spawner->to_core->bell, lows[i], O_CLOEXEC);
}

/* Let a successor know of PLAN.  0, -EAGAIN if others have to land first, or
   -errno.  */
static int
spawner_take_off (struct spawn_plan *plan)
{
  struct inherit_flight *flight;
  int result = inherit_take_off (plan, &flight);
  if (result == 0)
    {
      plan->flight = flight;
      inherit_keep (plan->pipe_fd, INHERIT_PIPE);
    }
  return result;
}

/* Give birth to CHILD and wait for its exec.  */
static void
spawner_clone (struct child *child, void *stack)
{
  struct spawn_plan *plan = child->plan;
  struct inherit_flight *flight = plan->flight;
  /* The kernel stores the pid before the child runs, so that the core can
     attribute an exit that it reaps before we are back, and a new image a
     child that it did not know.  */
  pid_t pid = clone (child_run, (char *) stack + SPAWNER_STACK_SIZE,
		     CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | SIGCHLD
		     | (child->table_end > 0 ? CLONE_FILES : 0),
		     child, (pid_t *) (flight != NULL ? &flight->pid
				       : &plan->pid));
  if (pid < 0)
    spawner_fail (plan, SPAWN_CLONE, errno);
  else
    plan->pid = pid;
}

bool
spawner_run (const struct spawner *spawner, struct spawn_plan *plan,
	     const int *lows, void *stack)
{
  struct child child = {
    .plan = plan, .descriptors = spawner->descriptors,
    .sources = calloc (3 + plan->extra_count, sizeof *child.sources),
    .shell_argv = calloc (strings_count (plan->argv) + 3,
			  sizeof *child.shell_argv)
  };
  bool done = true;
  int result = spawner_open_pipe (plan);
  plan->step = SPAWN_NONE;
  if (child.sources == NULL || child.shell_argv == NULL)
    spawner_fail (plan, SPAWN_MEMORY, ENOMEM);
  else if (result < 0)
    spawner_fail (plan, SPAWN_PIPE, -result);
  else if ((result = spawner_take_off (plan)) == -EAGAIN)
    done = false;
  else if (result < 0)
    spawner_fail (plan, SPAWN_MEMORY, -result);
  else
    {
      unsigned int used = spawner_set_sources (spawner, &child, lows);
      spawner_clone (&child, stack);
      spawner_clear_lows (spawner, lows, used);
    }
  free (child.sources);
  free (child.shell_argv);
  return done;
}

int
spawner_post (struct spawner *spawner, struct message *message)
{
  int result = mailbox_post (&spawner->inbox, message);
  if (result == 0)
    sem_post (&spawner->messages);
  return result;
}

/* Wait for a message.  */
static struct message *
spawner_next (struct spawner *spawner)
{
  while (sem_wait (&spawner->messages) < 0)
    continue;
  pthread_mutex_lock (&spawner->receiver);
  mailbox_look (&spawner->inbox);
  struct message *message = mailbox_next (&spawner->inbox);
  pthread_mutex_unlock (&spawner->receiver);
  return message;
}

static void *
spawner_main (void *argument)
{
  struct spawner *spawner = argument;
  /* The child's, while we wait: it needs a few hundred bytes.  */
  char stack[SPAWNER_STACK_SIZE] __attribute__ ((aligned (16)));
  size_t number = atomic_fetch_add (&spawner->claimed, 1);
  const int *lows = spawner->lows_end > 0 && number < SPAWNER_THREADS
    ? spawner->lows[number] : NULL;
  for (;;)
    {
      struct message *message = spawner_next (spawner);
      if (message->kind == MESSAGE_PARK)
	{
	  message_free (message);
	  return NULL;
	}
      if (spawner_run (spawner, ((struct spawn_message *) message)->plan, lows,
		       stack))
	message->kind = MESSAGE_SPAWN_DONE;
      else
	{
	  /* The others get the processor.  */
	  poll (NULL, 0, 1);
	  message->kind = MESSAGE_SPAWN_LATER;
	}
      mailbox_send (spawner->to_core, message);
    }
}

/* Services get the limit that we were started with; we take what we may,
   for we hold descriptors on behalf of all of them.  */
static void
spawner_raise_limit (struct spawner *spawner)
{
  if (getrlimit (RLIMIT_NOFILE, &spawner->descriptors) < 0)
    {
      spawner->descriptors.rlim_max = 0;
      return;
    }
  struct rlimit all = spawner->descriptors;
  all.rlim_cur = all.rlim_max;
  setrlimit (RLIMIT_NOFILE, &all);
}

/* Take low numbers, unless the table cannot get large anyway.  Without them,
   children are only dearer.  */
static void
spawner_reserve_lows (struct spawner *spawner)
{
  int last = -1;
  if (spawner->descriptors.rlim_max < SPAWNER_FEW)
    return;
  for (size_t i = 0; i < SPAWNER_THREADS * SPAWNER_LOWS; i++)
    {
      int low = fcntl (spawner->to_core->bell, F_DUPFD_CLOEXEC, 3);
      if (low < 0)
	return;
      spawner->lows[i / SPAWNER_LOWS][i % SPAWNER_LOWS] = low;
      last = low > last ? low : last;
    }
  spawner->lows_end = (unsigned int) last + 1;
}

void
spawner_init (struct spawner *spawner, struct mailbox *to_core)
{
  *spawner = (struct spawner) { .to_core = to_core, .inbox = { .bell = -1 } };
  sem_init (&spawner->messages, 0, 0);
  pthread_mutex_init (&spawner->receiver, NULL);
  spawner_raise_limit (spawner);
  spawner_reserve_lows (spawner);
}

int
spawner_grow (struct spawner *spawner)
{
  if (spawner->running == SPAWNER_THREADS_MAX)
    return -EAGAIN;
  int result = thread_start (&spawner->threads[spawner->running], "spawner",
			     spawner_main, spawner);
  if (result == 0)
    spawner->running++;
  return result;
}

int
spawner_start (struct spawner *spawner)
{
  while (spawner->running < SPAWNER_THREADS)
    {
      int result = spawner_grow (spawner);
      if (result < 0)
	{
	  spawner_park (spawner);
	  return result;
	}
    }
  return 0;
}

void
spawner_park (struct spawner *spawner)
{
  for (size_t i = 0; i < spawner->running; i++)
    while (spawner_post (spawner, message_number (MESSAGE_PARK, 0, 0, 0)) < 0)
      sched_yield ();
  for (size_t i = 0; i < spawner->running; i++)
    pthread_join (spawner->threads[i], NULL);
  spawner->running = 0;
  atomic_store (&spawner->claimed, 0);
}

void
spawner_free (struct spawner *spawner)
{
  for (size_t i = 0; i < SPAWNER_THREADS * SPAWNER_LOWS; i++)
    if (spawner->lows[i / SPAWNER_LOWS][i % SPAWNER_LOWS] > 0)
      close (spawner->lows[i / SPAWNER_LOWS][i % SPAWNER_LOWS]);
  mailbox_close (&spawner->inbox);
}
