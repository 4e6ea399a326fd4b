/* process.c -- primitives that ask for processes and about them.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ending.h"
#include "primitive.h"

static SCM
prim_kill (SCM id, SCM pid, SCM signal, SCM patient_p)
{
  enum message_kind kind = scm_is_true (patient_p) ? MESSAGE_KILL_PATIENTLY
    : MESSAGE_KILL;
  uint64_t request = primitive_id (id);
  pid_t p = scm_to_int (pid);
  int s = scm_to_int (signal);

  primitive_send ("%kill", core_mailbox (bridge_current ()->core),
		  message_number (kind, request, p, s));
  return SCM_UNSPECIFIED;
}

static SCM
prim_watch_process (SCM pid)
{
  pid_t p = scm_to_signed_integer (pid, 1, INT32_MAX);

  primitive_send ("%watch-process", core_mailbox (bridge_current ()->core),
		  message_number (MESSAGE_WATCH_PROCESS, 0, p, 0));
  return SCM_UNSPECIFIED;
}

static SCM
prim_getpgid (SCM pid)
{
  pid_t group = getpgid (scm_to_int (pid));

  if (group < 0)
    primitive_raise ("%getpgid", errno);
  return scm_from_int (group);
}

static SCM
prim_kexec_loaded_p (void)
{
  return scm_from_bool (ending_kexec_loaded ());
}

static SCM
prim_reset_signals (void)
{
  sigset_t none;

  for (int signum = 1; signum < NSIG; signum++)
    signal (signum, SIG_DFL);	/* fails for some, which is fine */
  sigemptyset (&none);
  pthread_sigmask (SIG_SETMASK, &none, NULL);
  return SCM_UNSPECIFIED;
}

/* Guile lacks getgrouplist(3).  The name service may block.  */
static SCM
prim_user_groups (SCM name, SCM gid)
{
  gid_t primary = scm_to_uint32 (gid);
  int count = 0;
  gid_t *groups = NULL;
  SCM result = SCM_EOL;
  char *user;

  scm_dynwind_begin (0);
  user = scm_to_locale_string (name);
  scm_dynwind_free (user);
  getgrouplist (user, primary, NULL, &count);
  groups = scm_malloc (count * sizeof *groups + 1);
  scm_dynwind_free (groups);
  if (getgrouplist (user, primary, groups, &count) < 0)
    count = 0;
  while (count-- > 0)
    result = scm_cons (scm_from_uint32 (groups[count]), result);
  scm_dynwind_end ();
  return result;
}

/* The numbers differ between architectures.  */
static SCM
prim_resource_number (SCM name)
{
  static const struct { const char *name; int number; } resources[] =
  {
    { "as", RLIMIT_AS }, { "core", RLIMIT_CORE }, { "cpu", RLIMIT_CPU },
    { "data", RLIMIT_DATA }, { "fsize", RLIMIT_FSIZE },
    { "locks", RLIMIT_LOCKS }, { "memlock", RLIMIT_MEMLOCK },
    { "msgqueue", RLIMIT_MSGQUEUE }, { "nice", RLIMIT_NICE },
    { "nofile", RLIMIT_NOFILE }, { "nproc", RLIMIT_NPROC },
    { "rss", RLIMIT_RSS }, { "rtprio", RLIMIT_RTPRIO },
    { "rttime", RLIMIT_RTTIME }, { "sigpending", RLIMIT_SIGPENDING },
    { "stack", RLIMIT_STACK }
  };
  char word[16];
  size_t length = scm_to_locale_stringbuf (scm_symbol_to_string (name), word,
					   sizeof word);

  for (size_t i = 0; i < sizeof resources / sizeof *resources; i++)
    if (length == strlen (resources[i].name)
	&& memcmp (word, resources[i].name, length) == 0)
      return scm_from_int (resources[i].number);
  return SCM_BOOL_F;
}

const struct primitive process_primitives[] =
{
  { "%kill", 4, 0, prim_kill,
    "Ask for @var{signal} to be sent to @var{pid}, as kill(2) does.  Event\n"
    "@code{(killed @var{id} ERRNO)} tells the outcome; with @var{patient?}, a\n"
    "success together with the next event." },
  { "%watch-process", 1, 0, prim_watch_process,
    "Ask for event @code{(exited @var{pid} STATUS)} when @var{pid} ends." },
  { "%getpgid", 1, 0, prim_getpgid,
    "Return the process group of @var{pid}.  Raise @code{system-error}." },
  { "%reset-signals", 0, 0, prim_reset_signals,
    "Give every signal its default effect, for a process that user code\n"
    "forked." },
  { "%user-groups", 2, 0, prim_user_groups,
    "Return the ids of the groups of the user @var{name}, whose primary\n"
    "group is @var{gid}.  May block on the name service." },
  { "%resource-number", 1, 0, prim_resource_number,
    "Return the number of the resource limit called @var{name}, a symbol such\n"
    "as @code{nofile}, or @code{#f} if there is none." },
  { "%kexec-loaded?", 0, 0, prim_kexec_loaded_p,
    "Return true if a kernel is loaded for kexec." },
  { NULL, 0, 0, NULL, NULL }
};
