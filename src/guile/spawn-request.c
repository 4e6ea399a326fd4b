/* spawn-request.c -- from Scheme's description of a process to a plan.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   (%spawn ID ARGV ENVIRONMENT REQUEST): the fields of vector REQUEST are
   those of enum request_field.  The plan under construction belongs to a
   dynwind, so a wrong type raises and leaks nothing; FILE-FD, the log file
   that was opened for this spawn, is closed even then.  */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "primitive.h"
#include "spawn.h"

enum request_field
{
  REQUEST_SERVICE,		/* string */
  REQUEST_DIRECTORY,		/* string */
  REQUEST_SESSION,		/* boolean: a session of its own? */
  REQUEST_UID,			/* integer or #f */
  REQUEST_GID,			/* integer or #f */
  REQUEST_GROUPS,		/* list of integers, or #f */
  REQUEST_UMASK,		/* integer or #f */
  REQUEST_LIMITS,		/* list of (RESOURCE SOFT|#f HARD|#f) */
  REQUEST_INPUT_FD,		/* integer or #f; duplicated */
  REQUEST_OUTPUT_FD,		/* integer or #f; duplicated */
  REQUEST_EXTRA_FDS,		/* list of integers; duplicated */
  REQUEST_LISTEN_PID,		/* boolean: set LISTEN_PID? */
  REQUEST_LOG,			/* #f or a vector, see enum request_log */
  REQUEST_FIELD_COUNT
};

enum request_log
{
  REQUEST_LOG_RING,		/* positive integer */
  REQUEST_LOG_FILE_FD,		/* integer, taken over, or #f */
  REQUEST_LOG_PATH,		/* string */
  REQUEST_LOG_PREFIX,		/* string */
  REQUEST_LOG_WITH_PID,		/* boolean */
  REQUEST_LOG_HISTORY,		/* integer */
  REQUEST_LOG_FIELD_COUNT
};

#define REQUEST_DEFAULT_PATH \
  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void
request_free (void *plan)
{
  if (*(struct spawn_plan **) plan != NULL)
    spawn_plan_free (*(struct spawn_plan **) plan);
}

/* A zeroed array that COUNT + 1 elements of SIZE fit in.  */
static void *
request_array (size_t count, size_t size)
{
  void *array = calloc (count + 1, size);

  if (array == NULL)
    primitive_raise ("%spawn", ENOMEM);
  return array;
}

/* The length of LIST; raises if it is none.  */
static size_t
request_length (SCM list, int position)
{
  long length = scm_ilength (list);

  if (length < 0)
    scm_wrong_type_arg_msg ("%spawn", position, list, "list");
  return length;
}

/* Fill *STRINGS, owned by the plan, from a list of strings; leave room for
   one more.  */
static size_t
request_strings (char ***strings, SCM list, int position)
{
  size_t count = request_length (list, position);

  *strings = request_array (count + 1, sizeof **strings);
  for (size_t i = 0; i < count; i++, list = SCM_CDR (list))
    (*strings)[i] = primitive_owned_string (SCM_CAR (list));
  return count;
}

static int
request_duplicate (SCM fd)
{
  int copy = fcntl (scm_to_int (fd), F_DUPFD_CLOEXEC, 3);

  if (copy < 0)
    primitive_raise ("%spawn", errno);
  return copy;
}

static void
request_ids (struct spawn_plan *plan, SCM request)
{
  SCM uid = scm_c_vector_ref (request, REQUEST_UID);
  SCM gid = scm_c_vector_ref (request, REQUEST_GID);
  SCM groups = scm_c_vector_ref (request, REQUEST_GROUPS);
  SCM mask = scm_c_vector_ref (request, REQUEST_UMASK);

  if (scm_is_true (uid))
    plan->uid = scm_to_uint32 (uid), plan->set_uid = true;
  if (scm_is_true (gid))
    plan->gid = scm_to_uint32 (gid), plan->set_gid = true;
  if (scm_is_true (mask))
    plan->umask = scm_to_unsigned_integer (mask, 0, 0777),
      plan->set_umask = true;
  if (scm_is_true (groups))
    {
      size_t count = request_length (groups, 4);

      plan->groups = request_array (count, sizeof *plan->groups);
      plan->group_count = count;
      plan->set_groups = true;
      for (size_t i = 0; i < count; i++, groups = SCM_CDR (groups))
	plan->groups[i] = scm_to_uint32 (SCM_CAR (groups));
    }
}

static rlim_t
request_limit (SCM value)
{
  return scm_is_true (value) ? scm_to_uint64 (value) : RLIM_INFINITY;
}

static void
request_limits (struct spawn_plan *plan, SCM limits)
{
  size_t count = request_length (limits, 4);

  plan->limits = request_array (count, sizeof *plan->limits);
  for (size_t i = 0; i < count; i++, limits = SCM_CDR (limits))
    {
      SCM limit = SCM_CAR (limits);

      if (request_length (limit, 4) != 3)
	scm_wrong_type_arg_msg ("%spawn", 4, limit, "resource limit");
      plan->limits[i].resource = scm_to_int (SCM_CAR (limit));
      plan->limits[i].limit.rlim_cur = request_limit (SCM_CADR (limit));
      plan->limits[i].limit.rlim_max = request_limit (SCM_CADDR (limit));
    }
  plan->limit_count = count;
}

static void
request_descriptors (struct spawn_plan *plan, SCM request)
{
  SCM input = scm_c_vector_ref (request, REQUEST_INPUT_FD);
  SCM output = scm_c_vector_ref (request, REQUEST_OUTPUT_FD);
  SCM extra = scm_c_vector_ref (request, REQUEST_EXTRA_FDS);
  size_t count = request_length (extra, 4);

  if (scm_is_true (input))
    plan->input_fd = request_duplicate (input);
  if (scm_is_true (output))
    plan->output_fd = request_duplicate (output);
  plan->extra_fds = request_array (count, sizeof *plan->extra_fds);
  for (; plan->extra_count < count; extra = SCM_CDR (extra))
    {
      plan->extra_fds[plan->extra_count] = request_duplicate (SCM_CAR (extra));
      plan->extra_count++;
    }
}

static void
request_log (struct spawn_plan *plan, SCM log)
{
  SCM file_fd;

  if (scm_is_false (log))
    return;
  SCM_ASSERT_TYPE (scm_is_vector (log)
		   && scm_c_vector_length (log) == REQUEST_LOG_FIELD_COUNT,
		   log, 4, "%spawn", "description of a log");
  file_fd = scm_c_vector_ref (log, REQUEST_LOG_FILE_FD);
  if (scm_is_true (file_fd))
    plan->log_file_fd = scm_to_int (file_fd);
  plan->logged = true;
  plan->ring = primitive_id (scm_c_vector_ref (log, REQUEST_LOG_RING));
  plan->log_path
    = primitive_owned_string (scm_c_vector_ref (log, REQUEST_LOG_PATH));
  plan->log_prefix
    = primitive_owned_string (scm_c_vector_ref (log, REQUEST_LOG_PREFIX));
  plan->log_with_pid
    = scm_is_true (scm_c_vector_ref (log, REQUEST_LOG_WITH_PID));
  plan->history = scm_to_uint (scm_c_vector_ref (log, REQUEST_LOG_HISTORY));
}

/* The environment's PATH, or the default.  */
static const char *
request_path (char *const *environment)
{
  for (; *environment != NULL; environment++)
    if (strncmp (*environment, "PATH=", 5) == 0)
      return *environment + 5;
  return REQUEST_DEFAULT_PATH;
}

/* List in PLAN the files that its program may be.  0 or -ENOMEM.  */
static int
request_candidates (struct spawn_plan *plan)
{
  const char *program = plan->argv[0], *path = request_path (plan->envp);
  size_t count = 1, i = 0;

  for (const char *p = path; *p != '\0'; p++)
    count += *p == ':';
  plan->candidates = calloc (count + 1, sizeof *plan->candidates);
  if (plan->candidates == NULL)
    return -ENOMEM;
  if (strchr (program, '/') != NULL || *program == '\0')
    return (plan->candidates[0] = strdup (program)) ? 0 : -ENOMEM;
  for (; path != NULL; i++)
    {
      const char *end = strchrnul (path, ':');
      int length = end - path;
      /* An empty element is the current directory.  */
      int rc = asprintf (&plan->candidates[i], "%.*s%s%s", length, path,
			 length > 0 ? "/" : "./", program);

      if (rc < 0)
	{
	  plan->candidates[i] = NULL;
	  return -ENOMEM;
	}
      path = *end == ':' ? end + 1 : NULL;
    }
  return 0;
}

/* Give the child a LISTEN_PID entry in the room left by request_strings.  */
static int
request_listen_pid (struct spawn_plan *plan, size_t count)
{
  char *entry = calloc (1, SPAWN_LISTEN_PID);

  if (entry == NULL)
    return -ENOMEM;
  strcpy (entry, "LISTEN_PID=");
  plan->envp[count] = plan->listen_pid = entry;
  return 0;
}

/* Fill PLAN, which a dynwind owns.  */
static void
request_fill (struct spawn_plan *plan, SCM argv, SCM environment, SCM request)
{
  size_t count;
  int rc;

  request_log (plan, scm_c_vector_ref (request, REQUEST_LOG));
  plan->service
    = primitive_owned_string (scm_c_vector_ref (request, REQUEST_SERVICE));
  plan->directory
    = primitive_owned_string (scm_c_vector_ref (request, REQUEST_DIRECTORY));
  plan->new_session
    = scm_is_true (scm_c_vector_ref (request, REQUEST_SESSION));
  if (request_strings (&plan->argv, argv, 2) == 0)
    scm_wrong_type_arg_msg ("%spawn", 2, argv, "non-empty list of strings");
  count = request_strings (&plan->envp, environment, 3);
  request_ids (plan, request);
  request_limits (plan, scm_c_vector_ref (request, REQUEST_LIMITS));
  request_descriptors (plan, request);
  rc = request_candidates (plan);
  if (rc == 0
      && scm_is_true (scm_c_vector_ref (request, REQUEST_LISTEN_PID)))
    rc = request_listen_pid (plan, count);
  if (rc == 0)
    rc = spawn_plan_pack (plan);
  if (rc < 0)
    primitive_raise ("%spawn", rc);
}

static SCM
prim_spawn (SCM id, SCM argv, SCM environment, SCM request)
{
  uint64_t plan_id = primitive_id (id);
  struct mailbox *core = core_mailbox (bridge_current ()->core);
  struct spawn_plan *plan = spawn_plan_new ();
  struct message *message;

  scm_dynwind_begin (0);
  scm_dynwind_unwind_handler (request_free, &plan, SCM_F_WIND_EXPLICITLY);
  if (plan == NULL)
    primitive_raise ("%spawn", ENOMEM);
  SCM_ASSERT_TYPE (scm_is_vector (request)
		   && scm_c_vector_length (request) == REQUEST_FIELD_COUNT,
		   request, 4, "%spawn", "spawn request");
  plan->id = plan_id;
  request_fill (plan, argv, environment, request);

  message = message_spawn (MESSAGE_SPAWN, plan);
  if (message != NULL)
    plan = NULL;		/* the message owns it now */
  primitive_send ("%spawn", core, message);
  mailbox_ring (core);		/* a spawn takes time: do not wait for %wait */
  scm_dynwind_end ();
  return SCM_UNSPECIFIED;
}

const struct primitive spawn_request_primitives[] =
{
  { "%spawn", 4, 0, prim_spawn,
    "Ask for a process to be started: @var{argv} with @var{environment}, set\n"
    "up as vector @var{request} tells.  Answered by @code{(spawned @var{id}\n"
    "PID)} or @code{(spawn-failed @var{id} STEP ERRNO)}." },
  { NULL, 0, 0, NULL, NULL }
};
