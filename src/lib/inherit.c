/* inherit.c -- what a successor of this process image takes over.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "inherit-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define INHERIT_MAGIC "SHEPHEIR"
#define INHERIT_MINUTE INT64_C (60000000000)

struct inherit inherit = { .fd = -1 };

void
inherit_copy (char *to, size_t size, const char *text)
{
  size_t length = text == NULL ? 0 : strnlen (text, size - 1);
  if (length > 0)
    memcpy (to, text, length);
  to[length] = '\0';
}

static int
inherit_make (void)
{
  int fd = memfd_create ("shepherd-inherit", MFD_CLOEXEC);
  if (fd < 0)
    return -errno;
  /* The pages that are used for sure are allocated now: touching one that
     memory has no room for would be a SIGBUS.  */
  if (ftruncate (fd, sizeof (struct inherit_table)) < 0
      || fallocate (fd, 0, 0,
		    offsetof (struct inherit_table, kinds) + 4096) < 0)
    {
      int error = errno;
      close (fd);
      return -error;
    }
  return fd;
}

static bool
inherit_is_known (const struct inherit_table *table)
{
  return (memcmp (table->magic, INHERIT_MAGIC, sizeof table->magic) == 0
	  && table->version == INHERIT_VERSION
	  && table->size == sizeof *table);
}

int
inherit_check (int fd)
{
  struct inherit_table *table;
  struct stat status;
  if (fstat (fd, &status) < 0)
    return -errno;
  if (status.st_size != sizeof *table)
    return -EINVAL;
  table = mmap (NULL, sizeof *table, PROT_READ, MAP_SHARED, fd, 0);
  if (table == MAP_FAILED)
    return -errno;
  bool known = inherit_is_known (table);
  munmap (table, sizeof *table);
  return known ? 0 : -EINVAL;
}

static int
inherit_map (int fd)
{
  struct stat status;
  if (fstat (fd, &status) < 0)
    return -errno;
  if (status.st_size != sizeof (struct inherit_table))
    return -EINVAL;
  void *map = mmap (NULL, sizeof (struct inherit_table),
		    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED)
    return -errno;
  inherit.table = map;
  inherit.fd = fd;
  return 0;
}

int
inherit_begin (int fd)
{
  bool made = fd < 0;
  int result;
  if (made && (fd = inherit_make ()) < 0)
    return fd;
  if ((result = inherit_map (fd)) < 0)
    {
      if (made)
	close (fd);
      return result;
    }
  struct inherit_table *table = inherit.table;
  inherit.taken_over = !made;
  if (made)
    {
      memcpy (table->magic, INHERIT_MAGIC, sizeof table->magic);
      table->version = INHERIT_VERSION;
      table->size = sizeof *table;
      inherit_change_process ();
      inherit_keep (fd, INHERIT_TABLE);
    }
  else if (!inherit_is_known (table)
	   || atomic_load (&table->pid) != getpid ())
    {
      munmap (table, sizeof *table);
      inherit.table = NULL;
      inherit.fd = -1;
      inherit.taken_over = false;
      return -EINVAL;
    }
  else
    inherit_forget_flights ();
  return 0;
}

bool
inherit_is_successor (void)
{
  return inherit.taken_over;
}

int
inherit_fd (void)
{
  return inherit.fd;
}

void
inherit_keep (int fd, enum inherit_kind kind)
{
  if (inherit.table == NULL || fd < 0 || fd >= INHERIT_DESCRIPTORS)
    return;
  uint32_t end = atomic_load (&inherit.table->end);
  while (end <= (uint32_t) fd
	 && !atomic_compare_exchange_weak (&inherit.table->end, &end,
					   (uint32_t) fd + 1))
    continue;
  unsigned char old = atomic_exchange (&inherit.table->kinds[fd],
				       (unsigned char) kind);
  if (old == INHERIT_PIPE && kind != INHERIT_PIPE)
    inherit_forget_output (fd);
}

void
inherit_drop (int fd)
{
  inherit_keep (fd, INHERIT_NOTHING);
}

enum inherit_kind
inherit_kind (int fd)
{
  if (inherit.table == NULL || fd < 0 || fd >= INHERIT_DESCRIPTORS)
    return INHERIT_NOTHING;
  return (enum inherit_kind) atomic_load (&inherit.table->kinds[fd]);
}

static int
inherit_end (void)
{
  return inherit.table == NULL ? 0 : (int) atomic_load (&inherit.table->end);
}

int
inherit_next (int fd, enum inherit_kind kind)
{
  for (int end = inherit_end (); fd < end; fd++)
    if (inherit_kind (fd) == kind)
      return fd;
  return -1;
}

void
inherit_prepare_exec (void)
{
  for (int fd = 0, end = inherit_end (); fd < end; fd++)
    if (inherit_kind (fd) != INHERIT_NOTHING)
      fcntl (fd, F_SETFD, 0);
}

void
inherit_change_process (void)
{
  if (inherit.table != NULL)
    atomic_store (&inherit.table->pid, getpid ());
}

uint32_t
inherit_flags (void)
{
  return inherit.table == NULL ? 0 : atomic_load (&inherit.table->flags);
}

void
inherit_set_flags (uint32_t flags, bool on)
{
  if (inherit.table != NULL && on)
    atomic_fetch_or (&inherit.table->flags, flags);
  else if (inherit.table != NULL)
    atomic_fetch_and (&inherit.table->flags, ~flags);
}

void
inherit_note_exit (pid_t pid, int status)
{
  if (inherit.table == NULL)
    return;
  uint32_t count = atomic_load (&inherit.table->exit_count);
  atomic_store (&inherit.table->exits[count % INHERIT_EXITS],
		(uint64_t) pid << 32 | (uint32_t) status);
  atomic_store (&inherit.table->exit_count, count + 1);
}

bool
inherit_find_exit (pid_t pid, int *status)
{
  if (inherit.table == NULL)
    return false;
  /* The latest first: numbers are used again.  */
  uint32_t count = atomic_load (&inherit.table->exit_count);
  for (uint32_t i = 1; i <= INHERIT_EXITS; i++)
    {
      uint64_t end = atomic_load (&inherit.table
				  ->exits[(count - i) % INHERIT_EXITS]);
      if ((pid_t) (end >> 32) == pid && pid > 0)
	{
	  *status = (int) (uint32_t) end;
	  return true;
	}
    }
  return false;
}

unsigned int
inherit_note_end (enum inherit_reason reason, int64_t now)
{
  unsigned int count = 0;
  if (inherit.table == NULL)
    return 1;
  atomic_store (&inherit.table->reason, reason);
  if (reason != INHERIT_CRASH)
    return 0;
  _Atomic int64_t *crashes = inherit.table->crashes;
  for (int i = INHERIT_CRASHES - 1; i > 0; i--)
    atomic_store (&crashes[i], atomic_load (&crashes[i - 1]));
  atomic_store (&crashes[0], now);
  while (count < INHERIT_CRASHES && atomic_load (&crashes[count]) != 0
	 && now - atomic_load (&crashes[count]) < INHERIT_MINUTE)
    count++;
  return count;
}

enum inherit_reason
inherit_reason (void)
{
  return (inherit.table == NULL ? INHERIT_CRASH
	  : (enum inherit_reason) atomic_load (&inherit.table->reason));
}

void
inherit_note_shutdown (int how)
{
  if (inherit.table != NULL)
    atomic_store (&inherit.table->shutdown, how + 1);
}

int
inherit_shutdown (void)
{
  return inherit.table == NULL ? -1
    : atomic_load (&inherit.table->shutdown) - 1;
}

void
inherit_note_culprit (const char *service)
{
  if (inherit.table != NULL)
    inherit_copy (inherit.table->culprit, sizeof inherit.table->culprit,
		  service);
}

void
inherit_culprit (char *service, size_t size)
{
  inherit_copy (service, size,
		inherit.table == NULL ? NULL : inherit.table->culprit);
}

void
inherit_forgive (void)
{
  for (int i = 0; inherit.table != NULL && i < INHERIT_CRASHES; i++)
    atomic_store (&inherit.table->crashes[i], 0);
}
