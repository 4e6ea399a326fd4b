/* daemon.c -- primitives that concern the daemon itself.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <fcntl.h>
#include <string.h>

#include "crash.h"
#include "daemonize.h"
#include "inherit.h"
#include "listen.h"
#include "pid-file.h"
#include "primitive.h"
#include "thread.h"

static const struct
{
  const char *name;
  enum shutdown_how how;
} daemon_ends[] =
{
  { "exit", SHUTDOWN_EXIT },
  { "reboot", SHUTDOWN_REBOOT },
  { "halt", SHUTDOWN_HALT },
  { "power-off", SHUTDOWN_POWER_OFF },
  { "kexec", SHUTDOWN_KEXEC }
};

static enum shutdown_how
daemon_end (SCM how, const char *subr)
{
  const size_t count = sizeof daemon_ends / sizeof *daemon_ends;
  size_t i = 0;

  while (i < count
	 && !scm_is_eq (how, scm_from_utf8_symbol (daemon_ends[i].name)))
    i++;
  SCM_ASSERT_TYPE (i < count, how, 1, subr,
		   "exit, reboot, halt, power-off or kexec");
  return daemon_ends[i].how;
}

static SCM
prim_shutdown_begins (SCM how, SCM seconds)
{
  enum shutdown_how end = daemon_end (how, "%shutdown-begins");
  int timeout = scm_to_signed_integer (seconds, 1, INT32_MAX);

  primitive_send ("%shutdown-begins", core_mailbox (bridge_current ()->core),
		  message_number (MESSAGE_SHUTDOWN_BEGINS, 0, end, timeout));
  return SCM_UNSPECIFIED;
}

static SCM
prim_shutdown (SCM how)
{
  const struct bridge *bridge = bridge_current ();
  enum shutdown_how end = daemon_end (how, "%shutdown");

  if (bridge->pid_file != NULL)
    pid_file_remove (bridge->pid_file);
  primitive_send ("%shutdown", core_mailbox (bridge->core),
		  message_number (MESSAGE_SHUTDOWN, 0, end, 0));
  return SCM_UNSPECIFIED;
}

static SCM
prim_note_service (SCM name)
{
  struct watch *watch = bridge_current ()->watch;

  if (scm_is_false (name))
    watch_note (watch, "");
  else
    {
      scm_dynwind_begin (0);
      watch_note (watch, primitive_string (name));
      scm_dynwind_end ();
    }
  return SCM_UNSPECIFIED;
}

static SCM
prim_daemonize (void)
{
  const struct bridge *bridge = bridge_current ();
  pid_t pid = daemonize (bridge->core, bridge->logger);

  bridge_attach ();
  thread_block_signals ();
  if (pid < 0)
    primitive_raise ("%daemonize", pid);
  if (bridge->pid_file != NULL)
    {
      int rc = pid_file_write (bridge->pid_file);

      if (rc < 0)
	primitive_raise ("%daemonize", rc);
    }
  return scm_from_int (pid);
}

/* (NAME . TEXT), or (NAME . #f), before REST.  */
static SCM
daemon_text_option (const char *name, const char *text, SCM rest)
{
  SCM value = text ? primitive_from_text (text, strlen (text)) : SCM_BOOL_F;

  return scm_acons (scm_from_utf8_symbol (name), value, rest);
}

static SCM
daemon_flag_option (const char *name, bool flag, SCM rest)
{
  return scm_acons (scm_from_utf8_symbol (name), scm_from_bool (flag), rest);
}

static SCM
prim_inheritance (void)
{
  const struct bridge *bridge = bridge_current ();
  const char *text = bridge->inheritance;

  if (text == NULL)
    return SCM_BOOL_F;
  return scm_list_2 (scm_from_utf8_symbol (bridge->reason),
		     primitive_from_text (text, strlen (text)));
}

static SCM
prim_reexec (SCM client)
{
  primitive_send ("%reexec", core_mailbox (bridge_current ()->core),
		  message_number (MESSAGE_REEXEC, scm_to_uint64 (client), 0,
				  0));
  return SCM_UNSPECIFIED;
}

static SCM
prim_program (void)
{
  const char *name = crash_program ();

  return primitive_from_text (name, strlen (name));
}

/* The core may be about to replace the state by a copy of it; then whoever
   reads this sees nonsense, and may ask again.  */
static SCM
prim_legacy (void)
{
  static const enum inherit_kind kinds[] =
    { INHERIT_TABLE, INHERIT_STATE, INHERIT_LOG_IMAGE };
  SCM result = SCM_EOL;

  for (size_t i = sizeof kinds / sizeof *kinds; i-- > 0; )
    {
      int fd = inherit_next (0, kinds[i]);

      fd = fd < 0 ? fd : fcntl (fd, F_DUPFD_CLOEXEC, 3);
      if (fd >= 0)
	result = scm_cons (scm_from_int (fd), result);
    }
  return result;
}

static SCM
prim_keep_descriptor (SCM fd, SCM keep)
{
  if (scm_is_true (keep))
    inherit_keep (scm_to_int (fd), INHERIT_VALUE);
  else
    inherit_drop (scm_to_int (fd));
  return SCM_UNSPECIFIED;
}

static SCM
prim_inherited_descriptors (void)
{
  SCM result = SCM_EOL;

  for (int fd = 3; (fd = inherit_next (fd, INHERIT_VALUE)) >= 0; fd++)
    result = scm_cons (scm_from_int (fd), result);
  return result;
}

static SCM
prim_peer_user (SCM fd)
{
  int64_t user = listen_peer (scm_to_int (fd));

  if (user < 0)
    primitive_raise ("%peer-user", user);
  return scm_from_int64 (user);
}

static SCM
prim_options (void)
{
  const struct bridge *bridge = bridge_current ();
  SCM options = daemon_flag_option ("init?", bridge->init, SCM_EOL);

  options = daemon_flag_option ("daemonized?",
				(inherit_flags () & INHERIT_DAEMONIZED) != 0,
				options);
  options = daemon_text_option ("log-file", bridge->log_file, options);
  options = daemon_flag_option ("syslog?", bridge->syslog, options);
  options = daemon_flag_option ("silent?", bridge->silent, options);
  options = daemon_text_option ("socket-file", bridge->socket_file, options);
  return daemon_text_option ("config-file", bridge->config_file, options);
}

const struct primitive daemon_primitives[] =
{
  { "%shutdown-begins", 2, 0, prim_shutdown_begins,
    "Tell the core that services are being stopped, to end @var{how} (see\n"
    "@code{%shutdown}): it does so alone after @var{seconds}." },
  { "%shutdown", 1, 0, prim_shutdown,
    "Have the core end the daemon: symbol @code{exit}, or as PID 1\n"
    "@code{reboot}, @code{halt}, @code{power-off} or @code{kexec}." },
  { "%note-service", 1, 0, prim_note_service,
    "Tell the core whose code runs: a string, or @code{#f} for our own." },
  { "%daemonize", 0, 0, prim_daemonize,
    "Go on in the background; return the new process ID.  Raise\n"
    "@code{system-error}." },
  { "%inheritance", 0, 0, prim_inheritance,
    "Return @code{#f}, or a list of what an earlier image left:\n"
    "@code{crash} or @code{reexec}, whether it had gone to the background,\n"
    "and the text of a datum (see @code{core_inheritance} in core.h)." },
  { "%reexec", 1, 0, prim_reexec,
    "Have the core execute the program anew; the new image answers\n"
    "@var{client}, 0 for none." },
  { "%program", 0, 0, prim_program,
    "Return the file name of the program, the empty string if unknown." },
  { "%legacy", 0, 0, prim_legacy,
    "Return a list of new descriptors of what a new image of the process\n"
    "would find: the table of what is inherited, the state, the log." },
  { "%keep-descriptor", 2, 0, prim_keep_descriptor,
    "Let a new image of the process have the descriptor @var{fd}, too, or\n"
    "not, as @var{keep} is true or false." },
  { "%inherited-descriptors", 0, 0, prim_inherited_descriptors,
    "Return a list of those that %keep-descriptor has keep." },
  { "%peer-user", 1, 0, prim_peer_user,
    "Return the ID of the user on the other side of @var{fd}, a connected\n"
    "Unix-domain socket.  Raise @code{system-error}." },
  { "%options", 0, 0, prim_options,
    "Return an association list of how the daemon was started, and whether\n"
    "it, or an earlier image of the process, has daemonized." },
  { NULL, 0, 0, NULL, NULL }
};
