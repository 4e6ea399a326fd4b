/* journal.h -- the system's log, or what stands in for it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Datagrams to the syslog daemon's socket.  While there is none, the same
   text goes to the kernel's log or else to the console, through one
   descriptor that is kept; the socket is tried again for each line.  */

#ifndef JOURNAL_H
#define JOURNAL_H

#include <stddef.h>

struct journal
{
  const char *path;		/* of the socket */
  const char *fallbacks[2];	/* device files */
  int socket;			/* connected, or -1 */
  int fallback;			/* open device, or -1 */
};

/* Set up JOURNAL for the socket PATH, which is to stay.  */
void journal_init (struct journal *journal, const char *path);

/* Send one LINE.  0, -EAGAIN if the reader of JOURNAL->socket is behind, or
   another -errno if nothing takes it.  Never blocks.  */
int journal_send (struct journal *journal, const char *line, size_t length);

/* Close what is open.  JOURNAL can be used again.  */
void journal_close (struct journal *journal);

#endif
