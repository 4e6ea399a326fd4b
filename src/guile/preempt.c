/* preempt.c -- interrupting the interpreter, and what it may use.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Guile runs a thread's `asyncs' where it can do so safely: at each call and
   each turn of a loop, and where a system call was interrupted.  A thunk of
   (shepherd preemption) becomes one of them when the core says so.  The core
   is no thread of Guile's, so it cannot make the list that Guile expects; it
   is made beforehand, and putting it in place is one atomic exchange.  That
   does not cut short a system call that waits, such as a sleep; a signal,
   sent once patience is over, does.  */

#include <config.h>

/* For the collector's view of threads, but not its pthread_create.  */
#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS

#include <gc/gc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "preempt.h"
#include "primitive.h"
#include "signals.h"

static _Atomic (struct scm_thread *) preempt_thread;
static pthread_t preempt_pthread;

/* What Guile is given: a list of one thunk, which it does not change.  */
static SCM preempt_asyncs;

static void
preempt_ignore (int signum)
{
  (void) signum;
}

void
preempt_begin (void)
{
  struct sigaction action = { .sa_handler = preempt_ignore };

  sigemptyset (&action.sa_mask);
  sigaction (SIGNALS_BREAK, &action, NULL);
  preempt_pthread = pthread_self ();
}

void
preempt_end (void)
{
  atomic_store (&preempt_thread, NULL);
}

void
bridge_interrupt (bool waiting)
{
  struct scm_thread *thread = atomic_load (&preempt_thread);
  SCM none = SCM_EOL;

  if (thread == NULL)
    return;
  /* If one is pending already, that will do.  */
  __atomic_compare_exchange_n (&thread->pending_asyncs, &none,
			       preempt_asyncs, false, __ATOMIC_SEQ_CST,
			       __ATOMIC_SEQ_CST);
  if (waiting)
    pthread_kill (preempt_pthread, SIGNALS_BREAK);
}

static SCM
prim_preempt_with (SCM thunk)
{
  struct watch *watch = bridge_current ()->watch;

  SCM_ASSERT_TYPE (scm_is_true (scm_thunk_p (thunk)), thunk, 1,
		   "%preempt-with", "thunk");
  preempt_asyncs = scm_gc_protect_object (scm_list_1 (thunk));
  atomic_store (&preempt_thread, SCM_I_THREAD_DATA (scm_current_thread ()));
  return scm_pointer_to_bytevector (scm_from_pointer (&watch->meter, NULL),
				    scm_from_size_t (sizeof watch->meter),
				    SCM_UNDEFINED, SCM_UNDEFINED);
}

static SCM
prim_set_run_limit (SCM ns)
{
  watch_set_limit (bridge_current ()->watch,
		   scm_to_signed_integer (ns, 0, INT64_MAX));
  return SCM_UNSPECIFIED;
}

static SCM
prim_stack_size (void)
{
  const struct scm_vm *vm = &SCM_I_THREAD_DATA (scm_current_thread ())->vm;

  return scm_from_size_t ((size_t) ((char *) vm->stack_top
				    - (char *) vm->sp));
}

static SCM
prim_heap_size (void)
{
  return scm_from_size_t (GC_get_memory_use ());
}

static SCM
prim_allocated (void)
{
  return scm_from_size_t (GC_get_total_bytes ());
}

static SCM
prim_memory_size (void)
{
  return scm_product (scm_from_long (sysconf (_SC_PHYS_PAGES)),
		      scm_from_long (sysconf (_SC_PAGESIZE)));
}

static SCM
prim_collect (SCM unmap_p)
{
  if (scm_is_true (unmap_p))
    GC_gcollect_and_unmap ();
  else
    GC_gcollect ();
  return SCM_UNSPECIFIED;
}

static SCM
prim_set_heap_limit (SCM bytes)
{
  GC_set_max_heap_size (scm_to_size_t (bytes));
  return SCM_UNSPECIFIED;
}

const struct primitive preempt_primitives[] =
{
  { "%preempt-with", 1, 0, prim_preempt_with,
    "Have @var{thunk} called as an async when a fiber has run for long.\n"
    "Return the bytevector whose first number counts the fibers' runs." },
  { "%set-run-limit", 1, 0, prim_set_run_limit,
    "A run without a pause of more than @var{ns} nanoseconds is overdue: it\n"
    "is then the second number of that bytevector, its duration the third.\n"
    "Zero: never." },
  { "%stack-size", 0, 0, prim_stack_size,
    "Return how many bytes of stack Scheme code occupies." },
  { "%heap-size", 0, 0, prim_heap_size,
    "Return how many bytes of the heap are in use, or were when last looked\n"
    "at." },
  { "%allocated", 0, 0, prim_allocated,
    "Return how many bytes were ever allocated." },
  { "%memory-size", 0, 0, prim_memory_size,
    "Return how many bytes of memory the machine has." },
  { "%collect", 1, 0, prim_collect,
    "Collect garbage; give the memory back to the system if @var{unmap?} is\n"
    "true." },
  { "%set-heap-limit", 1, 0, prim_set_heap_limit,
    "Have allocations fail that would make the heap larger than\n"
    "@var{bytes}." },
  { NULL, 0, 0, NULL, NULL }
};
