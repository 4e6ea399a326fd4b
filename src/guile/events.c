/* events.c -- the one place where the interpreter waits.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   %wait waits outside Guile mode for messages from the other rooms and for
   descriptors that fibers read or write, and gives both as events.  While it
   waits, the watch says that the interpreter is idle.  */

#include <config.h>

#include <errno.h>
#include <gc/gc.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "clock.h"
#include "primitive.h"
#include "readiness.h"
#include "sexp.h"
#include "signals.h"
#include "spawn.h"

/* Told at a time, of messages and of descriptors.  */
enum { EVENTS_BATCH = 256 };

/* When nothing has happened for so many ns, memory goes back to the system, if
   so many bytes were allocated since the last collection, or set free by it.
   What one collection finds to be free may be unmapped only by the next but
   one.  */
#define EVENTS_REST INT64_C (300000000)
#define EVENTS_GARBAGE ((size_t) 512 * 1024)
enum { EVENTS_COLLECTIONS = 3 };
static size_t events_unused;	/* free bytes that could not go back last time */

/* Until then, so many free bytes stay at the end of malloc's heap: messages
   come and go there.  */
enum { EVENTS_HEAP_END = 2 * 1024 * 1024 };

/* To set that ends malloc's own choice of this: smaller blocks, such as jobs
   of the logger and replies, come from the heap, not from the system.  */
enum { EVENTS_OWN_MAPPING = 1024 * 1024 };

/* Symbols that events begin with, and others that they hold.  */
static SCM sym_command, sym_client_gone, sym_spawned, sym_spawn_failed;
static SCM sym_exited, sym_killed;
static SCM sym_signal, sym_socket_deleted, sym_log_history, sym_log_answer;
static SCM sym_readable, sym_writable, sym_hung_up;
static SCM sym_steps[SPAWN_STEP_COUNT];

static struct readiness readiness = { .epoll_fd = -1 };

static SCM
events_symbol (const char *name)
{
  return scm_gc_protect_object (scm_from_utf8_symbol (name));
}

void
events_initialize (void)
{
  int rc;

  sym_command = events_symbol ("command");
  sym_client_gone = events_symbol ("client-gone");
  sym_spawned = events_symbol ("spawned");
  sym_spawn_failed = events_symbol ("spawn-failed");
  sym_exited = events_symbol ("exited");
  sym_killed = events_symbol ("killed");
  sym_signal = events_symbol ("signal");
  sym_socket_deleted = events_symbol ("socket-deleted");
  sym_log_history = events_symbol ("log-history");
  sym_log_answer = events_symbol ("log-answer");
  sym_readable = events_symbol ("readable");
  sym_writable = events_symbol ("writable");
  sym_hung_up = events_symbol ("hung-up");
  for (int i = 0; i < SPAWN_STEP_COUNT; i++)
    sym_steps[i] = events_symbol (spawn_step_name (i));
  mallopt (M_TRIM_THRESHOLD, EVENTS_HEAP_END);
  mallopt (M_MMAP_THRESHOLD, EVENTS_OWN_MAPPING);
  rc = readiness_open (&readiness, bridge_current ()->inbox->bell);
  if (rc < 0)
    primitive_raise ("%wait", rc);
}

/* Is X made of what events_from_sexp understands?  */
static bool
events_is_plain (const struct sexp *x)
{
  for (; sexp_is (x, SEXP_PAIR); x = sexp_cdr (x))
    if (!events_is_plain (sexp_car (x)))
      return false;
  return (x->kind == SEXP_NIL || x->kind == SEXP_STRING
	  || x->kind == SEXP_BOOLEAN
	  || ((x->kind == SEXP_NUMBER || x->kind == SEXP_SYMBOL) && x->exact));
}

/* X, made of pairs, lists, strings, booleans, integers and plain symbols.  */
static SCM
events_from_sexp (const struct sexp *x)
{
  SCM result = SCM_EOL, last = SCM_EOL;

  switch (x->kind)
    {
    case SEXP_NUMBER:
      return scm_from_int64 (sexp_integer (x, 0));
    case SEXP_BOOLEAN:
      return scm_from_bool (x->integer);
    case SEXP_SYMBOL:
      return scm_from_utf8_symboln (x->text, x->length);
    case SEXP_STRING:
      return primitive_from_text (x->text, x->length);
    case SEXP_PAIR:
      for (; sexp_is (x, SEXP_PAIR); x = sexp_cdr (x))
	{
	  SCM pair = scm_cons (events_from_sexp (sexp_car (x)), SCM_EOL);

	  if (scm_is_null (last))
	    result = pair;
	  else
	    scm_set_cdr_x (last, pair);
	  last = pair;
	}
      if (!sexp_is (x, SEXP_NIL))
	scm_set_cdr_x (last, events_from_sexp (x));
      return result;
    default:
      return SCM_EOL;
    }
}

/* The datum that MESSAGE is the text of, or OTHERWISE if it is not plain.  */
static SCM
events_datum (const struct text_message *message, SCM otherwise)
{
  struct sexp_tree *tree;
  SCM result = otherwise;

  if (sexp_parse (message->text, message->length, &tree) == 0)
    {
      if (events_is_plain (sexp_root (tree)))
	result = events_from_sexp (sexp_root (tree));
      sexp_free (tree);
    }
  return result;
}

/* The command in MESSAGE, or its text, for Guile's reader, which takes longer,
   but understands it in any case.  */
static SCM
events_command (const struct text_message *message)
{
  SCM datum = events_datum (message, SCM_BOOL_F);

  return scm_is_true (datum) ? datum
    : primitive_from_text (message->text, message->length);
}

static SCM
events_step (int64_t step)
{
  return sym_steps[step >= 0 && step < SPAWN_STEP_COUNT ? step : SPAWN_NONE];
}

/* The event that MESSAGE stands for, or #f.  */
static SCM
events_from_message (const struct message *message)
{
  const struct number_message *number
    = (const struct number_message *) message;
  const struct text_message *text = (const struct text_message *) message;

  switch (message->kind)
    {
    case MESSAGE_COMMAND:
      return scm_list_4 (sym_command, scm_from_uint64 (text->id),
			 scm_from_int64 (text->number),
			 events_command (text));
    case MESSAGE_CLIENT_GONE:
      return scm_list_2 (sym_client_gone, scm_from_uint64 (number->id));
    case MESSAGE_SPAWNED:
      return scm_list_3 (sym_spawned, scm_from_uint64 (number->id),
			 scm_from_int64 (number->a));
    case MESSAGE_SPAWN_FAILED:
      return scm_list_4 (sym_spawn_failed, scm_from_uint64 (number->id),
			 events_step (number->a), scm_from_int64 (number->b));
    case MESSAGE_EXITED:
      return scm_list_3 (sym_exited, scm_from_int64 (number->a),
			 scm_from_int64 (number->b));
    case MESSAGE_KILLED:
      return scm_list_3 (sym_killed, scm_from_uint64 (number->id),
			 scm_from_int64 (number->a));
    case MESSAGE_SIGNAL:
      signals_refill ();
      return scm_list_2 (sym_signal, scm_from_int64 (number->a));
    case MESSAGE_SOCKET_DELETED:
      return scm_list_1 (sym_socket_deleted);
    case MESSAGE_LOG_HISTORY:
      return scm_list_3 (sym_log_history, scm_from_uint64 (text->id),
			 events_datum (text, SCM_EOL));
    case MESSAGE_LOG_ANSWER:
      return scm_list_3 (sym_log_answer, scm_from_uint64 (number->id),
			 scm_from_int64 (number->a));
    default:
      return SCM_BOOL_F;
    }
}

/* Put the next messages of BOX before REST.  */
static SCM
events_receive (struct mailbox *box, SCM rest)
{
  SCM events = SCM_EOL;
  int count = 0;

  mailbox_look (box);
  for (const struct message *message = box->taken;
       message != NULL && count < EVENTS_BATCH; message = message->next)
    {
      SCM event = events_from_message (message);

      if (scm_is_true (event))
	events = scm_cons (event, events);
      count++;
    }
  /* They stay until there was memory for all these events.  */
  while (count-- > 0)
    message_free (mailbox_next (box));
  return scm_reverse_x (events, rest);
}

struct events_wait
{
  int64_t timeout;		/* ns; -1: for ever */
  int count;			/* or -errno */
  struct epoll_event events[EVENTS_BATCH];
};

/* Outside Guile mode, unless the timeout is zero.  */
static void *
events_wait (void *closure)
{
  struct events_wait *wait = closure;

  wait->count = readiness_wait (&readiness, wait->events, EVENTS_BATCH,
				wait->timeout);
  return NULL;
}

/* Give memory back, unless events come first.  */
static void
events_tidy (struct events_wait *wait)
{
  wait->timeout = EVENTS_REST;
  scm_without_guile (events_wait, wait);
  if (wait->count != 0)
    return;
  wait->timeout = 0;
  for (int i = 0; i < EVENTS_COLLECTIONS && wait->count == 0; i++)
    {
      GC_gcollect_and_unmap ();
      scm_without_guile (events_wait, wait);
    }
  malloc_trim (0);
  if (wait->count == 0)
    events_unused = GC_get_free_bytes ();
}

/* Bytes of the heap that might go back, more or less.  */
static size_t
events_garbage (void)
{
  size_t unused = GC_get_free_bytes ();

  return GC_get_bytes_since_gc ()
    + (unused > events_unused ? unused - events_unused : 0);
}

/* Wait, and ring for what was mentioned after PATIENCE, if that is not 0.  */
static void
events_wait_long (struct events_wait *wait, int64_t patience)
{
  int64_t timeout = wait->timeout;

  if (patience > 0 && (timeout < 0 || timeout > patience))
    {
      wait->timeout = patience;
      scm_without_guile (events_wait, wait);
      if (wait->count != 0)
	return;
      primitive_ring (true);
      timeout = timeout < 0 ? timeout : timeout - patience;
    }
  if ((timeout < 0 || timeout > EVENTS_REST)
      && events_garbage () >= EVENTS_GARBAGE)
    {
      events_tidy (wait);
      timeout = timeout < 0 ? timeout : timeout - EVENTS_REST;
    }
  if (wait->count == 0)
    {
      wait->timeout = timeout;
      scm_without_guile (events_wait, wait);
    }
}

static SCM
prim_wait (SCM ns)
{
  const struct bridge *bridge = bridge_current ();
  struct events_wait wait = { .timeout = scm_to_int64 (ns) };
  SCM events = SCM_EOL;
  int64_t patience;

  /* No thread does it for us: see bridge_run.  */
  if (GC_should_invoke_finalizers ())
    scm_run_finalizers ();
  patience = primitive_ring (false);
  if (wait.timeout == 0 || mailbox_look (bridge->inbox))
    {
      wait.timeout = 0;
      events_wait (&wait);
    }
  else
    {
      watch_leave (bridge->watch);
      events_wait_long (&wait, patience);
      watch_enter (bridge->watch);
    }
  if (wait.count < 0 && wait.count != -EINTR)
    primitive_raise ("%wait", wait.count);

  for (int i = 0; i < wait.count; i++)
    {
      struct readiness_event ready
	= readiness_take (&readiness, &wait.events[i]);
      SCM fd = scm_from_int (ready.fd);

      if (ready.granted & EPOLLHUP)
	events = scm_cons (scm_list_2 (sym_hung_up, fd), events);
      if (ready.granted & EPOLLOUT)
	events = scm_cons (scm_list_2 (sym_writable, fd), events);
      if (ready.granted & EPOLLIN)
	events = scm_cons (scm_list_2 (sym_readable, fd), events);
    }
  return events_receive (bridge->inbox, events);
}

static SCM
prim_watch_fd (SCM fd, SCM event)
{
  int rc = readiness_watch (&readiness, scm_to_int (fd),
			    scm_is_eq (event, sym_readable) ? EPOLLIN
			    : scm_is_eq (event, sym_writable) ? EPOLLOUT
			    : EPOLLHUP);

  if (rc < 0)
    primitive_raise ("%watch-fd", rc);
  return SCM_UNSPECIFIED;
}

static SCM
prim_forget_fd (SCM fd)
{
  readiness_forget (&readiness, scm_to_int (fd));
  return SCM_UNSPECIFIED;
}

static SCM
prim_now (void)
{
  return scm_from_int64 (clock_now ());
}

const struct primitive events_primitives[] =
{
  { "%wait", 1, 0, prim_wait,
    "Wait for at most @var{ns} nanoseconds, for ever if negative, and return\n"
    "the list of events that happened." },
  { "%watch-fd", 2, 0, prim_watch_fd,
    "Have @code{%wait} tell once when @var{fd} is @code{readable},\n"
    "@code{writable} or @code{hung-up}, whichever @var{event} is.  Raise\n"
    "@code{system-error}." },
  { "%forget-fd", 1, 0, prim_forget_fd,
    "Undo @code{%watch-fd} for @var{fd}." },
  { "%now", 0, 0, prim_now,
    "Return the time in nanoseconds of a clock that is never set." },
  { NULL, 0, 0, NULL, NULL }
};
