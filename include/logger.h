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
  struct mailbox *to_core;
  struct mailbox *to_interpreter;
};

/* Make a logger; takes log_fd.  0 or -errno.  */
int logger_new (const struct logger_options *options, struct logger **result);

struct mailbox *logger_mailbox (struct logger *logger);

/* As core_start and core_park.  */
int logger_start (struct logger *logger);
void logger_park (struct logger *logger);

#endif
