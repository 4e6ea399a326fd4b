/* core-heir.c -- taking over from an earlier image of the process.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "../core/heir.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../core/client.h"
#include "inherit.h"
#include "listen.h"
#include "../core/room.h"

/* How long spawns under way are waited for.  */
#define HEIR_PATIENCE (250 * CLOCK_MILLISECOND)

static void
heir_drop (int fd)
{
  inherit_drop (fd);
  close (fd);
}

int
heir_open_state (struct core *core)
{
  int fd, result = 0;
  while (core->state == NULL && (fd = inherit_next (0, INHERIT_STATE)) >= 0)
    {
      inherit_drop (fd);
      fcntl (fd, F_SETFD, FD_CLOEXEC);
      result = state_open (fd, &core->state);
      if (result == 0)
	inherit_keep (state_fd (core->state), INHERIT_STATE);
    }
  if (result < 0)
    room_log (core, R_("Cannot read the saved state: %s."),
	      i18n_error (-result));
  if (core->state == NULL)
    return state_new (&core->state);
  /* If it was being replaced by a copy, there is another one.  */
  for (fd = 3; (fd = inherit_next (fd, INHERIT_STATE)) >= 0; fd++)
    if (fd != state_fd (core->state))
      heir_drop (fd);
  return 0;
}

/* Is PID, alive or to be reaped, still our child?  */
static bool
heir_is_child (pid_t pid)
{
  siginfo_t info;
  return waitid (P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Enter the child PID.  False if it is none any more, or memory is out.  */
static bool
heir_enter (struct core *core, pid_t pid)
{
  struct process *process = heir_is_child (pid) ? process_new () : NULL;
  if (process == NULL)
    return false;
  process->pid = pid;
  process->child = true;
  if (process_enter (core, process) == 0)
    return true;
  free (process);
  return false;
}

static void
heir_take_processes (struct core *core)
{
  struct state_process process;
  size_t position = 0;
  while (state_next_process (core->state, &position, &process))
    if (process_find (core, process.pid) == NULL
	&& !heir_enter (core, process.pid))
      {
	state_remove_process (core->state, process.pid);
	position = 0;		/* things have moved */
      }
}

/* Take over the children that nobody had heard of.  */
static void
heir_take_flights (struct core *core)
{
  struct inherit_flight *flight;
  for (unsigned int i = 0; i < INHERIT_FLIGHTS; i++)
    if ((flight = inherit_flight (i)) != NULL)
      {
	if (process_find (core, flight->pid) == NULL
	    && heir_enter (core, flight->pid))
	  process_record (core, (struct state_process) {
	    .pid = flight->pid, .plan = flight->plan,
	    .service = flight->service, .ring = flight->ring,
	    .log_path = inherit_flight_log_path (flight)
	  });
	inherit_land (flight);
      }
}

/* Write the reply that clients get whose command was lost with the earlier
   image.  */
static void
heir_put_interrupted (struct text *reply)
{
  const char *why = inherit_reason () == INHERIT_CRASH
    ? R_("Interrupted: shepherd crashed and went on; this command may or may"
	 " not have been carried out.")
    : R_("Interrupted: shepherd executed its program anew; this command may"
	 " or may not have been carried out.");
  text_append_string (reply, "(reply (version 0) (result #f) (error (error"
		      " (version 0) service-error)) (messages (");
  sexp_write_string (reply, why, strlen (why));
  text_append_string (reply, ")))");
}

static struct client *
heir_take_client (struct core *core, int fd)
{
  int64_t peer = listen_peer (fd);
  inherit_drop (fd);
  if (peer >= 0)
    return client_new (core, fd, peer);
  close (fd);
  return NULL;
}

static void
heir_take_clients (struct core *core)
{
  struct text text = TEXT_EMPTY;
  int fd;
  heir_put_interrupted (&text);
  while ((fd = inherit_next (0, INHERIT_CLIENT_REEXEC)) >= 0)
    {
      struct client *client = heir_take_client (core, fd);
      if (client != NULL)
	{
	  control_enter (core, client, CLIENT_WAITING);
	  inherit_keep (fd, INHERIT_CLIENT_BUSY);
	  core->waiting_client = client->id;
	}
    }
  for (fd = 0; (fd = inherit_next (fd, INHERIT_CLIENT)) >= 0; fd++)
    heir_take_client (core, fd);
  for (fd = 3; (fd = inherit_next (fd, INHERIT_CLIENT_ANSWERED)) >= 0;)
    heir_drop (fd);
  for (fd = 3; (fd = inherit_next (fd, INHERIT_CLIENT_BUSY)) >= 0; fd++)
    {
      struct client *waiting = control_find (core, core->waiting_client);
      if (waiting != NULL && waiting->fd == fd)
	continue;
      send (fd, text.bytes, text.length, MSG_DONTWAIT | MSG_NOSIGNAL);
      shutdown (fd, SHUT_WR);
      heir_drop (fd);
    }
  text_free (&text);
}

/* Go on with the end of the machine.  */
static void
heir_take_shutdown (struct core *core)
{
  int how = inherit_shutdown ();
  if (how < 0)
    return;
  room_log (core, "%s", R_("Going on with the shutdown."));
  shutdown_resume (core, (enum shutdown_how) how);
}

void
heir_take_over (struct core *core)
{
  heir_take_processes (core);
  heir_take_flights (core);
  heir_take_clients (core);
  heir_take_shutdown (core);
}

void
heir_save (struct core *core)
{
  int64_t end = clock_now () + HEIR_PATIENCE;
  do
    core_receive (core);
  while ((mailbox_wait (&core->inbox, core->processes.flights > 0 ? 5 : 0)
	  || core->processes.flights > 0)
	 && clock_now () < end);
}
