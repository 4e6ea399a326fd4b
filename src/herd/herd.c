/* herd.c -- the command `herd': talk to shepherd and show what it says.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "default-socket.h"
#include "graph.h"
#include "i18n.h"
#include "log.h"
#include "options.h"
#include "overview.h"
#include "reply.h"
#include "report.h"
#include "service.h"
#include "status.h"

struct herd
{
  struct display display;
  struct command command;
  const char *socket_file;	/* NULL for the default one */
  bool root;			/* the service is root, named or not */
  bool named;			/* the user gave a service */
};

enum { KEY_LOG_FILE = 256, KEY_USER, KEY_GROUP };

static const struct option_spec options[] = {
  { "socket", 's', OPTION_ARGUMENT, N_("FILE"),
    N_("talk to shepherd through the socket FILE"), 's' },
  { "log-history", 'n', OPTION_ARGUMENT, N_("NUMBER"),
    N_("show NUMBER log lines, timer runs and exits"), 'n' },
  { "service-name", 'N', OPTION_ARGUMENT, N_("NAME"),
    N_("name the service that is made NAME"), 'N' },
  { "working-directory", 'd', OPTION_ARGUMENT, N_("DIRECTORY"),
    N_("run it in DIRECTORY"), 'd' },
  { "environment-variable", 'E', OPTION_ARGUMENT, N_("ENVIRONMENT"),
    N_("add ENVIRONMENT (VARIABLE=VALUE) to its environment"), 'E' },
  { "log-file", 0, OPTION_ARGUMENT, N_("FILE"),
    N_("write its output to FILE"), KEY_LOG_FILE },
  { "user", 0, OPTION_ARGUMENT, N_("USER"),
    N_("run it as USER"), KEY_USER },
  { "group", 0, OPTION_ARGUMENT, N_("GROUP"),
    N_("run it as GROUP"), KEY_GROUP },
  { 0 }
};

static int
handle_history (struct herd *herd, const char *value)
{
  char *end;
  errno = 0;
  herd->display.history = strtol (value, &end, 10);
  if (end == value || *end != '\0' || herd->display.history < 0)
    {
      report_error (stderr, "herd", _("%s: expected a positive integer"),
		    value);
      return EXIT_FAILURE;
    }
  return 0;
}

static int
handle_option (int key, const char *value, void *closure)
{
  struct herd *herd = closure;
  struct command *command = &herd->command;

  switch (key)
    {
    case 's':
      herd->socket_file = value;
      break;
    case 'n':
      return handle_history (herd, value);
    case 'N':
      command->name = value;
      break;
    case 'd':
      command->directory = value;
      break;
    case 'E':
      command->environment[command->environment_count++] = value;
      break;
    case KEY_LOG_FILE:
      command->log_file = value;
      break;
    case KEY_USER:
      command->user = value;
      break;
    case KEY_GROUP:
      command->group = value;
      break;
    }
  return 0;
}

/* How the reply to an action is shown.  Each returns an exit status.  */
typedef int show_reply (const struct herd *herd, const struct reply *reply);

static int
show_other (const struct herd *herd, const struct reply *reply)
{
  (void) herd;
  return reply_success (reply) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
show_start (const struct herd *herd, const struct reply *reply)
{
  if (sexp_is_true (reply->result))
    return EXIT_SUCCESS;
  fflush (herd->display.out);
  report_error (herd->display.errors, herd->display.program,
		_("failed to start service %s"), herd->command.service);
  return EXIT_FAILURE;
}

static int
out_of_memory (const struct herd *herd)
{
  report_error (herd->display.errors, herd->display.program, "%s",
		strerror (ENOMEM));
  return EXIT_FAILURE;
}

/* Show one service, or root, which is among all services.  */
static int
show_service (const struct herd *herd, const struct reply *reply, bool logs)
{
  const struct sexp *services = (herd->root ? sexp_car (reply->result)
				 : reply->result);
  bool shown = false;
  sexp_for_each (cell, services)
    if (service_p (cell->car)
	&& (!herd->root || service_provides (cell->car, "root")))
      {
	status_display (&herd->display, cell->car, logs);
	shown = true;
      }
  /* It may be a custom action that happens to be called `status'.  */
  return shown ? EXIT_SUCCESS : show_other (herd, reply);
}

static int
show_status (const struct herd *herd, const struct reply *reply)
{
  if (herd->named)
    return show_service (herd, reply, true);
  if (overview_display (&herd->display, sexp_car (reply->result)) < 0)
    return out_of_memory (herd);
  return EXIT_SUCCESS;
}

static int
show_detailed_status (const struct herd *herd, const struct reply *reply)
{
  if (herd->named)
    return show_service (herd, reply, false);
  sexp_for_each (cell, sexp_car (reply->result))
    if (service_p (cell->car))
      status_display (&herd->display, cell->car, false);
  return EXIT_SUCCESS;
}

static int
show_log (const struct herd *herd, const struct reply *reply)
{
  long count = log_display (&herd->display, sexp_car (reply->result));
  if (count < 0)
    return out_of_memory (herd);
  if (count > 0)
    return EXIT_SUCCESS;
  report_error (herd->display.errors, herd->display.program,
		_("event log is missing (shepherd is too old?)"));
  return EXIT_FAILURE;
}

static int
show_graph (const struct herd *herd, const struct reply *reply)
{
  graph_display (&herd->display, sexp_car (reply->result));
  return EXIT_SUCCESS;
}

/* Print TEXT on lines of its own.  */
static void
print_block (const struct herd *herd, const struct text *text)
{
  const char *string = text_string (text);
  bool ended = text->length > 0 && string[text->length - 1] == '\n';
  display_part (&herd->display, NULL, "%s%s", string, ended ? "" : "\n");
}

static int
show_help (const struct herd *herd, const struct reply *reply)
{
  sexp_for_each (cell, reply->result)
    {
      struct text text = TEXT_EMPTY;
      sexp_display (&text, cell->car);
      print_block (herd, &text);
      text_free (&text);
    }
  return EXIT_SUCCESS;
}

static int
show_value (const struct herd *herd, const struct reply *reply)
{
  sexp_for_each (cell, reply->result)
    {
      struct text text = TEXT_EMPTY;
      sexp_write (&text, cell->car);
      print_block (herd, &text);
      text_free (&text);
    }
  return EXIT_SUCCESS;
}

static const struct action
{
  const char *name;
  const char *sent;		/* what is asked of the daemon */
  bool alone;			/* may be given without a service: root */
  bool root_only;		/* any other service's action is its own */
  show_reply *show;
} actions[] = {
  { "start", "start", false, false, show_start },
  { "status", "status", true, false, show_status },
  { "detailed-status", "status", true, false, show_detailed_status },
  { "log", "status", true, true, show_log },
  { "graph", "status", true, true, show_graph },
  { "backtrace", "backtrace", true, false, show_other },
  { "help", "help", true, true, show_help },
  { "eval", "eval", false, true, show_value },
};

static const struct action *
find_action (const char *name)
{
  for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
    if (strcmp (actions[i].name, name) == 0)
      return &actions[i];
  return NULL;
}

/* Does a connection that just ends mean that ACTION on root succeeded?  */
static bool
ends_daemon (const char *action)
{
  static const char *const names[] = { "stop", "halt", "power-off", "reboot",
				       "kexec" };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp (names[i], action) == 0)
      return true;
  return false;
}

static int
perform (struct herd *herd, const char *file, show_reply *show)
{
  struct reply reply;
  int status = EXIT_FAILURE;

  switch (reply_obtain (&herd->display, file, &herd->command, &reply))
    {
    case REPLY_THERE:
      display_set_clock (&herd->display);
      status = show (herd, &reply);
      break;
    case REPLY_END:
      if (herd->root && ends_daemon (herd->command.action))
	status = EXIT_SUCCESS;
      else
	reply_report_end (&herd->display);
      break;
    case REPLY_FAILED:
      break;
    }
  reply_free (&reply);
  return display_finish (&herd->display, status);
}

/* WORDS are ACTION [SERVICE [ARGUMENT...]].  */
static int
run (struct herd *herd, char **words, int count)
{
  const struct action *action = count > 0 ? find_action (words[0]) : NULL;
  show_reply *show = show_other;
  struct text file = TEXT_EMPTY;

  if (count < 1 || (count < 2 && (action == NULL || !action->alone)))
    {
      fputs (_("Usage: herd ACTION [SERVICE [OPTIONS...]]\n"), stderr);
      return EXIT_FAILURE;
    }
  herd->named = count > 1;
  herd->command.service = herd->named ? words[1] : "root";
  herd->root = (strcmp (herd->command.service, "root") == 0
		|| strcmp (herd->command.service, "shepherd") == 0);
  herd->command.action = words[0];
  if (action != NULL && (herd->root || !action->root_only))
    {
      herd->command.action = action->sent;
      show = action->show;
    }
  herd->command.arguments = words + (herd->named ? 2 : 1);
  herd->command.argument_count = (size_t) (herd->named ? count - 2 : 0);

  if (herd->socket_file != NULL)
    text_append_string (&file, herd->socket_file);
  else
    default_socket (&file);
  int status = perform (herd, text_string (&file), show);
  text_free (&file);
  return status;
}

int
main (int argc, char **argv)
{
  struct herd herd = { .socket_file = NULL };
  struct option_program program = {
    .name = "herd", .arguments = N_("ACTION [SERVICE [ARGUMENT...]]"),
    .description = N_("Apply ACTION (start, stop, status...) to SERVICE"
		      " with the ARGUMENTs."),
    .options = options, .takes_words = true, .handle = handle_option
  };
  int words;

  display_init (&herd.display, "herd");
  herd.command.environment = calloc ((size_t) argc + 1, sizeof (char *));
  if (herd.command.environment == NULL)
    return out_of_memory (&herd);
  int status = options_parse (&program, argc, argv, &words, &herd);
  if (status == OPTIONS_GO_ON)
    status = run (&herd, argv + 1, words);
  free (herd.command.environment);
  return status;
}
