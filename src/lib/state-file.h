/* state-file.h -- the memory file below the published state.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef STATE_FILE_H
#define STATE_FILE_H

#include "state.h"

struct state_file
{
  int fd;			/* -1: none */
  char *map;			/* NULL: none */
  size_t capacity;		/* bytes allocated and mapped */
};

/* Make a file with room for SIZE bytes of records.  0 or -errno.  */
int state_file_new (struct state_file *file, size_t size);

/* Map the file FD, which FILE takes over, also on failure, and check it.
   0, -EINVAL or -errno.  */
int state_file_adopt (struct state_file *file, int fd);

/* Unmap and close.  */
void state_file_close (struct state_file *file);

/* Bytes in use; a record starts there when one is appended.  */
size_t state_file_used (const struct state_file *file);

/* The bytes that a record takes.  */
size_t state_file_size (size_t name_length, size_t payload_length);

/* Make room for SIZE more bytes; pointers into the file become invalid.
   0 or -errno.  */
int state_file_reserve (struct state_file *file, size_t size);

/* Start a record where there is room for it.  Returns its payload, to be
   filled in; nothing counts before the commit.  */
char *state_file_draft (struct state_file *file, enum state_kind kind,
			const char *name, size_t payload_length);
void state_file_commit (struct state_file *file);

/* Take back the records from OFFSET on.  */
void state_file_rewind (struct state_file *file, size_t offset);

/* The record at OFFSET, or NULL where no (whole) record is.  */
const struct state_record *state_file_record (const struct state_file *file,
					      size_t offset);

const char *state_record_name (const struct state_record *record);
const char *state_record_payload (const struct state_record *record);

#endif
