/* log.c -- primitives that talk to the logger.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log-file.h"
#include "primitive.h"

static struct mailbox *
log_mailbox (void)
{
  return logger_mailbox (bridge_current ()->logger);
}

static SCM
prim_log (SCM text, SCM stdout_p)
{
  int64_t flags = scm_is_true (stdout_p) ? LOG_LINE_STDOUT : 0;
  size_t length;
  char *bytes = scm_to_utf8_stringn (text, &length);

  scm_dynwind_begin (0);
  scm_dynwind_free (bytes);
  primitive_mention ("%log", log_mailbox (),
		     message_text (MESSAGE_LOG_LINE, 0, flags, bytes, length));
  scm_dynwind_end ();
  return SCM_UNSPECIFIED;
}

static SCM
prim_open_log_file (SCM path)
{
  int fd;

  scm_dynwind_begin (0);
  fd = log_file_open (primitive_string (path), 0777);
  scm_dynwind_end ();
  if (fd < 0)
    primitive_raise ("%open-log-file", fd);
  return scm_from_int (fd);
}

static void
log_close (void *fd)
{
  if (*(int *) fd >= 0)
    close (*(int *) fd);
}

/* Close *FD, unless it became -1, when the current dynwind ends.  */
static void
log_own (int *fd)
{
  scm_dynwind_unwind_handler (log_close, fd, SCM_F_WIND_EXPLICITLY);
}

/* Make FD, the read end of a pipe, nonblocking.  */
static int
log_set_nonblocking (int fd)
{
  int flags = fcntl (fd, F_GETFL);

  return flags < 0 ? flags : fcntl (fd, F_SETFL, flags | O_NONBLOCK);
}

static SCM
prim_log_attach (SCM ring, SCM file_fd, SCM path, SCM read_fd, SCM prefix,
		 SCM history)
{
  int fd = scm_to_int (read_fd);
  int file = scm_is_true (file_fd) ? scm_to_int (file_fd) : -1;

  scm_dynwind_begin (0);
  log_own (&fd);
  log_own (&file);
  {
    uint64_t r = scm_is_true (ring) ? primitive_id (ring) : 0;
    unsigned int lines = scm_to_uint (history);
    const char *p = primitive_string (path);
    bool bare = scm_is_false (prefix);
    const char *q = bare ? "" : primitive_string (prefix);
    struct message *message;

    log_set_nonblocking (fd);
    message = message_log_attach (fd, file, r, lines, p, q);
    if (message != NULL)
      {
	fd = file = -1;		/* the message owns them now */
	((struct log_attach_message *) message)->bare = bare;
      }
    primitive_send ("%log-attach", log_mailbox (), message);
  }
  scm_dynwind_end ();
  return SCM_UNSPECIFIED;
}

static SCM
prim_log_detach (SCM ring)
{
  uint64_t r = primitive_id (ring);

  primitive_send ("%log-detach", log_mailbox (),
		  message_number (MESSAGE_LOG_DETACH_RING, r, 0, 0));
  return SCM_UNSPECIFIED;
}

static SCM
prim_log_query (SCM id, SCM ring)
{
  uint64_t request = primitive_id (id), r = primitive_id (ring);

  primitive_send ("%log-query", log_mailbox (),
		  message_number (MESSAGE_LOG_QUERY, request, r, 0));
  return SCM_UNSPECIFIED;
}

static SCM
prim_log_rotate (SCM id, SCM path, SCM rotated)
{
  uint64_t request = primitive_id (id);

  scm_dynwind_begin (0);
  {
    const char *p = primitive_string (path);
    const char *q = primitive_string (rotated);

    primitive_send ("%log-rotate", log_mailbox (),
		    message_log_rotate (request, p, q));
  }
  scm_dynwind_end ();
  return SCM_UNSPECIFIED;
}

static SCM
prim_log_flush (SCM id)
{
  uint64_t request = primitive_id (id);

  primitive_send ("%log-flush", log_mailbox (),
		  message_number (MESSAGE_LOG_FLUSH, request, 0, 0));
  return SCM_UNSPECIFIED;
}

const struct primitive log_primitives[] =
{
  { "%log", 2, 0, prim_log,
    "Add the line or lines @var{text} to the daemon's log, and to standard\n"
    "output if @var{stdout?} is true." },
  { "%open-log-file", 1, 0, prim_open_log_file,
    "Open log file @var{path}, an absolute name, for appending and return its\n"
    "descriptor.  Missing directories are created.  Raise\n"
    "@code{system-error}." },
  { "%log-attach", 6, 0, prim_log_attach,
    "Have the logger read lines from descriptor @var{read-fd} into ring\n"
    "@var{ring} of @var{history} lines, if it is not @code{#f}, and into\n"
    "@var{file-fd}, opened on @var{path}; or, when that is @code{#f}, into\n"
    "the system log, whose socket is @var{path}, or, for an empty\n"
    "@var{path}, the daemon's log.  @var{prefix} goes before each line; if\n"
    "it is @code{#f}, lines bring their stamps with them.  Both descriptors\n"
    "belong to the logger from then on." },
  { "%log-detach", 1, 0, prim_log_detach, "Forget ring @var{ring}." },
  { "%log-query", 2, 0, prim_log_query,
    "Ask for @code{(log-history @var{id} LIST)}, the lines of @var{ring}." },
  { "%log-rotate", 3, 0, prim_log_rotate,
    "Ask for log file @var{path} to be renamed @var{rotated} and reopened.\n"
    "Answered by @code{(log-answer @var{id} ERRNO)}." },
  { "%log-flush", 1, 0, prim_log_flush,
    "Ask for @code{(log-answer @var{id} 0)} once all lines are written." },
  { NULL, 0, 0, NULL, NULL }
};
