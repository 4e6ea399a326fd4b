/* rehearsal.c -- whether this program could take over from another.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "rehearsal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "i18n.h"
#include "inherit.h"
#include "interpreter.h"
#include "log-image.h"
#include "report.h"
#include "state.h"
#include "text.h"

/* A copy of FD, which its owner goes on writing to: what is appended
   meanwhile does not count.  A descriptor or -errno.  */
static int
rehearsal_copy (int fd)
{
  char buffer[65536];
  off_t place = 0;
  ssize_t size;
  int copy = memfd_create ("shepherd-rehearsal", MFD_CLOEXEC);

  if (copy < 0)
    return -errno;
  while ((size = pread (fd, buffer, sizeof buffer, place)) > 0)
    {
      if (pwrite (copy, buffer, (size_t) size, place) != size)
	size = -1;
      if (size < 0)
	break;
      place += size;
    }
  if (size == 0)
    return copy;
  int error = errno;
  close (copy);
  return -error;
}

/* Read the state into TEXT, as an interpreter would be told it.  */
static int
rehearsal_read_state (struct text *text)
{
  struct state *state;
  int fd = rehearsal_copy (REHEARSAL_STATE);
  int rc = fd < 0 ? fd : state_open (fd, &state);

  if (rc < 0)
    return rc;
  text_append_string (text, "((client 0) ");
  state_write_text (state, text);
  text_append_char (text, ')');
  state_free (state);
  return text->failed ? -ENOMEM : 0;
}

/* Say by FORMAT why something fails, RC.  */
static int __attribute__ ((format (printf, 1, 0)))
rehearsal_fail (const char *format, int rc)
{
  report_error (stderr, "shepherd", format,
		rc == -EINVAL || rc == -ENOTSUP
		? _("it has a format that this version does not know")
		: strerror (-rc));
  return EXIT_FAILURE;
}

int
rehearsal_run (void)
{
  struct text text = TEXT_EMPTY;
  struct log_reader reader;
  const struct bridge_door *door;
  const char *reason;
  int rc = inherit_check (REHEARSAL_TABLE);

  if (rc < 0)
    return rehearsal_fail (_("cannot take over the process: %s"), rc);
  rc = rehearsal_read_state (&text);
  if (rc < 0)
    return rehearsal_fail (_("cannot take over the state of services: %s"),
			   rc);
  rc = log_reader_open (&reader, REHEARSAL_LOG);
  if (rc < 0)
    return rehearsal_fail (_("cannot take over the log: %s"), rc);
  door = interpreter_load (&reason);
  if (door == NULL)
    {
      report_error (stderr, "shepherd", _("cannot load the interpreter: %s"),
		    reason);
      return EXIT_FAILURE;
    }
  if (door->rehearse (text_string (&text)) < 0)
    {
      report_error (stderr, "shepherd", _("the interpreter cannot take over"));
      return EXIT_FAILURE;
    }
  return EXIT_SUCCESS;
}
