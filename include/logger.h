/* logger.h -- the logger room, seen from outside.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The logger thread reads the output pipes of services and the lines of
   the daemon itself, keeps the rings of recent lines and cuts, stamps and
   batches what goes to files; it never touches a disk.  A writer thread of
   its own writes the batches, so that a stalled disk delays only files.  */

#ifndef LOGGER_H
#define LOGGER_H

#include <stdbool.h>

#include "mailbox.h"
#include "quiescence.h"

/* Ring of the daemon's own messages.  */
#define LOGGER_ROOT_RING 1

struct logger;

struct logger_options
{
  int log_fd;			/* the daemon's log file, or -1: syslog */
  const char *log_path;		/* its name ("" for syslog) */
  const char *syslog_path;	/* socket, usually "/dev/log"; falls back to
				   /dev/kmsg, then /dev/console */
  bool silent;			/* nothing to standard output */
  int image_fd;			/* of a predecessor, or -1: none */
  struct mailbox *inbox;	/* the logger's own; open */
  struct mailbox *to_core;
  struct mailbox *to_interpreter;
  struct quiescence *quiescence;	/* for the logger to keep; its news are
				   lines in rings since MESSAGE_LOG_COLLECT,
				   and gossip is what the daemon logs */
};

/* Make a logger; takes log_fd and image_fd.  0 or -errno.  What a
   predecessor left is taken up, as far as it can be read; lines tell what
   could not.  */
int logger_new (const struct logger_options *options, struct logger **result);

struct mailbox *logger_mailbox (struct logger *logger);

/* As core_start and core_park.  */
int logger_start (struct logger *logger);
void logger_park (struct logger *logger);

/* The thread that calls this crashed.  If it is one of LOGGER's own, nobody
   is to wait for it.  */
void logger_note_crash (struct logger *logger);

/* Save LOGGER, before this process executes its program anew: stop it for
   ever, with all that it has in its image (see log-image.h).  The image, the
   pipes of sources and the files of sinks are marked in the table of
   inherit.h.  Whether that was done within TIMEOUT ms; if not, the image
   has only where the sources are.

   Any thread may call this, once, also in a signal handler: it uses no heap
   and waits for no lock.  There is nothing to save if the logger's own thread
   crashed, other than where it waits.  A write that does not return in half
   of the time, or that the writer's thread crashed in, may or may not have
   been done: the successor tells so.  */
bool logger_rescue (struct logger *logger, int timeout);

/* The memory file of the image.  It never changes.  */
int logger_image_fd (const struct logger *logger);

#endif
