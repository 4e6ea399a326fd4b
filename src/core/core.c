/* core.c -- the core thread.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "core.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "heir.h"
#include "inherit.h"
#include "room.h"
#include "thread.h"

/* Events taken in one turn.  */
#define CORE_BATCH 128

/* The messages that the core understands, mostly of the interpreter.  */

static void
core_publish (struct core *core, struct message *message)
{
  struct publish_message *publish = (struct publish_message *) message;
  room_check (core, state_publish (core->state, publish),
	      R_("Cannot publish the state of service '%s': %s."),
	      publish->name);
  message_free (message);
}

static void
core_forget (struct core *core, struct message *message)
{
  const char *name = ((struct text_message *) message)->text;
  int result = state_forget (core->state, name);
  if (result != -ENOENT)
    room_check (core, result,
		R_("Cannot forget the state of service '%s': %s."), name);
  message_free (message);
}

static void
core_take_park (struct core *core, struct message *message)
{
  core->parked = true;
  message_free (message);
}

/* Take MESSAGE_REEXEC.  */
static void
core_reexec (struct core *core, struct message *message)
{
  struct client *client
    = control_find (core, ((struct number_message *) message)->id);
  message_free (message);
  if (core->options.reexec == NULL)
    return;
  if (client != NULL)
    inherit_keep (client->fd, INHERIT_CLIENT_REEXEC);
  heir_save (core);
  core->options.reexec ();
}

static void (*const core_takers[MESSAGE_COUNT])
  (struct core *core, struct message *message) = {
  [MESSAGE_PUBLISH] = core_publish,
  [MESSAGE_FORGET] = core_forget,
  [MESSAGE_REPLY] = control_reply,
  [MESSAGE_REPLY_SERVICE] = control_reply,
  [MESSAGE_CLOSE_CLIENT] = control_close_client,
  [MESSAGE_SPAWN] = process_spawn,
  [MESSAGE_SPAWN_DONE] = process_spawn_done,
  [MESSAGE_SPAWN_LATER] = process_spawn_later,
  [MESSAGE_KILL] = process_kill,
  [MESSAGE_KILL_PATIENTLY] = process_kill,
  [MESSAGE_WATCH_PROCESS] = pidfd_watch,
  [MESSAGE_SHUTDOWN_BEGINS] = shutdown_promise,
  [MESSAGE_SHUTDOWN] = shutdown_begin,
  [MESSAGE_RINGS] = status_rings,
  [MESSAGE_FLUSHED] = shutdown_flushed,
  [MESSAGE_REEXEC] = core_reexec,
  [MESSAGE_PARK] = core_take_park
};

void
core_receive (struct core *core)
{
  struct message *message;
  mailbox_look (&core->inbox);
  while ((message = mailbox_next (&core->inbox)) != NULL)
    if (core_takers[message->kind] != NULL)
      core_takers[message->kind] (core, message);
    else
      message_free (message);
}

static void
core_take_signals (struct core *core)
{
  struct signalfd_siginfo signals[8];
  ssize_t size = read (core->signal_fd, signals, sizeof signals);
  for (ssize_t i = 0; i < size / (ssize_t) sizeof *signals; i++)
    {
      int signum = (int) signals[i].ssi_signo;
      if (signum == SIGCHLD)
	process_signalled (core, (pid_t) signals[i].ssi_pid);
      else
	room_tell (core, room_number (core, MESSAGE_SIGNAL, 0, signum, 0));
      if (signum == SIGINT || signum == SIGTERM || signum == SIGHUP)
	shutdown_expect (core);
    }
}

/* Another thread crashed.  Save everything; nothing may change after that.  */
static _Noreturn void
core_wait_for_successor (struct core *core)
{
  heir_save (core);
  plea_answer (&core->rescue);
  core_join (core);
}

static void
core_event (struct core *core, uint64_t data)
{
  uint64_t id = data & ((UINT64_C (1) << ROOM_TAG_SHIFT) - 1);
  switch ((enum room_tag) (data >> ROOM_TAG_SHIFT))
    {
    case ROOM_INBOX:
      break;			/* looked into in each turn anyway */
    case ROOM_SIGNALS:
      core_take_signals (core);
      break;
    case ROOM_LISTEN:
      control_ready (core);
      break;
    case ROOM_CLIENT:
      client_ready (core, control_find (core, id));
      break;
    case ROOM_PROCESS:
      pidfd_ready (core, (pid_t) id);
      break;
    case ROOM_SOCKET_FILE:
      socket_ready (core);
      break;
    case ROOM_TICK:
      tick_ready (core);
      break;
    case ROOM_RESCUE:
      core_wait_for_successor (core);
      break;
    }
}

/* Ring for what was said in this turn.  */
static void
core_ring (struct core *core)
{
  if (core->told_logger)
    mailbox_ring (core->options.to_logger);
  core->told_logger = false;
  if (core->alert)
    {
      mailbox_ring (core->options.to_interpreter);
      tick_alert (core);
    }
  core->alert = false;
}

/* Milliseconds until the next deadline; -1: there is none.  */
static int
core_timeout (const struct core *core)
{
  const int64_t deadlines[] = {
    control_deadline (core), core->processes.stuck, core->processes.retry,
    core->processes.search, core->shutdown.deadline
  };
  int64_t first = INT64_MAX;
  for (size_t i = 0; i < sizeof deadlines / sizeof *deadlines; i++)
    if (deadlines[i] != 0 && deadlines[i] < first)
      first = deadlines[i];
  if (first == INT64_MAX)
    return -1;
  int64_t left = first - clock_now () + CLOCK_MILLISECOND - 1;
  left = left < 0 ? 0 : left / CLOCK_MILLISECOND;
  return left > INT_MAX ? INT_MAX : (int) left;
}

/* Fill up the messages for when memory is out.  */
static void
core_refill_spares (struct core *core)
{
  while (core->spare_count < ROOM_SPARE_COUNT)
    {
      struct message *spare = message_number (MESSAGE_PARK, 0, 0, 0);
      if (spare == NULL)
	return;
      core->spares[core->spare_count++] = spare;
    }
}

/* One turn: wait, and take what came.  Messages first, whatever woke us: who
   asks for a status sees what was published before.  */
static void
core_turn (struct core *core)
{
  struct epoll_event events[CORE_BATCH];
  core_ring (core);
  int count = epoll_wait (core->epoll_fd, events, CORE_BATCH,
			  core_timeout (core));
  core->now = clock_now ();
  core_receive (core);
  for (int i = 0; i < count; i++)
    core_event (core, events[i].data.u64);
  control_expire (core);
  if (room_is_due (core, core->processes.stuck))
    process_expire (core);
  if (room_is_due (core, core->processes.retry))
    pidfd_expire (core);
  if (room_is_due (core, core->processes.search))
    process_reap (core);
  shutdown_advance (core);
  core_refill_spares (core);
}

static void *
core_main (void *argument)
{
  struct core *core = argument;
  core->now = clock_now ();
  process_reap (core);		/* of what ended while nobody listened */
  while (!core->parked)
    core_turn (core);
  core_ring (core);
  return NULL;
}

/* Open the signalfd.  After a fork the one of the parent must go: epoll
   would wait for the parent's signals through it.  0 or -errno.  */
static int
core_open_signals (struct core *core)
{
  sigset_t signals;
  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGHUP);
  sigaddset (&signals, SIGPWR);
  poller_close (core->epoll_fd, &core->signal_fd);
  core->signal_fd = signalfd (-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (core->signal_fd < 0)
    return -errno;
  return room_watch (core, core->signal_fd, EPOLLIN, ROOM_SIGNALS, 0);
}

void
core_free (struct core *core)
{
  if (core == NULL)
    return;
  tick_close (core);
  plea_close (&core->rescue);
  control_free (core);
  status_free (core);
  process_free (core);
  spawner_free (&core->spawner);
  state_free (core->state);
  socket_free (core);
  mailbox_close (&core->inbox);
  while (core->spare_count > 0)
    message_free (core->spares[--core->spare_count]);
  poller_close (core->epoll_fd, &core->signal_fd);
  close (core->epoll_fd);
  free (core);
}

/* The parts of CORE that may fail.  0 or -errno.  */
static int
core_open (struct core *core)
{
  int result = mailbox_open (&core->inbox);
  spawner_init (&core->spawner, &core->inbox);
  core->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (result == 0 && core->epoll_fd < 0)
    result = -errno;
  if (result == 0)
    result = room_watch (core, core->inbox.bell, EPOLLIN | EPOLLET,
			 ROOM_INBOX, 0);
  if (result == 0)
    result = heir_open_state (core);
  if (result == 0)
    result = plea_open (&core->rescue);
  if (result == 0)
    result = room_watch (core, core->rescue.ask, EPOLLIN, ROOM_RESCUE, 0);
  if (result == 0)
    result = control_open (core);
  return result < 0 ? result : tick_open (core);
}

int
core_new (const struct core_options *options, struct core **result)
{
  struct core *core = calloc (1, sizeof *core);
  if (core == NULL)
    return -ENOMEM;
  core->options = *options;
  core->pid = getpid ();
  core->signal_fd = -1;
  core_refill_spares (core);
  /* What fails here ends the program: nothing is taken back.  */
  int error = core_open (core);
  if (error < 0)
    return error;
  socket_init (core);
  if (inherit_is_successor ())
    heir_take_over (core);
  *result = core;
  return 0;
}

struct mailbox *
core_mailbox (struct core *core)
{
  return &core->inbox;
}

int
core_start (struct core *core)
{
  bool forked = core->pid != getpid ();
  core->pid = getpid ();
  core->parked = false;
  core->now = clock_now ();
  int result = core_open_signals (core);
  if (result == 0)
    result = spawner_start (&core->spawner);
  if (result < 0)
    return result;
  if (forked)
    pidfd_disown_children (core);
  result = thread_start (&core->thread, "core", core_main, core);
  if (result < 0)
    spawner_park (&core->spawner);
  return result;
}

bool
core_rescue (const struct core *core, int timeout)
{
  return (!pthread_equal (pthread_self (), core->thread)
	  && plea_call (&core->rescue, timeout));
}

char *
core_inheritance (const struct core *core)
{
  struct text text = TEXT_EMPTY;
  text_printf (&text, "((client %llu) ",
	       (unsigned long long) core->waiting_client);
  state_write_text (core->state, &text);
  text_append_char (&text, ')');
  return text_steal (&text);
}

void
core_park (struct core *core)
{
  thread_park (&core->inbox);
  pthread_join (core->thread, NULL);
  spawner_park (&core->spawner);
}

void
core_join (struct core *core)
{
  (void) core;
  for (;;)
    pause ();
}
