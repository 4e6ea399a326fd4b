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

#include <errno.h>
#include <gc/gc.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "inherit.h"
#include "preempt.h"
#include "primitive.h"
#include "thread.h"
#include "whereabouts.h"

static _Atomic (struct scm_thread *) preempt_thread;
static pthread_t preempt_pthread;

/* Can names of procedures be read?  */
static bool preempt_names;

static struct watch *preempt_watch;

/* What Guile is given: a list of one thunk, which it does not change.  */
static SCM preempt_asyncs;

/* Is X an object in the heap?  Anything may be asked about, at any time.  */
static bool
preempt_object_p (SCM x)
{
  void *object = (void *) SCM_UNPACK (x);

  return object != NULL && GC_base (object) == object;
}

/* The text of SYMBOL, copied to NAME; a primitive may have no name.  Guile has
   no way to get at it without allocating memory; %preempt-with finds out
   whether this one works.  */
static void
preempt_symbol_name (SCM symbol, char name[WATCH_NAME_SIZE])
{
  name[0] = '\0';
  if (!preempt_object_p (symbol) || !scm_is_symbol (symbol)
      || !preempt_object_p (SCM_CELL_OBJECT_1 (symbol)))
    return;

  SCM text = SCM_CELL_OBJECT_1 (symbol);
  size_t length = SCM_CELL_WORD_1 (text);
  if (length >= WATCH_NAME_SIZE || (SCM_CELL_WORD_0 (text) & 0x400) != 0)
    return;
  memcpy (name, SCM_CELL_OBJECT_LOC (text, 2), length);
  name[length] = '\0';
}

/* Note the procedure in C that the interpreter called last, if it is in one.
   On its own thread, in the middle of whatever that does: nothing is changed
   or allocated, and no pointer followed that the collector does not know.  */
static void
preempt_locate (int signum)
{
  struct scm_thread *thread = atomic_load (&preempt_thread);
  char name[WATCH_NAME_SIZE] = "";
  int error = errno;

  (void) signum;
  if (thread == NULL || !pthread_equal (pthread_self (), preempt_pthread))
    return;
  if (preempt_names && thread->vm.fp < thread->vm.stack_top
      && thread->vm.fp > thread->vm.stack_bottom)
    {
      SCM callee = SCM_FRAME_LOCAL (thread->vm.fp, 0);

      if (preempt_object_p (callee) && SCM_PRIMITIVE_P (callee))
	preempt_symbol_name (scm_subr_name (callee), name);
    }
  watch_note_place (preempt_watch, name);
  errno = error;
}

void
preempt_begin (void)
{
  struct sigaction action = { .sa_handler = preempt_locate };

  sigemptyset (&action.sa_mask);
  sigaction (THREAD_BREAK, &action, NULL);
  preempt_pthread = pthread_self ();
}

void
preempt_end (void)
{
  atomic_store (&preempt_thread, NULL);
}

/* Have the interpreter's thread crash, wherever it is, so that the process
   begins anew.  Once: a second signal would cut short what follows.  */
static void
preempt_give_up (void)
{
  static atomic_bool given_up;
  char name[WATCH_NAME_SIZE];

  if (atomic_exchange (&given_up, true))
    return;
  watch_read (preempt_watch, name);
  inherit_note_culprit (name);
  pthread_kill (preempt_pthread, SIGABRT);
}

void
preempt_interrupt (enum interruption how)
{
  struct scm_thread *thread = atomic_load (&preempt_thread);
  SCM none = SCM_EOL;

  if (thread == NULL)
    return;
  if (how == INTERRUPT_LOST)
    preempt_give_up ();
  /* If one is pending already, that will do.  */
  __atomic_compare_exchange_n (&thread->pending_asyncs, &none,
			       preempt_asyncs, false, __ATOMIC_SEQ_CST,
			       __ATOMIC_SEQ_CST);
  if (how == INTERRUPT_WAITING
      || (how == INTERRUPT_LOCATE && whereabouts_computes (getpid ())))
    pthread_kill (preempt_pthread, THREAD_BREAK);
}

/* The collector begins or ends.  It holds a lock: nothing is allocated.  */
static void
preempt_on_collection (GC_EventType event)
{
  if (event == GC_EVENT_START || event == GC_EVENT_END)
    watch_note_collection (preempt_watch, event == GC_EVENT_START);
}

static void
preempt_try_names (void)
{
  SCM symbol = scm_from_utf8_symbol ("open-fdes");
  SCM text = SCM_CELL_OBJECT_1 (symbol);
  char name[WATCH_NAME_SIZE];

  if (!preempt_object_p (text) || SCM_CELL_WORD_1 (text) != 9)
    return;
  preempt_symbol_name (symbol, name);
  preempt_names = strcmp (name, "open-fdes") == 0;
}

static SCM
prim_preempt_with (SCM thunk)
{
  struct watch *watch = bridge_current ()->watch;

  SCM_ASSERT_TYPE (scm_is_true (scm_thunk_p (thunk)), thunk, 1,
		   "%preempt-with", "thunk");
  preempt_watch = watch;
  GC_set_on_collection_event (preempt_on_collection);
  preempt_try_names ();
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
prim_set_last_limit (SCM ns)
{
  watch_set_last_limit (bridge_current ()->watch,
			scm_to_signed_integer (ns, 0, INT64_MAX));
  return SCM_UNSPECIFIED;
}

static SCM
prim_take_culprit (void)
{
  char name[256];

  inherit_culprit (name, sizeof name);
  inherit_note_culprit ("");
  return name[0] == '\0' ? SCM_BOOL_F
    : primitive_from_text (name, strlen (name));
}

static SCM
prim_run_place (void)
{
  char place[WATCH_NAME_SIZE];

  watch_read_place (bridge_current ()->watch, place);
  return place[0] == '\0' ? SCM_BOOL_F : scm_from_utf8_string (place);
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
  GC_word heap, unused;

  /* GC_get_memory_use takes large objects for eight times as large.  */
  GC_get_heap_usage_safe (&heap, &unused, NULL, NULL, NULL);
  return scm_from_size_t (heap - unused);
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
    {
      GC_gcollect_and_unmap ();
      malloc_trim (0);		/* of bignums, among others */
    }
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
  { "%set-last-limit", 1, 0, prim_set_last_limit,
    "A run that heeds no interruption for @var{ns} nanoseconds has the\n"
    "process begin anew.  Zero: never." },
  { "%take-culprit", 0, 0, prim_take_culprit,
    "Return the name of the service because of which the process began\n"
    "anew, or @code{#f}; once." },
  { "%run-place", 0, 0, prim_run_place,
    "Return the name of the procedure written in C in which the core saw this\n"
    "run last, or @code{#f}." },
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
