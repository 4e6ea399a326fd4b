/* core-story.c -- what a core does in its life, to be played under stress.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core-story.h"

/* Bytes of what is published last: more than the state first has room
   for.  */
#define STORY_LARGE 200000

/* Send a command on a new connection, which there may be no memory for.  */
static int
ask (const struct fixture *fixture, const char *action, const char *service)
{
  int fd = fixture_connect (fixture);
  char *command = fixture_command (action, service, "()");
  send (fd, command, strlen (command), MSG_NOSIGNAL);
  free (command);
  return fd;
}

/* Ask for the status of SERVICE.  */
static void
check_status (const struct fixture *fixture, enum story_rigour rigour,
	      const char *service)
{
  char *answer = fixture_read (ask (fixture, "status", service));
  if (rigour == STORY_SOUND)
    ck_assert_ptr_nonnull (strstr (answer, "(service a"));
  else if (rigour == STORY_ANSWERED)
    ck_assert_int_eq (strncmp (answer, "(reply ", 7), 0);
  free (answer);
}

/* Have something done by the interpreter.  */
static void
check_command (struct fixture *fixture, enum story_rigour rigour)
{
  int fd = ask (fixture, "stop", "a");
  struct pollfd either[] = {
    { .fd = fd, .events = POLLIN },
    { .fd = fixture->interpreter.bell, .events = POLLIN }
  };
  bool forwarded;
  do
    {
      ck_assert_int_ge (poll (either, 2, FIXTURE_DEADLINE), 1);
      forwarded = mailbox_wait (&fixture->interpreter, 0);
    }
  while (!forwarded && (either[0].revents & POLLIN) == 0);
  ck_assert (forwarded || rigour != STORY_SOUND);
  if (forwarded)
    {
      struct text_message *command
	= fixture_expect_text (&fixture->interpreter, MESSAGE_COMMAND);
      fixture_send (fixture, message_text (MESSAGE_REPLY, command->id, 0,
					   "(reply)", 7));
      message_free (&command->header);
    }
  char *answer = fixture_read (fd);
  ck_assert (rigour != STORY_SOUND || strcmp (answer, "(reply)") == 0);
  free (answer);
}

static void
check_spawn (struct fixture *fixture, enum story_rigour rigour)
{
  struct spawn_plan *plan = fixture_shell_plan (3, "exit 3");
  plan->logged = true;
  fixture_spawn (fixture, plan);
  struct number_message *answer
    = (struct number_message *) fixture_next (&fixture->interpreter);
  ck_assert_uint_eq (answer->id, 3);
  bool started = answer->header.kind == MESSAGE_SPAWNED;
  if (!started)
    {
      ck_assert_int_ne (rigour, STORY_SOUND);
      ck_assert_int_eq (answer->header.kind, MESSAGE_SPAWN_FAILED);
      ck_assert (rigour == STORY_ENDED || answer->a == SPAWN_MEMORY);
    }
  int64_t pid = answer->a;
  message_free (&answer->header);
  if (!started)
    return;
  answer = fixture_expect (&fixture->interpreter, MESSAGE_EXITED);
  ck_assert_int_eq (answer->a, pid);
  ck_assert_int_eq (answer->b, 3 << 8);
  message_free (&answer->header);
}

/* Send the core a message about PID, and wait for its answer.  */
static void
check_answer (struct fixture *fixture, enum message_kind kind, int64_t pid,
	      int64_t signum, enum message_kind expected)
{
  fixture_send_number (fixture, kind, 5, pid, signum);
  struct number_message *answer
    = fixture_expect (&fixture->interpreter, expected);
  message_free (&answer->header);
}

static void
check_signals (struct fixture *fixture)
{
  /* Nobody has that pid.  */
  check_answer (fixture, MESSAGE_WATCH_PROCESS, 4194303, 0, MESSAGE_EXITED);
  check_answer (fixture, MESSAGE_KILL, 0, SIGTERM, MESSAGE_KILLED);
  kill (getpid (), SIGHUP);
  struct number_message *answer
    = fixture_expect (&fixture->interpreter, MESSAGE_SIGNAL);
  message_free (&answer->header);
}

void
story_play (struct fixture *fixture, enum story_rigour rigour)
{
  char *large = calloc (1, STORY_LARGE + 1);
  memset (large, ' ', STORY_LARGE);
  memcpy (large, "(service a", 10);
  fixture_publish (fixture, 0, 1, "a\0b\0", "(service a");
  /* So that most of the file holds to the end: it grows, then.  */
  large[2000] = '\0';
  fixture_publish (fixture, 0, 1, "lasting\0", large);
  large[2000] = ' ';
  check_status (fixture, rigour, "a");
  check_status (fixture, rigour, "root");
  check_command (fixture, rigour);
  check_spawn (fixture, rigour);
  check_signals (fixture);
  fixture_publish (fixture, 0, 1, "a\0b\0c\0", large);
  fixture_send (fixture, message_text (MESSAGE_FORGET, 0, 0, "b", 1));
  /* When this is answered, all of that is done.  */
  check_status (fixture, rigour, "a");
  free (large);
}
