/* room.h -- the logger room, seen from inside.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef LOGGER_ROOM_H
#define LOGGER_ROOM_H

#include <stdatomic.h>

#include "logger.h"
#include "plea.h"
#include "source.h"
#include "writer.h"

struct logger
{
  struct mailbox *inbox;	/* from all */
  struct mailbox done;		/* from the writer */
  struct mailbox *to_core, *to_interpreter;
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
  atomic_bool running, waiting;	/* the thread; in epoll_wait */
  atomic_bool writer_crashed;	/* no use in waiting for it */
  struct plea plea;		/* for the rescue */
  _Atomic int64_t rescue_deadline;	/* monotonic, ns; 0: not asked for */
  _Atomic int rescue;		/* enum rescue_progress */
  char tag[40];			/* "shepherd[PID]: " */
  char buffer[SOURCE_READ_SIZE];
};

/* Log TEXT as the daemon's.  */
void logger_say (struct logger *logger, const char *text);

/* Carry out MESSAGE, which it takes.  */
void logger_dispatch (struct logger *logger, struct message *message);

/* Make what LOGGER needs to be rescued.  0 or -errno.  */
int rescue_open (struct logger *logger);

/* If LOGGER is to be saved, do so, and never return.  */
void rescue_answer (struct logger *logger);

/* Take up what the image in FD has, which it takes (-1: there is none), and
   what else was left to us.  0 or -errno, if there is no image to go on
   with.  */
int rescue_take_up (struct logger *logger, int fd);

#endif
