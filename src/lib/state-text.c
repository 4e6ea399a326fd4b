/* state-text.c -- the published state as one datum.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "state.h"

#include <string.h>

#include "sexp.h"

static void
state_text_service (struct text *out, const struct state_view *view)
{
  text_printf (out, " (%llu ", (unsigned long long) view->ring);
  if (view->saved_length == 0)
    text_append_string (out, "()");
  else
    state_unpack (out, view->saved, view->saved_length);
  text_append_char (out, ' ');
  state_unpack (out, view->head, view->head_length);
  text_append_char (out, ' ');
  state_unpack (out, view->tail, view->tail_length);
  text_append_char (out, ')');
}

static void
state_text_process (struct text *out, const struct state_process *process)
{
  text_printf (out, " (%d ", (int) process->pid);
  sexp_write_string (out, process->service, strlen (process->service));
  text_printf (out, " %lld %llu ", (long long) process->start_time,
	       (unsigned long long) process->ring);
  sexp_write_string (out, process->log_path, strlen (process->log_path));
  text_append_char (out, ')');
}

void
state_write_text (const struct state *state, struct text *out)
{
  struct state_process process;
  size_t position = 0;
  text_append_string (out, "(services");
  for (const struct state_service *service = state_first (state);
       service != NULL; service = state_next (service))
    {
      struct state_view view = state_read (state, service);
      state_text_service (out, &view);
    }
  text_append_string (out, ") (processes");
  while (state_next_process (state, &position, &process))
    state_text_process (out, &process);
  text_append_char (out, ')');
}
