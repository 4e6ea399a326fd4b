/* room.h -- the logger room, seen from inside.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef LOGGER_ROOM_H
#define LOGGER_ROOM_H

#include <stdatomic.h>

#include "logger.h"
#include "source.h"
#include "writer.h"

struct logger
{
  struct mailbox *inbox;	/* from all */
  struct mailbox done;		/* from the writer */
  struct mailbox *to_core, *to_interpreter;
  struct quiescence *quiescence;
  struct writer writer;
  struct sinks sinks;
  struct source_list sources;
  struct ring_table rings;
  struct ring *root;		/* of the daemon's own lines */
  struct sink *sink;		/* the daemon's log */
  struct sink *standard_output;	/* or NULL */
  struct log_image image;
  int epoll_fd;
  bool park;
  pthread_t thread;
  struct gate gate;		/* of all this */
  struct message *discarded;	/* to be freed when the gate is open */
  atomic_bool crashed, writer_crashed;	/* no use in waiting for it */
  char tag[40];			/* "shepherd[PID]: " */
  char buffer[SOURCE_READ_SIZE];
};

/* Log TEXT as the daemon's.  */
void logger_say (struct logger *logger, const char *text);

/* Carry out MESSAGE, which it takes.  */
void logger_dispatch (struct logger *logger, struct message *message);

/* Take up what the image in FD has, which it takes (-1: there is none), and
   what else was left to us.  0 or -errno, if there is no image to go on
   with.  */
int rescue_take_up (struct logger *logger, int fd);

#endif
