/* state-private.h -- the inside of the published state.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The texts are in the file only.  Beside it stands an index: where the
   record of each service and process is, and which service a name means.  */

#ifndef STATE_PRIVATE_H
#define STATE_PRIVATE_H

#include "names.h"
#include "state-file.h"

struct state_service
{
  struct state_service *next, *previous;
  size_t offset;		/* of its record; 0: none yet */
};

/* Where the record of a process is.  */
struct state_place
{
  size_t offset;
};

struct state
{
  struct state_file file;
  size_t garbage;		/* bytes of outdated records */
  struct state_service *first, *last;
  size_t count;
  struct names names;		/* of struct state_service */
  struct table processes;	/* of struct state_place, by pid */
};

/* Room enough for LENGTH bytes of up to three texts, packed.  */
#define STATE_PACKED_MAX(length) (2 * (size_t) (length) + 6)

/* Pack TEXT into PACKED, where there is room.  The number of bytes.  */
size_t state_pack (char *packed, const char *text);

/* Bytes of the record at OFFSET.  */
size_t state_record_length (const struct state *state, size_t offset);

/* Make room for SIZE bytes, maybe by compaction: offsets in the index stay
   right, pointers into the file do not.  0 or -errno.  */
int state_reserve (struct state *state, size_t size);

/* Index the process record at OFFSET.  0 or -ENOMEM.  */
int state_index_process (struct state *state, pid_t pid, size_t offset);

/* Forget PID in the index.  False if it was not there.  */
bool state_drop_process (struct state *state, pid_t pid);

#endif
