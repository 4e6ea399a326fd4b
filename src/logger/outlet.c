/* outlet.c -- where lines go to, as the writer thread sees it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "i18n.h"

/* A pipe that polls as writable takes this much without blocking.  */
#define OUTLET_CAREFUL_MAX 4096

#define OUTLET_FLAGS (O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)

void
outlet_open_stdout (struct outlet *outlet, int fd)
{
  struct stat status;
  char name[32];

  outlet->fd = fd;
  if (fstat (fd, &status) < 0 || S_ISREG (status.st_mode))
    return;
  /* O_NONBLOCK must not be set on standard output, which others share; a
     description of our own can have it.  */
  snprintf (name, sizeof name, "/proc/self/fd/%d", fd);
  outlet->fd = open (name, O_WRONLY | OUTLET_FLAGS);
  outlet->careful = outlet->fd < 0;
  if (outlet->careful)
    outlet->fd = fd;
  else
    close (fd);
}

/* Open the file of OUTLET's path.  Its descriptor, or -errno.  If it is a FIFO
   that nobody reads, lines wait there, which takes a reader: this one.  */
static int
outlet_open (const struct outlet *outlet)
{
  int fd = open (outlet->path, O_WRONLY | OUTLET_FLAGS | O_CREAT, 0640);
  if (fd < 0 && errno == ENXIO)
    fd = open (outlet->path, O_RDWR | OUTLET_FLAGS);
  return fd < 0 ? -errno : fd;
}

static void
outlet_close (struct outlet *outlet)
{
  if (outlet->kind == OUTLET_JOURNAL)
    journal_close (&outlet->journal);
  else if (outlet->fd >= 0)
    close (outlet->fd);
  outlet->fd = -1;
}

/* Write once.  The bytes taken, or -errno.  */
static ssize_t
outlet_write (struct outlet *outlet, const char *data, size_t length)
{
  struct pollfd room = { .fd = outlet->fd, .events = POLLOUT };

  if (outlet->kind == OUTLET_JOURNAL)
    {
      const char *lf = memchr (data, '\n', length);
      size_t line = lf ? (size_t) (lf - data) + 1 : length;
      int rc = journal_send (&outlet->journal, data, line);
      return rc < 0 ? rc : (ssize_t) line;
    }
  if (outlet->fd < 0)
    outlet->fd = outlet_open (outlet);
  if (outlet->fd < 0)
    return outlet->fd;
  if (outlet->careful && poll (&room, 1, 0) == 0)
    return -EAGAIN;
  if (outlet->careful && length > OUTLET_CAREFUL_MAX)
    length = OUTLET_CAREFUL_MAX;
  ssize_t n = write (outlet->fd, data, length);
  if (n >= 0 || errno != EPIPE || outlet->kind != OUTLET_FILE)
    return n < 0 ? -errno : n;
  /* Who read the FIFO is gone; once more.  */
  outlet_close (outlet);
  return -EINTR;
}

/* Is RC a reason to keep the lines and try again later?  Nobody misses a
   copy on standard output.  */
static bool
outlet_waits (const struct outlet *outlet, ssize_t rc)
{
  return (rc == -EAGAIN
	  || (outlet->kind == OUTLET_FILE
	      && (rc == -ENOSPC || rc == -EDQUOT || rc == -EIO)));
}

static int
outlet_write_lines (struct outlet *outlet, struct job *job)
{
  while (job->written < job->length)
    {
      ssize_t n = outlet_write (outlet, job->data + job->written,
				job->length - job->written);
      if (n > 0)
	job->written += n;
      else if (outlet_waits (outlet, n))
	return n;
      else if (n != -EINTR)
	break;
    }
  job->lost = job_lines (job);
  return 0;
}

/* Let lines go to a new file of the old name; the old file, under its new
   name, ends saying so.  0 or -errno; then all is as it was.  */
static int
outlet_rotate (struct outlet *outlet, const struct number_message *request,
	       struct stamp *stamp)
{
  const struct log_rotate_message *rotate
    = (const struct log_rotate_message *) request;

  if (rename (rotate->path, rotate->rotated) < 0)
    return -errno;
  int fd = outlet_open (outlet);
  if (fd < 0)
    {
      rename (rotate->rotated, rotate->path);
      return fd;
    }
  stamp_update (stamp);
  if (outlet->fd >= 0)
    dprintf (outlet->fd, "\n%s%s\n", stamp->text, R_("Rotating log."));
  outlet_close (outlet);
  outlet->fd = fd;
  return 0;
}

int
outlet_do (struct outlet *outlet, struct job *job, struct stamp *stamp)
{
  if (job->kind == JOB_CLOSE)
    outlet_close (outlet);
  else if (job->kind == JOB_ROTATE)
    job->request->a = -outlet_rotate (outlet, job->request, stamp);
  else
    return outlet_write_lines (outlet, job);
  return 0;
}
