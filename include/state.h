/* state.h -- the published state of services, in a memory file.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The core alone writes the file.  It is a header and a sequence of
   records, appended and never changed; of records with the same subject
   the latest one holds.  A record counts once the header's `used' covers
   it, which is written last: whoever dies in between leaves a good file.
   When a third of the file is outdated, what holds is copied into a new
   file.

   Format, version 3 (native byte order: it never leaves the machine):
     1  first version: services, forgotten services, processes, their ends;
     2  processes tell where their output goes;
     3  head, tail and what is saved are packed, see state-pack.c.
   Successors must skip records of a kind that they do not know.  */

#ifndef STATE_H
#define STATE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "message.h"
#include "text.h"

#define STATE_MAGIC "SHEPSTAT"
#define STATE_VERSION 3

struct state_header
{
  char magic[8];
  uint32_t version;
  uint32_t header_size;		/* records start here */
  _Atomic uint64_t used;	/* bytes that hold, header included */
};
static_assert (sizeof (struct state_header) == 24, "on-file layout");
static_assert (offsetof (struct state_header, used) == 16, "on-file layout");

enum state_kind
{
  STATE_SERVICE = 1,		/* struct state_service_data */
  STATE_FORGOTTEN = 2,		/* no payload: the service NAME is gone */
  STATE_PROCESS = 3,		/* struct state_process_data, of service NAME */
  STATE_ENDED = 4		/* struct state_process_data, only its pid */
};

/* A record; then NAME and its NUL, padding to 8 bytes, the payload, padding
   to 8 bytes.  */
struct state_record
{
  uint32_t length;		/* of the whole record, a multiple of 8 */
  uint32_t kind;		/* enum state_kind */
  uint32_t name_length;		/* without NUL */
  uint32_t payload_length;
};
static_assert (sizeof (struct state_record) == 16, "on-file layout");

/* Then the four texts, each with its NUL: the provided names (separated by
   NUL, the canonical one first), and packed head, tail and what is saved for
   a successor; see publish_message.  */
struct state_service_data
{
  uint64_t ring;
  uint32_t flags;		/* enum publish_flags */
  uint32_t names_length, head_length, tail_length, saved_length;
  uint32_t reserved;
};
static_assert (sizeof (struct state_service_data) == 32, "on-file layout");

/* Then the name of its log file, with its NUL; see spawn_plan.  */
struct state_process_data
{
  int64_t start_time;		/* CLOCK_REALTIME, ns */
  uint64_t plan;		/* spawn_plan.id, 0 if not spawned here */
  uint64_t ring;
  int32_t pid;
  uint32_t path_length;
};
static_assert (sizeof (struct state_process_data) == 32, "on-file layout");

struct state;
struct state_service;

/* What is published of a service; head, tail and what is saved are for
   state_unpack.  Pointers are valid until the state next changes.  */
struct state_view
{
  unsigned int flags;
  uint64_t ring;
  const char *name, *names, *head, *tail, *saved;
  size_t names_length, head_length, tail_length, saved_length;
};

struct state_process
{
  pid_t pid;
  int64_t start_time;
  uint64_t plan;
  const char *service;
  uint64_t ring;		/* of what it prints; 0: none */
  const char *log_path;		/* "": none but the daemon's */
};

/* Make an empty state.  0 or -errno.  */
int state_new (struct state **result);

/* Read the state in FD, which it takes over (also on failure).  0, -EINVAL
   if it is no state of a version that we know, or -errno.  */
int state_open (int fd, struct state **result);

/* Free STATE and close its file.  NULL is fine.  */
void state_free (struct state *state);

/* The memory file.  It changes when the state is compacted.  */
int state_fd (const struct state *state);

/* Record what MESSAGE publishes.  0 or -errno; then the former state of the
   service holds.  */
int state_publish (struct state *state, const struct publish_message *message);

/* Forget the service whose canonical name is NAME.  0, -ENOENT or -errno.  */
int state_forget (struct state *state, const char *name);

/* The service that provides NAME, or NULL.  */
struct state_service *state_find (const struct state *state,
				  const char *name);

/* The service published first, or the one after SERVICE.  */
struct state_service *state_first (const struct state *state);
struct state_service *state_next (const struct state_service *service);
size_t state_count (const struct state *state);

struct state_view state_read (const struct state *state,
			      const struct state_service *service);

/* Append to OUT what the LENGTH bytes of PACKED text stand for.  */
void state_unpack (struct text *out, const char *packed, size_t length);

/* Record the start or the end of a process.  0 or -errno.  */
int state_add_process (struct state *state,
		       const struct state_process *process);
int state_remove_process (struct state *state, pid_t pid);

/* Read the process found from *POSITION on, which moves past it.  Start
   with 0.  False at the end.  */
bool state_next_process (const struct state *state, size_t *position,
			 struct state_process *process);

/* Append to OUT the two data

     (services (RING SAVED (service ...)) ...)
     (processes (PID "SERVICE" START-TIME RING "LOG-PATH") ...)

   as a successor's interpreter reads them, as above.  */
void state_write_text (const struct state *state, struct text *out);

#endif
