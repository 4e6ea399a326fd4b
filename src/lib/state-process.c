/* state-process.c -- the records of processes in the published state.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "state-private.h"

int
state_index_process (struct state *state, pid_t pid, size_t offset)
{
  struct state_place *place = table_get (&state->processes, (uint64_t) pid);
  if (place != NULL)
    {
      state->garbage += state_record_length (state, place->offset);
      place->offset = offset;
      return 0;
    }
  place = malloc (sizeof *place);
  if (place == NULL)
    return -ENOMEM;
  place->offset = offset;
  int result = table_put (&state->processes, (uint64_t) pid, place);
  if (result < 0)
    free (place);
  return result;
}

bool
state_drop_process (struct state *state, pid_t pid)
{
  struct state_place *place = table_remove (&state->processes,
					    (uint64_t) pid);
  if (place == NULL)
    return false;
  state->garbage += state_record_length (state, place->offset);
  free (place);
  return true;
}

/* Append a record of KIND about PROCESS.  Its offset, or -errno.  */
static ssize_t
state_write_process (struct state *state, enum state_kind kind,
		     const struct state_process *process)
{
  struct state_process_data data = {
    .pid = process->pid, .start_time = process->start_time,
    .plan = process->plan, .ring = process->ring,
    .path_length = (uint32_t) strlen (process->log_path)
  };
  size_t size = sizeof data + data.path_length + 1;
  int result = state_reserve (state,
			      state_file_size (strlen (process->service),
					       size));
  if (result < 0)
    return result;
  size_t offset = state_file_used (&state->file);
  char *payload = state_file_draft (&state->file, kind, process->service,
				    size);
  memcpy (payload, &data, sizeof data);
  memcpy (payload + sizeof data, process->log_path, data.path_length + 1);
  state_file_commit (&state->file);
  return (ssize_t) offset;
}

int
state_add_process (struct state *state, const struct state_process *process)
{
  ssize_t offset = state_write_process (state, STATE_PROCESS, process);
  if (offset < 0)
    return (int) offset;
  return state_index_process (state, process->pid, (size_t) offset);
}

int
state_remove_process (struct state *state, pid_t pid)
{
  if (!state_drop_process (state, pid))
    return -ENOENT;
  struct state_process ended = { .pid = pid, .service = "", .log_path = "" };
  ssize_t offset = state_write_process (state, STATE_ENDED, &ended);
  if (offset < 0)
    return (int) offset;
  state->garbage += state_record_length (state, (size_t) offset);
  return 0;
}

bool
state_next_process (const struct state *state, size_t *position,
		    struct state_process *process)
{
  struct state_process_data data;
  const struct state_place *place = table_next (&state->processes, position);
  if (place == NULL)
    return false;
  const struct state_record *record
    = state_file_record (&state->file, place->offset);
  const char *payload = state_record_payload (record);
  memcpy (&data, payload, sizeof data);
  process->pid = data.pid;
  process->start_time = data.start_time;
  process->plan = data.plan;
  process->service = state_record_name (record);
  process->ring = data.ring;
  process->log_path = payload + sizeof data;
  return true;
}
