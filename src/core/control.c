/* control.c -- the control socket and its clients.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inherit.h"
#include "listen.h"
#include "room.h"

#define CONTROL_LIMIT_MIN 8
#define CONTROL_LIMIT_MAX 2048

/* Connections accepted in one turn, for others' sake.  */
#define CONTROL_BATCH 32

/* How long accepting rests when nothing can be had for it.  */
#define CONTROL_PAUSE (100 * CLOCK_MILLISECOND)

/* How often to log that a user was refused.  */
#define CONTROL_REFUSAL_PERIOD (10 * CLOCK_SECOND)

/* How long a client may be in a phase, 0 for ever, and what it is watched
   for.  */
static const struct
{
  int64_t time;
  uint32_t events;
} control_phases[] = {
  [CLIENT_IDLE] = { 0, EPOLLIN },
  [CLIENT_READING] = { 10 * CLOCK_SECOND, EPOLLIN },
  [CLIENT_WRITING] = { 30 * CLOCK_SECOND, 0 },	/* until it must wait */
  [CLIENT_WAITING] = { 0, 0 },
  [CLIENT_ASKING] = { 500 * CLOCK_MILLISECOND, 0 },
  [CLIENT_COLLECTING] = { 5 * CLOCK_MILLISECOND, 0 }
};
static_assert (sizeof control_phases / sizeof *control_phases
	       == CLIENT_PHASE_COUNT, "every phase has a row");

static void
control_fill_reserve (struct control *control)
{
  int fd;
  while (control->reserve_count < CONTROL_RESERVE
	 && (fd = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    control->reserve[control->reserve_count++] = fd;
}

/* Give one of the reserved descriptors back to the process.  */
static bool
control_use_reserve (struct control *control)
{
  if (control->reserve_count == 0)
    return false;
  close (control->reserve[--control->reserve_count]);
  return true;
}

static size_t
control_choose_limit (void)
{
  struct rlimit descriptors;
  size_t limit = CONTROL_LIMIT_MAX;
  /* The spawner takes all that may be had.  */
  if (getrlimit (RLIMIT_NOFILE, &descriptors) == 0
      && descriptors.rlim_max / 4 < limit)
    limit = (size_t) descriptors.rlim_max / 4;
  return limit < CONTROL_LIMIT_MIN ? CONTROL_LIMIT_MIN : limit;
}

int
control_open (struct core *core)
{
  struct control *control = &core->control;
  control->listen_fd = core->options.listen_fd;
  control->limit = control_choose_limit ();
  for (int phase = 0; phase < CLIENT_PHASE_COUNT; phase++)
    {
      control->times[phase] = control_phases[phase].time;
      TAILQ_INIT (&control->phases[phase]);
    }
  snprintf (control->no_memory, sizeof control->no_memory,
	    "(reply (version 0) (result #f) (error (error (version 0)"
	    " service-error)) (messages (\"shepherd: %s\")))",
	    R_("out of memory"));
  control_fill_reserve (control);
  inherit_keep (control->listen_fd, INHERIT_LISTEN);
  return room_watch (core, control->listen_fd, EPOLLIN, ROOM_LISTEN, 0);
}

void
control_free (struct core *core)
{
  struct control *control = &core->control;
  for (int phase = 0; phase < CLIENT_PHASE_COUNT; phase++)
    while (!TAILQ_EMPTY (&control->phases[phase]))
      client_close (core, TAILQ_FIRST (&control->phases[phase]));
  while (control_use_reserve (control))
    continue;
  inherit_drop (control->listen_fd);
  poller_close (core->epoll_fd, &control->listen_fd);
  table_free (&control->clients);
}

struct client *
control_find (const struct core *core, uint64_t id)
{
  return table_get (&core->control.clients, id);
}

void
control_enter (struct core *core, struct client *client,
	       enum client_phase phase)
{
  struct control *control = &core->control;
  if (control_phases[phase].events != control_phases[client->phase].events)
    room_rewatch (core, client->fd, control_phases[phase].events, ROOM_CLIENT,
		  client->id);
  TAILQ_REMOVE (&control->phases[client->phase], client, link);
  TAILQ_INSERT_TAIL (&control->phases[phase], client, link);
  client->phase = phase;
  client->since = core->now;
}

/* Stop accepting until the time RESUME, or, if 0, go on.  */
static void
control_pause (struct core *core, int64_t resume)
{
  struct control *control = &core->control;
  if (control->resume != resume)
    room_rewatch (core, control->listen_fd, resume == 0 ? EPOLLIN : 0,
		  ROOM_LISTEN, 0);
  control->resume = resume;
}

void
control_closed (struct core *core)
{
  /* A starved accept needs the descriptor more.  */
  if (!core->control.starved)
    control_fill_reserve (&core->control);
  control_pause (core, 0);
}

/* Close the client whose going hurts least, but not EXCEPT; if DESPERATE
   even one that waits.  False if there is none.  */
static bool
control_evict (struct core *core, const struct client *except, bool desperate)
{
  int end = desperate ? CLIENT_ASKING : CLIENT_WAITING;
  for (int phase = 0; phase < end; phase++)
    {
      struct client *client = TAILQ_FIRST (&core->control.phases[phase]);
      if (client == except && client != NULL)
	client = TAILQ_NEXT (client, link);
      if (client != NULL)
	{
	  client_close (core, client);
	  return true;
	}
    }
  return false;
}

/* Accept a connection, with a reserved descriptor or an evicted client's if
   there is no other way.  A descriptor or -errno.  */
static int
control_accept (struct core *core)
{
  struct control *control = &core->control;
  for (;;)
    {
      int fd = accept4 (control->listen_fd, NULL, NULL,
			SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd >= 0)
	return fd;
      int error = errno;
      if (error == EINTR || error == ECONNABORTED)
	continue;
      if (error != EMFILE && error != ENFILE)
	return -error;
      control->starved = true;
      if (!control_use_reserve (control) && !control_evict (core, NULL, true))
	return -error;
    }
}

/* Only root and the daemon's own user may talk to us.  */
static bool
control_allows (struct core *core, int fd, uid_t *uid)
{
  struct control *control = &core->control;
  int64_t peer = listen_peer (fd);
  if (peer < 0)
    return false;
  *uid = peer;
  if (*uid == 0 || *uid == getuid ())
    return true;
  if (control->refusal_logged == 0
      || core->now - control->refusal_logged > CONTROL_REFUSAL_PERIOD)
    {
      control->refusal_logged = core->now;
      room_log (core, R_("Refused connection of user %u."), (unsigned) *uid);
    }
  return false;
}

/* Let in the connection FD.  */
static void
control_welcome (struct core *core, int fd)
{
  struct control *control = &core->control;
  uid_t uid;
  if (!control_allows (core, fd, &uid))
    {
      shutdown (fd, SHUT_RDWR);
      close (fd);
      return;
    }
  struct client *client = client_new (core, fd, uid);
  if (client == NULL)
    return;
  uint64_t id = client->id;
  /* Mostly the command is there already.  */
  client_ready (core, client);
  client = control_find (core, id);
  while (control->clients.count > control->limit
	 && control_evict (core, client,
			   control->clients.count > 2 * control->limit))
    continue;
  if (control->starved)
    control_evict (core, client, false);
}

void
control_ready (struct core *core)
{
  struct control *control = &core->control;
  for (int i = 0; i < CONTROL_BATCH; i++)
    {
      int fd = control_accept (core);
      if (fd >= 0)
	control_welcome (core, fd);
      control->starved = false;
      control_fill_reserve (control);
      if (fd < 0 && fd != -EAGAIN)
	control_pause (core, core->now + CONTROL_PAUSE);
      if (fd < 0)
	return;
    }
}

int
control_replace (struct core *core, int listen_fd)
{
  struct control *control = &core->control;
  inherit_drop (control->listen_fd);
  poller_close (core->epoll_fd, &control->listen_fd);
  inherit_keep (listen_fd, INHERIT_LISTEN);
  control->listen_fd = listen_fd;
  control->resume = 0;
  return room_watch (core, listen_fd, EPOLLIN, ROOM_LISTEN, 0);
}

void
control_reply (struct core *core, struct message *message)
{
  uint64_t id = ((struct text_message *) message)->id;
  struct client *client = control_find (core, id);
  shutdown_refuse (core, id);
  if (client == NULL || (client->phase != CLIENT_WAITING
			 && client->phase != CLIENT_ASKING))
    message_free (message);
  else if (message->kind == MESSAGE_REPLY_SERVICE)
    status_reply (core, client, message);
  else
    client_reply (core, client, message);
  core->told_logger = true;	/* who has the answer may look into the log */
}

void
control_close_client (struct core *core, struct message *message)
{
  uint64_t id = ((struct number_message *) message)->id;
  struct client *client = control_find (core, id);
  shutdown_refuse (core, id);
  if (client != NULL)
    client_close (core, client);
  message_free (message);
}

int64_t
control_deadline (const struct core *core)
{
  const struct control *control = &core->control;
  int64_t deadline = control->resume == 0 ? INT64_MAX : control->resume;
  for (int phase = 0; phase < CLIENT_PHASE_COUNT; phase++)
    {
      const struct client *oldest = TAILQ_FIRST (&control->phases[phase]);
      if (oldest != NULL && control->times[phase] > 0
	  && oldest->since + control->times[phase] < deadline)
	deadline = oldest->since + control->times[phase];
    }
  return deadline;
}

void
control_expire (struct core *core)
{
  struct control *control = &core->control;
  if (room_is_due (core, control->resume))
    control_pause (core, 0);
  for (int phase = 0; phase < CLIENT_PHASE_COUNT; phase++)
    {
      struct client *oldest;
      while (control->times[phase] > 0
	     && (oldest = TAILQ_FIRST (&control->phases[phase])) != NULL
	     && oldest->since + control->times[phase] <= core->now)
	if (phase == CLIENT_COLLECTING)
	  status_answer (core, oldest);
	else if (phase == CLIENT_ASKING)
	  tick_ask (core, oldest);
	else
	  client_close (core, oldest);
    }
}

bool
control_is_writing (const struct core *core)
{
  return !TAILQ_EMPTY (&core->control.phases[CLIENT_WRITING])
    || !TAILQ_EMPTY (&core->control.phases[CLIENT_COLLECTING]);
}
