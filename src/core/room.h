/* room.h -- the inside of the core's room.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Only the core's thread touches a struct core, except while it is parked.
   Nothing here may block.  */

#ifndef ROOM_H
#define ROOM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "control.h"
#include "core.h"
#include "i18n.h"
#include "mailbox.h"
#include "poller.h"
#include "process.h"
#include "plea.h"
#include "shutdown.h"
#include "socket.h"
#include "spawner.h"
#include "state.h"
#include "status.h"
#include "tick.h"

/* What an event of the core's epoll is about; the upper byte of its data.
   The rest is an identifier, never a pointer: it may be outdated.  */
#define ROOM_TAG_SHIFT 56
enum room_tag
{
  ROOM_INBOX,
  ROOM_SIGNALS,
  ROOM_LISTEN,
  ROOM_CLIENT,			/* identifier of the client */
  ROOM_PROCESS,			/* pid */
  ROOM_SOCKET_FILE,
  ROOM_TICK,
  ROOM_RESCUE
};

enum { ROOM_SPARE_COUNT = 64 };

struct core
{
  struct core_options options;
  pid_t pid;			/* of the process that the core last ran in */
  pthread_t thread;
  bool parked;			/* the thread is to end */
  bool alert;			/* there is news for the interpreter */
  bool told_logger;		/* something in this turn */
  enum watch_verdict verdict;	/* on the interpreter, at the last tick */
  struct plea rescue;
  uint64_t waiting_client;	/* who asked for this image of the process */
  int epoll_fd, signal_fd;
  int64_t now;			/* CLOCK_MONOTONIC, ns, of this turn */
  struct mailbox inbox;
  struct message *spares[ROOM_SPARE_COUNT];	/* for when memory is out */
  size_t spare_count;
  struct state *state;
  struct spawner spawner;
  struct processes processes;
  struct control control;
  struct status status;
  struct socket_watch socket;
  struct shutdown shutdown;
};

/* What an event about ID, in the sense of TAG, is told with.  */
epoll_data_t room_data (enum room_tag tag, uint64_t id);

/* Watch FD, which was not watched before, or was, for EVENTS (0 is legal:
   errors only).  0 or -errno.  */
int room_watch (struct core *core, int fd, uint32_t events,
		enum room_tag tag, uint64_t id);
int room_rewatch (struct core *core, int fd, uint32_t events,
		  enum room_tag tag, uint64_t id);

/* A number_message, from the spares when memory is out; NULL when these are
   used up too.  */
struct message *room_number (struct core *core, enum message_kind kind,
			     uint64_t id, int64_t a, int64_t b);

/* Send to the interpreter, or the logger, at the end of the turn; NULL is
   ignored.  */
void room_tell (struct core *core, struct message *message);
void room_tell_logger (struct core *core, struct message *message);

/* A line of the daemon's log, also for standard output.  */
void room_log (struct core *core, const char *format, ...)
  __attribute__ ((format (printf, 2, 3)));

/* If RESULT is an error, log FORMAT with the SERVICE and the reason.  */
void room_check (struct core *core, int result, const char *format,
		 const char *service)
  __attribute__ ((format (printf, 3, 0)));

/* Take the messages that came, if any did; in core.c.  */
void core_receive (struct core *core);

/* Has DEADLINE passed?  0 is never.  */
bool room_is_due (const struct core *core, int64_t deadline);

#endif
