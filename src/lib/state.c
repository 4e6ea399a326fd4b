/* state.c -- the published state of services, in a memory file.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inherit.h"
#include "state-private.h"

/* For each NAME in NUL-separated NAMES.  */
#define state_for_each_name(name, names) \
  for (const char *name = (names); *name != '\0'; name += strlen (name) + 1)

static struct state_view
state_view_record (const struct state_record *record)
{
  struct state_service_data data;
  const char *payload = state_record_payload (record);
  memcpy (&data, payload, sizeof data);
  const char *text = payload + sizeof data;
  struct state_view view = {
    .flags = data.flags, .ring = data.ring,
    .name = state_record_name (record),
    .names_length = data.names_length, .head_length = data.head_length,
    .tail_length = data.tail_length, .saved_length = data.saved_length
  };
  view.names = text;
  view.head = view.names + data.names_length + 1;
  view.tail = view.head + data.head_length + 1;
  view.saved = view.tail + data.tail_length + 1;
  return view;
}

struct state_view
state_read (const struct state *state, const struct state_service *service)
{
  return state_view_record (state_file_record (&state->file,
					       service->offset));
}

struct state_service *
state_find (const struct state *state, const char *name)
{
  return names_get (&state->names, name);
}

struct state_service *
state_first (const struct state *state)
{
  return state->first;
}

struct state_service *
state_next (const struct state_service *service)
{
  return service->next;
}

size_t
state_count (const struct state *state)
{
  return state->count;
}

int
state_fd (const struct state *state)
{
  return state->file.fd;
}

/* The service whose canonical name is NAME, or NULL.  */
static struct state_service *
state_find_canonical (const struct state *state, const char *name)
{
  struct state_service *service = state_find (state, name);
  return service != NULL && service->offset != 0
    && strcmp (state_read (state, service).name, name) == 0 ? service : NULL;
}

static struct state_service *
state_add_service (struct state *state)
{
  struct state_service *service = calloc (1, sizeof *service);
  if (service == NULL)
    return NULL;
  service->previous = state->last;
  if (state->last != NULL)
    state->last->next = service;
  else
    state->first = service;
  state->last = service;
  state->count++;
  return service;
}

/* Take SERVICE out of the index, with its names.  */
static void
state_drop_service (struct state *state, struct state_service *service)
{
  if (service->offset != 0)
    state_for_each_name (name, state_read (state, service).names)
      names_remove (&state->names, name, service);
  if (service->previous != NULL)
    service->previous->next = service->next;
  else
    state->first = service->next;
  if (service->next != NULL)
    service->next->previous = service->previous;
  else
    state->last = service->previous;
  state->count--;
  free (service);
}

size_t
state_record_length (const struct state *state, size_t offset)
{
  return state_file_record (&state->file, offset)->length;
}

/* Let NAME mean SERVICE.  Another service that it is the canonical name of
   cannot be there any more.  0 or -ENOMEM.  */
static int
state_name_service (struct state *state, const char *name,
		    struct state_service *service)
{
  struct state_service *other = state_find_canonical (state, name);
  if (other != NULL && other != service)
    {
      state->garbage += state_record_length (state, other->offset);
      state_drop_service (state, other);
    }
  return names_put (&state->names, name, service);
}

static bool
names_contain (const char *names, const char *wanted)
{
  state_for_each_name (name, names)
    if (strcmp (name, wanted) == 0)
      return true;
  return false;
}

/* Let those of NAMES mean nothing that mean SERVICE and are not in KEPT.  */
static void
state_drop_names (struct state *state, const struct state_service *service,
		  const char *names, const char *kept)
{
  state_for_each_name (name, names)
    if (!names_contain (kept, name))
      names_remove (&state->names, name, service);
}

/* Point the index of SERVICE at the record at OFFSET.  0 or -ENOMEM; then
   the service is as before, but others may have lost names to it.  */
static int
state_index_service (struct state *state, struct state_service *service,
		     size_t offset)
{
  const char *new
    = state_view_record (state_file_record (&state->file, offset)).names;
  const char *old
    = service->offset == 0 ? "" : state_read (state, service).names;
  state_for_each_name (name, new)
    {
      int result = state_name_service (state, name, service);
      if (result < 0)
	{
	  state_drop_names (state, service, new, old);
	  return result;
	}
    }
  state_drop_names (state, service, old, new);
  if (service->offset != 0)
    state->garbage += state_record_length (state, service->offset);
  service->offset = offset;
  return 0;
}

/* Copy the record at *OFFSET to TO, and let *OFFSET be where it is now.  */
static void
state_copy_record (const struct state *state, struct state_file *to,
		   size_t *offset)
{
  const struct state_record *record
    = state_file_record (&state->file, *offset);
  *offset = state_file_used (to);
  memcpy (to->map + *offset, record, record->length);
  state_file_commit (to);
}

/* Copy what holds into a new file with room for SIZE more bytes.  */
static int
state_compact (struct state *state, size_t size)
{
  struct state_file file;
  size_t live = state_file_used (&state->file) - state->garbage;
  int result = state_file_new (&file, live + live / 4 + size);
  if (result < 0)
    return result;
  for (struct state_service *service = state->first; service != NULL;
       service = service->next)
    if (service->offset != 0)
      state_copy_record (state, &file, &service->offset);
  struct state_place *place;
  for (size_t i = 0; (place = table_next (&state->processes, &i)) != NULL;)
    state_copy_record (state, &file, &place->offset);
  /* For a moment there are two, each of which is good.  */
  inherit_keep (file.fd, INHERIT_STATE);
  state_file_close (&state->file);
  state->file = file;
  state->garbage = 0;
  return 0;
}

int
state_reserve (struct state *state, size_t size)
{
  size_t used = state_file_used (&state->file);
  if (used + size > state->file.capacity && state->garbage > used / 3
      && state_compact (state, size) == 0)
    return 0;
  return state_file_reserve (&state->file, size);
}

/* Append TEXT and its NUL at *END, which moves on.  */
static void
state_put (char **end, const char *text, size_t length)
{
  memcpy (*end, text, length);
  (*end)[length] = '\0';
  *end += length + 1;
}

/* The bytes of NUL-separated NAMES, without the NUL that ends the list.  */
static size_t
names_length (const char *names)
{
  size_t length = 0;
  while (names[length] != '\0')
    length += strlen (names + length) + 1;
  return length;
}

/* Append TEXT, packed, and its NUL at *END, which moves on.  Its length.  */
static uint32_t
state_put_packed (char **end, const char *text)
{
  size_t length = state_pack (*end, text);
  (*end)[length] = '\0';
  *end += length + 1;
  return (uint32_t) length;
}

/* Where there is room for it.  */
static void
state_write_service (struct state *state,
		     const struct publish_message *message,
		     struct state_service_data *data)
{
  char *start = state_file_draft (&state->file, STATE_SERVICE, message->name,
				  sizeof *data);
  char *end = start + sizeof *data;
  state_put (&end, message->names, data->names_length);
  data->head_length = state_put_packed (&end, message->head);
  data->tail_length = state_put_packed (&end, message->tail);
  data->saved_length = state_put_packed (&end, message->saved);
  memcpy (start, data, sizeof *data);
  /* Now its size is known.  */
  state_file_draft (&state->file, STATE_SERVICE, message->name,
		    (size_t) (end - start));
  state_file_commit (&state->file);
}

int
state_publish (struct state *state, const struct publish_message *message)
{
  struct state_service_data data = {
    .ring = message->ring, .flags = message->flags,
    .names_length = (uint32_t) names_length (message->names)
  };
  size_t texts = strlen (message->head) + strlen (message->tail)
    + strlen (message->saved);
  size_t size = sizeof data + (size_t) data.names_length
    + STATE_PACKED_MAX (texts) + 4;
  if (message->name[0] == '\0' || size > UINT32_MAX / 2)
    return -EINVAL;
  int result = state_reserve (state, state_file_size (strlen (message->name),
						      size));
  if (result < 0)
    return result;
  struct state_service *service
    = state_find_canonical (state, message->name);
  if (service == NULL && (service = state_add_service (state)) == NULL)
    return -ENOMEM;
  size_t offset = state_file_used (&state->file);
  state_write_service (state, message, &data);
  result = state_index_service (state, service, offset);
  if (result < 0)
    state_file_rewind (&state->file, offset);
  if (result < 0 && service->offset == 0)
    state_drop_service (state, service);
  return result;
}

int
state_forget (struct state *state, const char *name)
{
  struct state_service *service = state_find_canonical (state, name);
  if (service == NULL)
    return -ENOENT;
  size_t size = state_file_size (strlen (name), 0);
  int result = state_reserve (state, size);
  if (result < 0)
    return result;
  state_file_draft (&state->file, STATE_FORGOTTEN, name, 0);
  state_file_commit (&state->file);
  state->garbage += size + state_record_length (state, service->offset);
  state_drop_service (state, service);
  return 0;
}

static struct state *
state_allocate (void)
{
  struct state *state = calloc (1, sizeof *state);
  if (state == NULL)
    return NULL;
  state->file.fd = -1;
  names_init (&state->names);
  table_init (&state->processes);
  return state;
}

int
state_new (struct state **result)
{
  struct state *state = state_allocate ();
  if (state == NULL)
    return -ENOMEM;
  int error = state_file_new (&state->file, 0);
  if (error < 0)
    {
      state_free (state);
      return error;
    }
  inherit_keep (state->file.fd, INHERIT_STATE);
  *result = state;
  return 0;
}

/* Are the names in VIEW those of a service called VIEW.name?  */
static bool
state_good_names (const struct state_view *view)
{
  size_t i = 0, length;
  while (i < view->names_length && (length = strlen (view->names + i)) > 0)
    i += length + 1;
  return (i == view->names_length && i > 0
	  && strcmp (view->names, view->name) == 0);
}

/* Can RECORD, of a service, be read?  */
static bool
state_good_service (const struct state_record *record)
{
  struct state_service_data data;
  if (record->payload_length < sizeof data)
    return false;
  memcpy (&data, state_record_payload (record), sizeof data);
  uint64_t size = sizeof data + (uint64_t) data.names_length
    + data.head_length + data.tail_length + data.saved_length + 4;
  if (size != record->payload_length)
    return false;
  struct state_view view = state_view_record (record);
  return (view.names[view.names_length] == '\0'
	  && view.head[view.head_length] == '\0'
	  && view.tail[view.tail_length] == '\0'
	  && view.saved[view.saved_length] == '\0'
	  && state_good_names (&view));
}

/* Read the DATA of RECORD, of a process.  False if that cannot be.  */
static bool
state_read_process (const struct state_record *record,
		    struct state_process_data *data)
{
  const char *payload = state_record_payload (record);
  if (record->payload_length < sizeof *data)
    return false;
  memcpy (data, payload, sizeof *data);
  return (data->pid > 0
	  && record->payload_length == sizeof *data
	  + (uint64_t) data->path_length + 1
	  && payload[record->payload_length - 1] == '\0');
}

/* Enter the record at OFFSET into the index.  0 or -errno.  */
static int
state_replay (struct state *state, const struct state_record *record,
	      size_t offset)
{
  const char *name = state_record_name (record);
  struct state_service *service = state_find_canonical (state, name);
  struct state_process_data data;
  switch (record->kind)
    {
    case STATE_SERVICE:
      if (!state_good_service (record))
	return -EINVAL;
      if (service == NULL && (service = state_add_service (state)) == NULL)
	return -ENOMEM;
      return state_index_service (state, service, offset);
    case STATE_PROCESS:
      if (!state_read_process (record, &data))
	return -EINVAL;
      return state_index_process (state, data.pid, offset);
    case STATE_FORGOTTEN:
      if (service != NULL)
	{
	  state->garbage += state_record_length (state, service->offset);
	  state_drop_service (state, service);
	}
      break;
    case STATE_ENDED:
      if (!state_read_process (record, &data))
	return -EINVAL;
      state_drop_process (state, data.pid);
      break;
    }
  state->garbage += record->length;
  return 0;
}

int
state_open (int fd, struct state **result)
{
  struct state *state = state_allocate ();
  if (state == NULL)
    {
      close (fd);
      return -ENOMEM;
    }
  int error = state_file_adopt (&state->file, fd);
  size_t offset = sizeof (struct state_header);
  const struct state_record *record;
  while (error == 0
	 && (record = state_file_record (&state->file, offset)) != NULL)
    {
      error = state_replay (state, record, offset);
      offset += record->length;
    }
  if (error < 0)
    {
      state_free (state);
      return error;
    }
  /* What follows the last good record would hide what is appended.  */
  state_file_rewind (&state->file, offset);
  *result = state;
  return 0;
}

void
state_free (struct state *state)
{
  if (state == NULL)
    return;
  while (state->first != NULL)
    {
      struct state_service *service = state->first;
      state->first = service->next;
      free (service);
    }
  struct state_place *place;
  for (size_t i = 0; (place = table_next (&state->processes, &i)) != NULL;)
    free (place);
  table_free (&state->processes);
  names_free (&state->names);
  state_file_close (&state->file);
  free (state);
}
