/* reply-fuzz.c -- what the daemon answers, and herd shows.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Each input is received as a reply, and all its parts are shown in every
   way that herd knows.  Linked with --wrap for connection_open.  */

#include <config.h>

#include "fuzz.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "herd/connection.h"
#include "herd/exception.h"
#include "herd/graph.h"
#include "herd/log.h"
#include "herd/overview.h"
#include "herd/reply.h"
#include "herd/running.h"
#include "herd/service.h"
#include "herd/status.h"
#include "herd/timer.h"

/* What fits into a socket for sure.  */
#define REPLY_SIZE_MAX 65536

static const uint8_t *reply_bytes;
static size_t reply_size;

int __wrap_connection_open (const char *file);

/* Connect to a daemon that has given its answer already.  */
int
__wrap_connection_open (const char *file)
{
  int ends[2];
  (void) file;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    return -errno;
  fuzz_expect (reply_size == 0
	       || send (ends[1], reply_bytes, reply_size, MSG_DONTWAIT)
	       == (ssize_t) reply_size);
  shutdown (ends[1], SHUT_WR);
  /* Kept open, for herd to write to.  */
  static int peer = -1;
  if (peer >= 0)
    close (peer);
  peer = ends[1];
  return ends[0];
}

/* Show X as each thing that it might be.  */
static void
show_datum (const struct display *display, const struct sexp *x)
{
  struct text text = TEXT_EMPTY;
  exception_describe (&text, sexp_car (x), sexp_cdr (x));
  text_append_char (&text, '\n');
  running_command (&text, x);
  running_address (&text, x);
  text_free (&text);
  if (x == NULL)
    return;
  running_display (display, x);
  timer_display_state (display, x, sexp_integer (sexp_car (x), -1));
  timer_display_action (display, x);
  timer_display_past (display, x);
  timer_display_future (display, x);
}

static void
show_service (const struct display *display, const struct sexp *x)
{
  status_display (display, x, true);
  status_display (display, x, false);
  show_datum (display, service_value (x));
}

static void
show_services (const struct display *display, const struct sexp *list)
{
  overview_display (display, list);
  log_display (display, list);
  graph_display (display, list);
  sexp_for_each (cell, list)
    show_service (display, cell->car);
}

static void
show_result (const struct display *display, const struct sexp *result)
{
  show_services (display, sexp_car (result));
  show_services (display, result);
  show_service (display, result);
  show_datum (display, result);
  sexp_for_each (cell, result)
    show_datum (display, cell->car);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
  static const struct { const char *action, *service; } asked[] = {
    { "status", "root" }, { "stop", "a" }, { "root", "halt" },
    { "a", "status" }
  };
  static FILE *null;
  if (null == NULL)
    {
      null = fuzz_null ();
      /* Where clocks are changed, and what for is known without files.  */
      setenv ("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    }
  uint64_t choice = fuzz_seed (bytes, size);
  struct display display = {
    .program = "herd", .out = null, .errors = null,
    .colored = choice >> 8 & 1, .unicode = choice >> 9 & 1,
    .history = (long) (choice >> 10 & 7), .now = INT64_C (1795380493)
  };
  struct command command = { .action = asked[choice >> 13 & 3].action,
    .service = asked[choice >> 13 & 3].service };
  struct reply reply;
  struct sexp_tree *tree;

  reply_bytes = bytes;
  reply_size = size < REPLY_SIZE_MAX ? size : REPLY_SIZE_MAX;
  if (reply_obtain (&display, "socket", &command, &reply) == REPLY_THERE)
    {
      reply_success (&reply);
      show_result (&display, reply.result);
    }
  reply_free (&reply);
  /* Anything that is no reply is taken for the result of one.  */
  if (sexp_parse ((const char *) bytes, size, &tree) == 0)
    show_result (&display, sexp_root (tree));
  sexp_free (tree);
  return 0;
}
