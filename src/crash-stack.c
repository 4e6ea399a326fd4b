/* crash-stack.c -- room for the crash handler in every thread.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A thread that has used up its stack has none left for a handler: without
   another one, the kernel would end the process.  Threads are made by user
   code and by libraries, too, hence through this: the program's definition
   of pthread_create is the one that they get.  */

#include <config.h>

#include "crash.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#define CRASH_STACK_SIZE ((size_t) 64 * 1024)

struct crash_stack_start
{
  void *(*function) (void *);
  void *argument;
};

static pthread_key_t crash_stack_key;
static pthread_once_t crash_stack_once = PTHREAD_ONCE_INIT;

int
crash_stack_open (void)
{
  stack_t stack = { .ss_size = CRASH_STACK_SIZE };
  stack.ss_sp = mmap (NULL, CRASH_STACK_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack.ss_sp == MAP_FAILED)
    return -errno;
  if (sigaltstack (&stack, NULL) == 0)
    return 0;
  int error = errno;
  munmap (stack.ss_sp, CRASH_STACK_SIZE);
  return -error;
}

/* Sanitizers have a pthread_create, and alternate stacks, of their own.  */
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__

/* Threads end with it; the one of the main thread stays.  */
static void
crash_stack_close (void *unused)
{
  const stack_t none = { .ss_flags = SS_DISABLE };
  stack_t stack;
  (void) unused;
  if (sigaltstack (&none, &stack) == 0 && !(stack.ss_flags & SS_DISABLE))
    munmap (stack.ss_sp, stack.ss_size);
}

static void
crash_stack_make_key (void)
{
  pthread_key_create (&crash_stack_key, crash_stack_close);
}

static void *
crash_stack_main (void *argument)
{
  struct crash_stack_start start = *(struct crash_stack_start *) argument;
  free (argument);
  pthread_once (&crash_stack_once, crash_stack_make_key);
  /* Without one, it works but for an overflow.  */
  if (crash_stack_open () == 0)
    pthread_setspecific (crash_stack_key, &crash_stack_key);
  return start.function (start.argument);
}

typedef int crash_stack_create (pthread_t *, const pthread_attr_t *,
				void *(*) (void *), void *);

/* What libc calls so.  */
static crash_stack_create *
crash_stack_next (void)
{
  static crash_stack_create *next;
  if (next == NULL)
    next = (crash_stack_create *) dlsym (RTLD_NEXT, "pthread_create");
  return next;
}

__attribute__ ((visibility ("default"))) int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes,
		void *(*function) (void *), void *argument)
{
  struct crash_stack_start *start = malloc (sizeof *start);
  if (start == NULL)
    return EAGAIN;
  *start = (struct crash_stack_start) { function, argument };
  int error = crash_stack_next () (thread, attributes, crash_stack_main,
				   start);
  if (error != 0)
    free (start);
  return error;
}

#endif
