/* watch-words.c -- what the core says of an interpreter that is stuck.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "i18n.h"
#include "message.h"
#include "sexp.h"
#include "text.h"
#include "watch.h"
#include "whereabouts.h"

/* Longest line about an interpreter.  */
enum { WATCH_LINE_SIZE = 600 };

void
watch_describe (const struct watch *watch, char *text, size_t size)
{
  char name[WATCH_NAME_SIZE], place[WATCH_NAME_SIZE], doing[256];
  int64_t held = watch_held (watch);
  watch_read (watch, name);
  watch_read_place (watch, place);
  /* The interpreter's thread is the main one.  */
  whereabouts_of_thread (getpid (), doing, sizeof doing);
  const char *who = name[0] == '\0' ? R_("The interpreter") : name;
  long long seconds = held / CLOCK_SECOND;
  long long tenths = held % CLOCK_SECOND / (CLOCK_SECOND / 10);
  if (place[0] == '\0')
    snprintf (text, size, R_("%s: has not given up control for %lld.%lld s:"
			     " %s"), who, seconds, tenths, doing);
  else
    snprintf (text, size, R_("%s: has not given up control for %lld.%lld s,"
			     " in %s: %s"), who, seconds, tenths, place, doing);
}

void
watch_put_busy (const struct watch *watch, struct text *reply)
{
  char name[WATCH_NAME_SIZE], line[WATCH_NAME_SIZE + 80];
  int64_t busy = watch_read (watch, name);
  if (busy <= CLOCK_SECOND)
    return;
  long long seconds = busy / CLOCK_SECOND;
  if (name[0] == '\0')
    snprintf (line, sizeof line, R_("shepherd: busy for %lld s"), seconds);
  else
    /* TRANSLATORS: `shepherd: ' has herd show this in red.  */
    snprintf (line, sizeof line, R_("shepherd: busy for %lld s in service %s"),
	      seconds, name);
  sexp_write_string (reply, line, strlen (line));
}

struct message *
watch_report (const struct watch *watch, enum watch_verdict verdict)
{
  char line[WATCH_LINE_SIZE] = "", name[WATCH_NAME_SIZE];
  char text[WATCH_LINE_SIZE - 100];
  watch_read (watch, name);
  watch_describe (watch, text, sizeof text);
  long long seconds = watch_held (watch) / CLOCK_SECOND;
  if (verdict == WATCH_OVERDUE && name[0] == '\0')
    snprintf (line, sizeof line, R_("The interpreter is stuck: interrupting"
				    " it after %lld s."), seconds);
  else if (verdict == WATCH_OVERDUE)
    snprintf (line, sizeof line, R_("The interpreter is stuck in service %s:"
				    " interrupting it after %lld s."),
	      name, seconds);
  else if (verdict == WATCH_DEAF)
    snprintf (line, sizeof line, R_("The interpreter cannot be interrupted."
				    "  %s."), text);
  else if (verdict == WATCH_LOST)
    snprintf (line, sizeof line, R_("The interpreter is given up after %lld"
				    " s: shepherd begins anew, services go"
				    " on."), seconds);
  return line[0] == '\0' ? NULL
    : message_text (MESSAGE_LOG_LINE, 0, LOG_LINE_STDOUT, line,
		    strlen (line));
}

struct message *
watch_reply (const struct watch *watch, uint64_t client)
{
  char line[WATCH_LINE_SIZE];
  struct text text = TEXT_EMPTY;
  struct message *reply = NULL;
  watch_describe (watch, line, sizeof line);
  text_append_string (&text, "(reply (version 0) (result"
		      " (\"#<unspecified>\")) (error #f) (messages (");
  sexp_write_string (&text, line, strlen (line));
  text_append_string (&text, ")))");
  if (!text.failed)
    reply = message_text (MESSAGE_REPLY, client, 0, text.bytes, text.length);
  text_free (&text);
  return reply;
}
