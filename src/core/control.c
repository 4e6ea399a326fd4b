/* control.c -- the control socket and its clients.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "room.h"

#define CONTROL_LIMIT_MIN 8
#define CONTROL_LIMIT_MAX 512

/* Connections accepted in one turn, for others' sake.  */
#define CONTROL_BATCH 32

/* How long accepting rests when nothing can be had for it.  */
#define CONTROL_PAUSE (100 * CLOCK_MILLISECOND)

/* How often to log that a user was refused.  */
#define CONTROL_REFUSAL_PERIOD (10 * CLOCK_SECOND)

/* How long a client may be in a phase; 0: for ever.  */
static const int64_t control_times[] = {
  [CLIENT_IDLE] = 0,
  [CLIENT_READING] = 10 * CLOCK_SECOND,
  [CLIENT_COLLECTING] = 5 * CLOCK_MILLISECOND,
  [CLIENT_WAITING] = 0,
  [CLIENT_WRITING] = 30 * CLOCK_SECOND
};
static_assert (sizeof control_times
	       == sizeof ((struct control *) NULL)->times,
	       "every phase has a time");

static void
control_fill_reserve (struct control *control)
{
  for (int i = 0; i < CONTROL_RESERVE; i++)
    if (control->reserve[i] < 0)
      control->reserve[i] = open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Give one of the reserved descriptors back to the process.  */
static bool
control_use_reserve (struct control *control)
{
  for (int i = 0; i < CONTROL_RESERVE; i++)
    if (control->reserve[i] >= 0)
      {
	close (control->reserve[i]);
	control->reserve[i] = -1;
	return true;
      }
  return false;
}

static size_t
control_choose_limit (void)
{
  struct rlimit descriptors;
  size_t limit = CONTROL_LIMIT_MAX;
  if (getrlimit (RLIMIT_NOFILE, &descriptors) == 0
      && descriptors.rlim_cur / 4 < limit)
    limit = (size_t) descriptors.rlim_cur / 4;
  return limit < CONTROL_LIMIT_MIN ? CONTROL_LIMIT_MIN : limit;
}

void
control_init (struct core *core, int listen_fd)
{
  struct control *control = &core->control;
  control->listen_fd = listen_fd;
  memcpy (control->times, control_times, sizeof control_times);
  table_init (&control->clients);
  for (int i = 0; i < CONTROL_RESERVE; i++)
    control->reserve[i] = -1;
}

int
control_open (struct core *core)
{
  core->control.limit = control_choose_limit ();
  control_fill_reserve (&core->control);
  return room_watch (core, core->control.listen_fd, EPOLLIN, ROOM_LISTEN, 0);
}

void
control_free (struct core *core)
{
  struct control *control = &core->control;
  for (int phase = 0; phase < CLIENT_PHASE_COUNT; phase++)
    while (control->phases[phase].first != NULL)
      client_close (core, control->phases[phase].first);
  while (control_use_reserve (control))
    continue;
  if (control->listen_fd >= 0)
    close (control->listen_fd);
  table_free (&control->clients);
}

struct client *
control_find (const struct core *core, uint64_t id)
{
  return table_get (&core->control.clients, id);
}

void
control_leave (struct core *core, struct client *client)
{
  struct client_list *list = &core->control.phases[client->phase];
  if (client->previous != NULL)
    client->previous->next = client->next;
  else if (list->first == client)
    list->first = client->next;
  if (client->next != NULL)
    client->next->previous = client->previous;
  else if (list->last == client)
    list->last = client->previous;
  client->next = client->previous = NULL;
}

void
control_enter (struct core *core, struct client *client,
	       enum client_phase phase)
{
  struct client_list *list = &core->control.phases[phase];
  control_leave (core, client);
  client->phase = phase;
  client->since = core->now;
  client->previous = list->last;
  if (list->last != NULL)
    list->last->next = client;
  else
    list->first = client;
  list->last = client;
}

/* Stop accepting, or go on.  */
static void
control_pause (struct core *core, bool pause)
{
  struct control *control = &core->control;
  if (control->paused == pause)
    return;
  control->paused = pause;
  control->resume = pause ? core->now + CONTROL_PAUSE : 0;
  room_rewatch (core, control->listen_fd, pause ? 0 : EPOLLIN, ROOM_LISTEN,
		0);
}

void
control_closed (struct core *core)
{
  /* A starved accept needs the descriptor more.  */
  if (!core->control.starved)
    control_fill_reserve (&core->control);
  control_pause (core, false);
}

/* Close the client whose going hurts least, but not EXCEPT: one that said
   nothing yet, one that is still saying it, one that does not read; if
   DESPERATE one that waits, too.  False if there is none.  */
static bool
control_evict (struct core *core, const struct client *except, bool desperate)
{
  static const enum client_phase order[]
    = { CLIENT_IDLE, CLIENT_READING, CLIENT_WRITING, CLIENT_WAITING };
  for (size_t i = 0; i < (desperate ? 4 : 3); i++)
    {
      struct client *client = core->control.phases[order[i]].first;
      if (client == except && client != NULL)
	client = client->next;
      if (client != NULL)
	{
	  client_close (core, client);
	  return true;
	}
    }
  return false;
}

static int
control_accept_once (const struct control *control)
{
  int fd;
  do
    fd = accept4 (control->listen_fd, NULL, NULL,
		  SOCK_CLOEXEC | SOCK_NONBLOCK);
  while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  return fd < 0 ? -errno : fd;
}

/* Accept a connection, with a reserved descriptor or an evicted client's if
   there is no other way.  A descriptor or -errno.  */
static int
control_accept (struct core *core)
{
  struct control *control = &core->control;
  for (;;)
    {
      int fd = control_accept_once (control);
      if (fd != -EMFILE && fd != -ENFILE)
	return fd;
      control->starved = true;
      if (!control_use_reserve (control)
	  && !control_evict (core, NULL, false)
	  && !control_evict (core, NULL, true))
	return fd;
    }
}

/* Only root and the daemon's own user may talk to us.  */
static bool
control_allows (struct core *core, int fd, uid_t *uid)
{
  struct control *control = &core->control;
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
    return false;
  *uid = peer.uid;
  if (peer.uid == 0 || peer.uid == getuid ())
    return true;
  if (control->refusal_logged == 0
      || core->now - control->refusal_logged > CONTROL_REFUSAL_PERIOD)
    {
      control->refusal_logged = core->now;
      room_log (core, "Refused connection of user %u.", (unsigned) peer.uid);
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
      close (fd);
      return;
    }
  struct client *client = client_new (core, fd, uid);
  if (client == NULL)
    return;
  uint64_t id = client->id;
  /* Mostly the command is there already.  */
  client_ready (core, client, EPOLLIN);
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
	control_pause (core, true);
      if (fd < 0)
	return;
    }
}

int
control_replace (struct core *core, int listen_fd)
{
  struct control *control = &core->control;
  if (control->listen_fd >= 0)
    {
      room_unwatch (core, control->listen_fd);
      close (control->listen_fd);
    }
  control->listen_fd = listen_fd;
  control->paused = false;
  control->resume = 0;
  return room_watch (core, listen_fd, EPOLLIN, ROOM_LISTEN, 0);
}

void
control_reply (struct core *core, struct message *message)
{
  struct client *client
    = control_find (core, ((struct text_message *) message)->id);
  if (client == NULL || client->phase != CLIENT_WAITING)
    message_free (message);
  else
    client_reply (core, client, message);
}

void
control_close_client (struct core *core, struct message *message)
{
  struct client *client
    = control_find (core, ((struct number_message *) message)->id);
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
      const struct client *oldest = control->phases[phase].first;
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
    control_pause (core, false);
  for (int phase = 0; phase < CLIENT_PHASE_COUNT; phase++)
    {
      struct client *oldest;
      while (control->times[phase] > 0
	     && (oldest = control->phases[phase].first) != NULL
	     && oldest->since + control->times[phase] <= core->now)
	if (phase == CLIENT_COLLECTING)
	  status_answer (core, oldest);
	else
	  client_close (core, oldest);
    }
}

bool
control_is_writing (const struct core *core)
{
  return core->control.phases[CLIENT_WRITING].first != NULL
    || core->control.phases[CLIENT_COLLECTING].first != NULL;
}
