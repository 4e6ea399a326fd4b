/* state-fuzz.c -- the state that a predecessor left.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Each input is a state file.  If it can be opened, it must be readable,
   and it must be possible to go on with it: what is then published is there
   when the next successor opens it.  */

#include <config.h>

#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "message.h"
#include "state.h"

/* Read every byte of TEXT, LENGTH and a NUL.  */
static void
touch (const char *text, size_t length)
{
  fuzz_expect (text[length] == '\0');
  char *copy = malloc (length + 1);
  fuzz_expect (copy != NULL);
  memcpy (copy, text, length + 1);
  free (copy);
}

static void
touch_packed (const char *packed, size_t length)
{
  struct text text = TEXT_EMPTY;
  state_unpack (&text, packed, length);
  touch (text_string (&text), text.length);
  text_free (&text);
}

static void
check_services (const struct state *state)
{
  size_t count = 0;
  for (const struct state_service *service = state_first (state);
       service != NULL; service = state_next (service), count++)
    {
      struct state_view view = state_read (state, service);
      touch (view.name, strlen (view.name));
      touch (view.names, view.names_length);
      touch_packed (view.head, view.head_length);
      touch_packed (view.tail, view.tail_length);
      touch_packed (view.saved, view.saved_length);
      fuzz_expect (strcmp (view.name, view.names) == 0);
      fuzz_expect (state_find (state, view.name) == service);
      size_t names = 0;
      for (const char *name = view.names; *name != '\0';
	   name += strlen (name) + 1)
	names += strlen (name) + 1;
      fuzz_expect (names == view.names_length);
    }
  fuzz_expect (count == state_count (state));
}

static size_t
check_processes (const struct state *state)
{
  struct state_process process;
  size_t count = 0;
  for (size_t i = 0; state_next_process (state, &i, &process); count++)
    {
      fuzz_expect (process.pid > 0);
      touch (process.service, strlen (process.service));
      touch (process.log_path, strlen (process.log_path));
    }
  return count;
}

static void
publish (struct state *state, const char *names, size_t length,
	 const char *head)
{
  struct message *message = message_publish (0, 7, names, length, head,
					     "(status running))", "(saved)");
  fuzz_expect (message != NULL);
  int result = state_publish (state, (struct publish_message *) message);
  fuzz_expect (result == 0);
  message_free (message);
}

/* Open what STATE holds as a successor does, who must find the same.  */
static void
check_successor (const struct state *state)
{
  struct state *next;
  int fd = fcntl (state_fd (state), F_DUPFD_CLOEXEC, 0);
  fuzz_expect (fd >= 0);
  fuzz_expect (state_open (fd, &next) == 0);
  check_services (next);
  fuzz_expect (check_processes (next) == check_processes (state));
  fuzz_expect (state_count (next) == state_count (state));
  fuzz_expect (state_find (next, "alias") != NULL);
  fuzz_expect ((state_find (next, "other") == NULL)
	       == (state_find (state, "other") == NULL));
  for (const struct state_service *service = state_first (state);
       service != NULL; service = state_next (service))
    {
      struct state_view view = state_read (state, service);
      const struct state_service *found = state_find (next, view.name);
      fuzz_expect (found != NULL
		   && strcmp (state_read (next, found).head, view.head) == 0);
    }
  state_free (next);
}

/* Change STATE in every way, often enough for it to be compacted.  */
static void
change (struct state *state)
{
  static char head[4096];
  memset (head, 'x', sizeof head - 1);
  publish (state, "fuzz\0alias\0", 12, "(service fuzz");
  check_successor (state);
  struct state_process process
    = { .pid = 4711, .service = "fuzz", .log_path = "/var/log/fuzz" };
  fuzz_expect (state_add_process (state, &process) == 0);
  for (int i = 0; i < 40; i++)
    publish (state, "other", 6, head);
  fuzz_expect (state_find (state, "alias") != NULL);
  fuzz_expect (state_forget (state, "other") == 0);
  fuzz_expect (state_find (state, "other") == NULL);
  fuzz_expect (state_remove_process (state, 4711) == 0);
  process.pid = 4712;
  fuzz_expect (state_add_process (state, &process) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
  struct state *state;
  int fd = memfd_create ("fuzz-state", MFD_CLOEXEC);
  fuzz_expect (fd >= 0 && write (fd, bytes, size) == (ssize_t) size);
  if (state_open (fd, &state) < 0)
    return 0;
  check_services (state);
  check_processes (state);
  change (state);
  check_services (state);
  check_successor (state);
  state_free (state);
  return 0;
}
