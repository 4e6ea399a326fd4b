/* bridge.c -- starting Guile, and entering Scheme.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

/* For the collector's view of threads, but not its pthread_create.  */
#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS

#include <errno.h>
#include <gc/gc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "i18n.h"
#include "preempt.h"
#include "primitive.h"
#include "signals.h"
#include "thread.h"

static const struct primitive *const bridge_tables[] =
{
  events_primitives,
  write_primitives,
  publish_primitives,
  spawn_request_primitives,
  process_primitives,
  log_primitives,
  daemon_primitives,
  preempt_primitives,
  alarm_primitives,
  lasting_primitives
};

/* The variable that tells Guile how much a procedure has to run before it is
   compiled to machine code.  */
#define BRIDGE_THRESHOLD "GUILE_JIT_THRESHOLD"

/* How many messages the interpreter may be ahead of a room: else code that
   prints in an endless loop would fill the memory.  */
#define BRIDGE_AHEAD 10000

/* How many ns what is only mentioned waits for the receiver to be rung for
   something else: to wake a thread costs more than most of what it is told.  */
#define BRIDGE_PATIENCE (2 * CLOCK_MILLISECOND)

static const struct bridge *bridge;
static pthread_t bridge_waiter;	/* the thread that calls %wait */

/* True in a process that user code forked: the mailboxes' other ends are the
   daemon's, and pointers mean nothing there.  */
static bool bridge_detached;

static void
bridge_detach (void)
{
  bridge_detached = true;
}

void
bridge_attach (void)
{
  bridge_detached = false;
}

const struct bridge *
bridge_current (void)
{
  if (bridge_detached)
    scm_misc_error (NULL, _("this process was forked from shepherd and cannot"
			    " act for it"), SCM_EOL);
  return bridge;
}

bool
bridge_is_waiter (void)
{
  return pthread_equal (pthread_self (), bridge_waiter);
}

/* Whom %wait is to ring for at once: the core, and the logger.  */
static bool bridge_urgent[2];

static struct mailbox *
bridge_room (bool logger)
{
  return logger ? logger_mailbox (bridge->logger)
    : core_mailbox (bridge->core);
}

void
primitive_send (const char *who, struct mailbox *box, struct message *message)
{
  primitive_mention (who, box, message);
  if (bridge_is_waiter ())
    bridge_urgent[box == bridge_room (true)] = true;
}

void
primitive_mention (const char *who, struct mailbox *box,
		   struct message *message)
{
  int rc = mailbox_post (box, message);

  if (rc < 0)
    primitive_raise (who, rc);
  if (!bridge_is_waiter ())
    mailbox_ring (box);
  while (mailbox_waiting (box) > BRIDGE_AHEAD)
    {
      mailbox_ring (box);
      poll (NULL, 0, 1);
    }
}

int64_t
primitive_ring (bool all)
{
  static int64_t since;		/* when something mentioned was first seen */
  int64_t left = 0;

  for (int i = 0; i < 2; i++)
    {
      struct mailbox *box = bridge_room (i);

      if (!mailbox_unheard (box))
	continue;
      if (!all && !bridge_urgent[i])
	{
	  int64_t now = clock_now ();

	  since = since == 0 ? now : since;
	  left = since + BRIDGE_PATIENCE - now;
	  if (left > 0)
	    continue;
	}
      mailbox_ring (box);
    }
  bridge_urgent[0] = bridge_urgent[1] = false;
  since = left > 0 ? since : 0;
  return left > 0 ? left : 0;
}

/* Define the primitives in the current module, (shepherd core).  */
static void
bridge_install (void *closure)
{
  SCM documentation = scm_from_utf8_symbol ("documentation");

  (void) closure;
  events_initialize ();
  write_initialize ();
  lasting_initialize ();
  for (size_t i = 0; i < sizeof bridge_tables / sizeof *bridge_tables; i++)
    for (const struct primitive *p = bridge_tables[i]; p->name != NULL; p++)
      {
	SCM procedure = scm_c_define_gsubr (p->name, p->required, p->optional,
					    0, p->function);

	scm_set_procedure_property_x (procedure, documentation,
				      scm_from_utf8_string (p->documentation));
      }
}

static SCM
bridge_core_variable (const char *name)
{
  return scm_c_private_lookup ("guile", name);
}

/* Have DIRECTORY searched after what the environment says and before other
   people's modules in SITE, unless it is in the list already.  */
static void
bridge_add_directory (const char *list_name, const char *directory, SCM site)
{
  SCM variable = bridge_core_variable (list_name);
  SCM ours = scm_from_locale_string (directory);
  SCM before = SCM_EOL, list = scm_variable_ref (variable);

  if (scm_is_true (scm_member (ours, list)))
    return;
  for (; scm_is_pair (list) && !scm_is_true (scm_equal_p (SCM_CAR (list),
							  site));
       list = SCM_CDR (list))
    before = scm_cons (SCM_CAR (list), before);
  scm_variable_set_x (variable,
		      scm_append (scm_list_2 (scm_reverse (before),
					      scm_cons (ours, list))));
}

/* Text is UTF-8, whatever the locale; what is not is shown as `?'.  */
static void
bridge_set_encoding (void)
{
  SCM utf8 = scm_from_utf8_string ("UTF-8");
  SCM substitute = scm_from_utf8_symbol ("substitute");
  SCM ports[] = { scm_current_input_port (), scm_current_output_port (),
		  scm_current_error_port () };

  scm_fluid_set_x (scm_variable_ref
		   (bridge_core_variable ("%default-port-encoding")), utf8);
  for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
    {
      scm_set_port_encoding_x (ports[i], utf8);
      scm_set_port_conversion_strategy_x (ports[i], substitute);
    }
}

/* Log TEXT, one or more lines.  */
static void
bridge_log (const char *text, size_t length)
{
  mailbox_send (logger_mailbox (bridge->logger),
		message_text (MESSAGE_LOG_LINE, 0, LOG_LINE_STDOUT, text,
			      length));
}

/* The modules in COMPAT bear names of others, such as (fibers), that would
   not work in here: these must not be found.  */
static void
bridge_add_directories (const char *list_name, const char *directory,
			const char *compat, SCM site)
{
  bridge_add_directory (list_name, compat, site);
  bridge_add_directory (list_name, directory, site);
}

struct bridge_entry
{
  int result;
  SCM backtrace;		/* string or #f */
  bool threshold_set;		/* by us, in the environment */
};

/* Load the modules that every daemon needs from one file, if there is one, as
   is quicker than to look for each.  */
static void
bridge_load_bundle (void)
{
  SCM path = scm_variable_ref (bridge_core_variable ("%load-compiled-path"));
  SCM file = scm_search_path (path, scm_from_utf8_string
			      ("shepherd/bundle.go"), SCM_EOL);
  SCM module = scm_current_module ();

  if (scm_is_true (file))
    scm_load_compiled_with_vm (file);
  scm_set_current_module (module);
}

/* Let Scheme know where things are.  */
static void
bridge_prepare (void)
{
  bridge_set_encoding ();
  scm_variable_set_x (bridge_core_variable ("%load-should-auto-compile"),
		      SCM_BOOL_F);
  scm_variable_set_x (bridge_core_variable ("%compile-fallback-path"),
		      SCM_BOOL_F);
  bridge_add_directories ("%load-path", SITE_DIR, COMPAT_DIR,
			  scm_sys_site_dir ());
  bridge_add_directories ("%load-compiled-path", SITE_CCACHE_DIR,
			  COMPAT_CCACHE_DIR, scm_sys_site_ccache_dir ());
}

static SCM
bridge_enter (void *closure)
{
  struct bridge_entry *entry = closure;

  signals_initialize (bridge->inbox);
  preempt_begin ();
  bridge_prepare ();
  scm_c_register_extension ("shepherd-core", "bridge_install",
			    bridge_install, NULL);
  watch_enter (bridge->watch);
  bridge_load_bundle ();
  SCM boot = scm_c_public_ref ("shepherd boot", "boot");

  GC_enable ();
  scm_call_0 (boot);
  entry->result = 0;
  return SCM_UNSPECIFIED;
}

static SCM
bridge_print_backtrace (void *closure)
{
  struct bridge_entry *entry = closure;
  SCM port = scm_open_output_string ();

  scm_display_backtrace (scm_make_stack (SCM_BOOL_T, SCM_EOL), port,
			 SCM_BOOL_F, SCM_BOOL_F);
  entry->backtrace = scm_get_output_string (port);
  return SCM_UNSPECIFIED;
}

static SCM
bridge_ignore (void *closure, SCM key, SCM arguments)
{
  (void) closure, (void) key, (void) arguments;
  return SCM_BOOL_F;
}

/* Runs where the exception was raised, while the stack is still there.  */
static SCM
bridge_before_unwinding (void *closure, SCM key, SCM arguments)
{
  (void) key, (void) arguments;
  return scm_internal_catch (SCM_BOOL_T, bridge_print_backtrace, closure,
			     bridge_ignore, NULL);
}

static SCM
bridge_print_exception (void *closure)
{
  SCM exception = *(SCM *) closure;
  SCM port = scm_open_output_string ();

  scm_print_exception (port, SCM_BOOL_F, SCM_CAR (exception),
		       SCM_CDR (exception));
  return scm_get_output_string (port);
}

/* Log STRING, or TEXT if there is none.  */
static void
bridge_log_string (SCM string, const char *text)
{
  if (scm_is_string (string))
    {
      size_t length;
      char *bytes = scm_to_utf8_stringn (string, &length);

      bridge_log (bytes, length);
      free (bytes);
    }
  else
    bridge_log (text, strlen (text));
}

static SCM
bridge_failed (void *closure, SCM key, SCM arguments)
{
  const char *intro = _("The interpreter failed:");
  struct bridge_entry *entry = closure;
  SCM exception = scm_cons (key, arguments);
  SCM text = scm_internal_catch (SCM_BOOL_T, bridge_print_exception,
				 &exception, bridge_ignore, NULL);

  bridge_log (intro, strlen (intro));
  bridge_log_string (entry->backtrace, _("(no backtrace)"));
  bridge_log_string (text, _("(an exception that cannot be printed)"));
  return SCM_BOOL_F;
}

static void *
bridge_run_in_guile (void *closure)
{
  struct bridge_entry *entry = closure;

  if (entry->threshold_set)
    unsetenv (BRIDGE_THRESHOLD);	/* lest services inherit it */
  scm_c_catch (SCM_BOOL_T, bridge_enter, entry, bridge_failed, entry,
	       bridge_before_unwinding, entry);
  return NULL;
}

static void *
bridge_rehearse_in_guile (void *closure)
{
  const char *inheritance = closure;

  bridge_prepare ();
  bridge_load_bundle ();
  return scm_is_true (scm_call_1 (scm_c_public_ref ("shepherd resume",
						    "rehearse"),
				  scm_from_utf8_string (inheritance)))
    ? closure : NULL;
}

static int
bridge_rehearse (const char *inheritance)
{
  return scm_with_guile (bridge_rehearse_in_guile, (char *) inheritance)
    ? 0 : -EPROTO;
}

static int
bridge_run (const struct bridge *what)
{
  static struct bridge_entry entry;

  bridge = what;
  bridge_waiter = pthread_self ();
  entry = (struct bridge_entry) { -EPROTO, SCM_BOOL_F, false };

  /* Threads that only wait to help would wake up for nothing; what has to
     be finalised is finalised before %wait waits.  */
  GC_set_suspend_signal (THREAD_SUSPEND);
  GC_set_thr_restart_signal (THREAD_RESTART);
  GC_set_markers_count (1);
  scm_set_automatic_finalization_enabled (0);

  /* Machine code takes time to make, and memory: hundreds of KB for what only
     runs while all begins.  The rooms do not look at the environment.  */
  if (getenv (BRIDGE_THRESHOLD) == NULL)
    entry.threshold_set = setenv (BRIDGE_THRESHOLD, "10000", 0) == 0;

  /* Nearly all that is allocated up to there is there to stay.  */
  GC_disable ();

  pthread_atfork (NULL, NULL, bridge_detach);
  thread_block_signals ();
  scm_with_guile (bridge_run_in_guile, &entry);
  preempt_end ();
  return entry.result;
}

const struct bridge_door bridge_door =
{
  .interrupt = preempt_interrupt,
  .rehearse = bridge_rehearse,
  .run = bridge_run
};
