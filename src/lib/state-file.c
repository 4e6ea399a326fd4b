/* state-file.c -- the memory file below the published state.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "inherit.h"
#include "state-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define STATE_FILE_STEP ((size_t) 64 * 1024)

static size_t
round_up (size_t size, size_t unit)
{
  return (size + unit - 1) / unit * unit;
}

static struct state_header *
state_file_header (const struct state_file *file)
{
  return (struct state_header *) file->map;
}

/* Make FILE CAPACITY bytes long.  The pages are allocated now: touching one
   that memory has no room for would be a SIGBUS.  */
static int
state_file_resize (struct state_file *file, size_t capacity)
{
  if (fallocate (file->fd, 0, 0, (off_t) capacity) < 0)
    return -errno;
  void *map = file->map == NULL
    ? mmap (NULL, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file->fd, 0)
    : mremap (file->map, file->capacity, capacity, MREMAP_MAYMOVE);
  if (map == MAP_FAILED)
    return -errno;
  file->map = map;
  file->capacity = capacity;
  return 0;
}

int
state_file_new (struct state_file *file, size_t size)
{
  file->map = NULL;
  file->capacity = 0;
  file->fd = memfd_create ("shepherd-state", MFD_CLOEXEC);
  if (file->fd < 0)
    return -errno;
  size += sizeof (struct state_header);
  int result = state_file_resize (file, round_up (size, STATE_FILE_STEP));
  if (result < 0)
    {
      state_file_close (file);
      return result;
    }
  struct state_header *header = state_file_header (file);
  memcpy (header->magic, STATE_MAGIC, sizeof header->magic);
  header->version = STATE_VERSION;
  header->header_size = sizeof *header;
  atomic_store (&header->used, sizeof *header);
  return 0;
}

static bool
state_file_good (const struct state_file *file)
{
  const struct state_header *header = state_file_header (file);
  return (memcmp (header->magic, STATE_MAGIC, sizeof header->magic) == 0
	  && header->version == STATE_VERSION
	  && header->header_size == sizeof *header
	  && atomic_load (&header->used) >= sizeof *header
	  && atomic_load (&header->used) <= file->capacity);
}

int
state_file_adopt (struct state_file *file, int fd)
{
  struct stat status;
  file->map = NULL;
  file->capacity = 0;
  file->fd = fd;
  int result = fstat (fd, &status) < 0 ? -errno : 0;
  if (result == 0 && status.st_size < (off_t) sizeof (struct state_header))
    result = -EINVAL;
  if (result == 0)
    result = state_file_resize (file, (size_t) status.st_size);
  if (result == 0 && !state_file_good (file))
    result = -EINVAL;
  if (result < 0)
    state_file_close (file);
  return result;
}

void
state_file_close (struct state_file *file)
{
  if (file->map != NULL)
    munmap (file->map, file->capacity);
  inherit_drop (file->fd);
  if (file->fd >= 0)
    close (file->fd);
  file->map = NULL;
  file->fd = -1;
}

size_t
state_file_used (const struct state_file *file)
{
  return (size_t) atomic_load_explicit (&state_file_header (file)->used,
					memory_order_relaxed);
}

size_t
state_file_size (size_t name_length, size_t payload_length)
{
  return (sizeof (struct state_record) + round_up (name_length + 1, 8)
	  + round_up (payload_length, 8));
}

int
state_file_reserve (struct state_file *file, size_t size)
{
  size_t needed = state_file_used (file) + size;
  if (needed <= file->capacity)
    return 0;
  /* A quarter more, so that growing costs little in all.  */
  return state_file_resize (file, round_up (needed + file->capacity / 4,
					    STATE_FILE_STEP));
}

char *
state_file_draft (struct state_file *file, enum state_kind kind,
		  const char *name, size_t payload_length)
{
  struct state_record *record
    = (struct state_record *) (file->map + state_file_used (file));
  size_t name_length = strlen (name);
  record->length = (uint32_t) state_file_size (name_length, payload_length);
  record->kind = kind;
  record->name_length = (uint32_t) name_length;
  record->payload_length = (uint32_t) payload_length;
  memcpy ((char *) (record + 1), name, name_length + 1);
  return (char *) (record + 1) + round_up (name_length + 1, 8);
}

void
state_file_commit (struct state_file *file)
{
  struct state_header *header = state_file_header (file);
  size_t used = state_file_used (file);
  const struct state_record *record
    = (const struct state_record *) (file->map + used);
  atomic_store_explicit (&header->used, used + record->length,
			 memory_order_release);
}

void
state_file_rewind (struct state_file *file, size_t offset)
{
  atomic_store_explicit (&state_file_header (file)->used, offset,
			 memory_order_release);
}

const struct state_record *
state_file_record (const struct state_file *file, size_t offset)
{
  size_t used = state_file_used (file);
  if (offset + sizeof (struct state_record) > used)
    return NULL;
  const struct state_record *record
    = (const struct state_record *) (file->map + offset);
  if (record->length > used - offset || record->length % 8 != 0
      || record->name_length > record->length
      || record->payload_length > record->length
      || record->length < state_file_size (record->name_length,
					   record->payload_length)
      || state_record_name (record)[record->name_length] != '\0')
    return NULL;
  return record;
}

const char *
state_record_name (const struct state_record *record)
{
  return (const char *) (record + 1);
}

const char *
state_record_payload (const struct state_record *record)
{
  return (const char *) (record + 1) + round_up (record->name_length + 1, 8);
}
