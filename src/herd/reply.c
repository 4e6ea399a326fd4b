/* reply.c -- what the daemon answers.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection.h"
#include "exception.h"
#include "i18n.h"
#include "report.h"

/* Take the reply, which is a complete datum, from TEXT.  0, -EPROTO if it is
   none, or -ENOMEM.  */
static int
reply_parse (struct text *text, struct reply *reply)
{
  size_t length = text->length;
  char *bytes = text_steal (text);
  *reply = (struct reply) { .tree = NULL };
  int rc = (bytes == NULL ? -ENOMEM
	    : sexp_parse_taken (bytes, length, &reply->tree));
  if (rc < 0)
    return rc == -ENOMEM ? rc : -EPROTO;

  const struct sexp *root = sexp_root (reply->tree);
  reply->result = sexp_property (root, "result");
  reply->error = sexp_property (root, "error");
  reply->messages = sexp_property (root, "messages");
  if (!sexp_is_record (root, "reply") || reply->result == NULL
      || reply->error == NULL || !sexp_is_list (reply->messages))
    return -EPROTO;
  if (!sexp_is_true (reply->error))
    reply->error = NULL;
  return 0;
}

void
reply_free (struct reply *reply)
{
  sexp_free (reply->tree);
  *reply = (struct reply) { .tree = NULL };
}

bool
reply_success (const struct reply *reply)
{
  if (!sexp_is_list (reply->result))
    return sexp_is_true (reply->result);
  sexp_for_each (cell, reply->result)
    if (!sexp_is_true (cell->car))
      return false;
  return true;
}

static bool
is_among (const char *word, const char *const *words)
{
  for (; *words != NULL; words++)
    if (strcmp (word, *words) == 0)
      return true;
  return false;
}

static const char *const root_actions[]
  = { "help", "halt", "power-off", "load", "eval", "unload", "reload",
      "daemonize", "restart", NULL };

/* Did the user swap the two words?  */
static bool
is_swapped (const struct command *command)
{
  static const char *const actions[]
    = { "start", "stop", "status", "doc", NULL };

  return (is_among (command->service, actions)
	  || (strcmp (command->action, "root") == 0
	      && is_among (command->service, root_actions)));
}

/* Did the user leave out the word `root'?  */
static bool
is_rootless (const struct command *command)
{
  return (is_among (command->action, root_actions)
	  && strcmp (command->action, "restart") != 0);
}

/* Print FORMAT, in which %s stand for the data A and B.  */
static void
report_data (const struct display *display, const char *format,
	     const struct sexp *a, const struct sexp *b)
{
  struct text first = TEXT_EMPTY, second = TEXT_EMPTY;

  sexp_display (&first, a);
  sexp_display (&second, b);
  report_error (display->errors, display->program, format,
		text_string (&first), text_string (&second));
  text_free (&first);
  text_free (&second);
}

/* The action of COMMAND did not take the arguments.  */
static void
report_usage (const struct display *display, const struct command *command)
{
  static const char *const methods[] = { "start", "stop", "restart", NULL };
  static const char *const common[]
    = { "status", "enable", "disable", "backtrace", NULL };

  if (is_among (command->action, common))
    report_hint (display->errors, display->program,
		 _("'%s' is for one service at a time."), command->action);
  else if (!is_among (command->action, methods))
    report_hint (display->errors, display->program,
		 _("Run 'herd doc %s action %s' to see what it is for."),
		 command->service, command->action);
}

static void
report_exception (const struct display *display,
		  const struct command *command, const struct sexp *error)
{
  struct text text = TEXT_EMPTY;

  report_data (display,
	       _("exception caught while executing '%s' on service '%s':"),
	       sexp_nth (error, 3), sexp_nth (error, 4));
  exception_describe (&text, sexp_nth (error, 5), sexp_nth (error, 6));
  report_line (display->errors, text_string (&text));
  text_free (&text);
  if (sexp_is_symbol (sexp_nth (error, 3), command->action)
      && sexp_is_symbol (sexp_nth (error, 5), "wrong-number-of-args"))
    report_usage (display, command);
}

static void
report_other (const struct display *display, const struct sexp *error)
{
  struct text text = TEXT_EMPTY;

  sexp_write (&text, error);
  report_error (display->errors, display->program,
		_("something went wrong: %s"), text_string (&text));
  text_free (&text);
}

/* Tell the error (error (version 0) KIND ...).  If the daemon TOLD something
   already, an error without further particulars adds nothing to it.  */
static void
report_reply_error (const struct display *display,
		    const struct command *command, const struct sexp *error,
		    bool told)
{
  const struct sexp *kind = sexp_nth (error, 2);
  size_t length = sexp_is_record (error, "error") ? sexp_length (error) : 0;
  bool no_action = length == 5 && sexp_is_symbol (kind, "action-not-found");
  bool no_service = length == 4 && sexp_is_symbol (kind, "service-not-found");

  if (no_service)
    report_data (display, _("service '%s' could not be found"),
		 sexp_nth (error, 3), NULL);
  else if (no_action)
    report_data (display, _("service '%2$s' does not have an action '%1$s'"),
		 sexp_nth (error, 3), sexp_nth (error, 4));
  else if (length == 7 && sexp_is_symbol (kind, "action-exception"))
    report_exception (display, command, error);
  else if (!told || length != 3 || !sexp_is_symbol (kind, "service-error"))
    report_other (display, error);

  if (is_swapped (command))
    report_hint (display->errors, display->program,
		 _("Did you mean 'herd %s %s'?"), command->service,
		 command->action);
  else if (no_service && is_rootless (command)
	   && sexp_is_symbol (sexp_nth (error, 3), command->service))
    report_hint (display->errors, display->program,
		 _("Did you mean 'herd %s root %s'?"), command->action,
		 command->service);
  else if (no_action)
    {
      struct text name = TEXT_EMPTY;
      sexp_display (&name, sexp_nth (error, 4));
      report_hint (display->errors, display->program,
		   _("Run 'herd doc %s list-actions' to list supported"
		     " actions."), text_string (&name));
      text_free (&name);
    }
}

/* Print what the daemon says beside its answer; what it says of itself, such
   as that it is in trouble, in red.  */
static void
print_messages (const struct display *display, const struct reply *reply)
{
  sexp_for_each (cell, reply->messages)
    {
      const char *line = sexp_text (cell->car);
      bool alarm = line != NULL && strncmp (line, "shepherd: ", 10) == 0;
      display_line (display, alarm ? COLOR_RED : NULL, "%s",
		    line ? line : "");
    }
  fflush (display->out);
}

void
reply_report_end (const struct display *display)
{
  report_error (display->errors, display->program,
		_("premature end-of-file while talking to shepherd"));
}

/* Send COMMAND to FILE, append the answer to TEXT.  0 or -errno; if the
   trouble has to do with the socket, the user was told.  */
static int
exchange (const struct display *display, const char *file,
	  const struct command *command, struct text *text)
{
  struct text sent = TEXT_EMPTY;
  char *directory = getcwd (NULL, 0);
  int rc = command_write (&sent, command, directory ? directory : "/");

  free (directory);
  if (rc == 0)
    {
      int fd = connection_open (file);
      rc = fd < 0 ? fd : connection_exchange (fd, &sent, text);
      if (fd >= 0)
	close (fd);
    }
  text_free (&sent);
  if (rc == -EPROTO || rc == -EMSGSIZE)
    report_error (display->errors, display->program,
		  rc == -EPROTO ? _("%s: invalid reply")
		  : _("%s: reply is too long"), file);
  else if (rc == -EILSEQ)
    report_error (display->errors, display->program,
		  _("the arguments are not valid UTF-8"));
  else if (rc < 0 && rc != -ENODATA)
    report_error (display->errors, display->program, "%s: %s", file,
		  strerror (-rc));
  if (rc == -ENOENT || rc == -ECONNREFUSED)
    report_hint (display->errors, display->program,
		 _("No shepherd listens there.  Start one, or name the socket"
		   " of another with '--socket'."));
  return rc;
}

enum reply_outcome
reply_obtain (const struct display *display, const char *file,
	      const struct command *command, struct reply *reply)
{
  struct text text = TEXT_EMPTY;

  *reply = (struct reply) { .tree = NULL };
  int rc = exchange (display, file, command, &text);
  if (rc < 0)
    {
      text_free (&text);
      return rc == -ENODATA ? REPLY_END : REPLY_FAILED;
    }
  rc = reply_parse (&text, reply);
  if (rc < 0)
    {
      report_error (display->errors, display->program,
		    rc == -ENOMEM ? _("%s: out of memory")
		    : _("%s: invalid reply"), file);
      return REPLY_FAILED;
    }
  if (display->encoding != NULL)
    sexp_encode (reply->tree, display->encoding);
  print_messages (display, reply);
  if (reply->error == NULL)
    return REPLY_THERE;
  report_reply_error (display, command, reply->error,
		      sexp_is (reply->messages, SEXP_PAIR));
  return REPLY_FAILED;
}
