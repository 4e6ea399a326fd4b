/* inherit-flight.c -- processes that are being started, for a successor.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "inherit-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>

/* The number of the flight whose output comes through FD, or -1.  */
static int
inherit_find_output (int fd)
{
  for (int i = 0; i < INHERIT_FLIGHTS; i++)
    if ((atomic_load (&inherit.table->waits[i]) & INHERIT_OUTPUT)
	&& inherit.table->flights[i].pipe == fd)
      return i;
  return -1;
}

/* Have memory for a path of SIZE bytes of flight I: touching what there is none
   for would be a SIGBUS.  0 or -errno.  */
static int
inherit_allocate (int i, size_t size)
{
  off_t start = inherit.table->log_paths[i] - (const char *) inherit.table;
  if (size <= inherit.allocated[i])
    return 0;
  if (fallocate (inherit.fd, 0, start, (off_t) size) < 0)
    return -errno;
  inherit.allocated[i] = size;
  return 0;
}

/* The bytes that the log file's name takes; 0: there is none.  */
static size_t
inherit_path_size (const struct spawn_plan *plan)
{
  if (plan->log_path == NULL || plan->log_path[0] == '\0')
    return 0;
  return strnlen (plan->log_path, PATH_MAX - 1) + 1;
}

static void
inherit_fill_flight (int i, const struct spawn_plan *plan)
{
  struct inherit_flight *flight = &inherit.table->flights[i];
  atomic_store (&flight->pid, 0);
  flight->pipe = plan->pipe_fd;
  flight->plan = plan->id;
  flight->ring = plan->ring;
  flight->history = plan->history;
  flight->log_with_pid = plan->log_with_pid;
  inherit_copy (flight->service, sizeof flight->service, plan->service);
  inherit_copy (flight->log_prefix, sizeof flight->log_prefix,
		plan->log_prefix);
  flight->has_log_path = inherit_path_size (plan) > 0;
  /* The file was opened by this name: it fits.  */
  if (flight->has_log_path)
    inherit_copy (inherit.table->log_paths[i], PATH_MAX, plan->log_path);
}

const char *
inherit_flight_log_path (const struct inherit_flight *flight)
{
  return flight->has_log_path
    ? inherit.table->log_paths[flight - inherit.table->flights] : "";
}

int
inherit_take_off (const struct spawn_plan *plan,
		  struct inherit_flight **flight)
{
  bool inherited = plan->pipe_fd >= 0 && plan->pipe_fd < INHERIT_DESCRIPTORS;
  *flight = NULL;
  if (inherit.table == NULL)
    return 0;
  for (int i = 0; i < INHERIT_FLIGHTS; i++)
    {
      _Atomic uint32_t *wait = &inherit.table->waits[i];
      uint32_t none = 0;
      if (!atomic_compare_exchange_strong (wait, &none, INHERIT_FILLING))
	continue;
      int result = inherit_allocate (i, inherit_path_size (plan));
      if (result == 0)
	{
	  *flight = &inherit.table->flights[i];
	  inherit_fill_flight (i, plan);
	}
      atomic_store (wait, result < 0 ? 0 : !inherited ? INHERIT_PROCESS
		    : INHERIT_PROCESS | INHERIT_OUTPUT);
      return result;
    }
  return -EAGAIN;
}

void
inherit_land (struct inherit_flight *flight)
{
  if (flight != NULL)
    atomic_fetch_and (&inherit.table->waits[flight - inherit.table->flights],
		      ~(uint32_t) INHERIT_PROCESS);
}

struct inherit_flight *
inherit_flight (unsigned int i)
{
  if (inherit.table == NULL || i >= INHERIT_FLIGHTS
      || !(atomic_load (&inherit.table->waits[i]) & INHERIT_PROCESS))
    return NULL;
  struct inherit_flight *flight = &inherit.table->flights[i];
  return atomic_load (&flight->pid) > 0 ? flight : NULL;
}

const struct inherit_flight *
inherit_flight_of_pipe (int fd)
{
  int i = inherit_kind (fd) == INHERIT_PIPE ? inherit_find_output (fd) : -1;
  return i < 0 ? NULL : &inherit.table->flights[i];
}

void
inherit_forget_output (int fd)
{
  int i = inherit_find_output (fd);
  if (i >= 0)
    atomic_fetch_and (&inherit.table->waits[i], ~(uint32_t) INHERIT_OUTPUT);
}

void
inherit_forget_flights (void)
{
  struct inherit_table *table = inherit.table;
  for (int i = 0; i < INHERIT_FLIGHTS; i++)
    {
      uint32_t wait = atomic_load (&table->waits[i]);
      if (wait & INHERIT_FILLING)
	wait = 0;
      if ((wait & INHERIT_PROCESS) && atomic_load (&table->flights[i].pid) == 0)
	wait &= ~(uint32_t) INHERIT_PROCESS;
      if ((wait & INHERIT_OUTPUT)
	  && inherit_kind (table->flights[i].pipe) != INHERIT_PIPE)
	wait &= ~(uint32_t) INHERIT_OUTPUT;
      atomic_store (&table->waits[i], wait);
    }
}
