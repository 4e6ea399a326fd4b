/* core-fixture.c -- a core with a fake interpreter and a fake logger.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core-fixture.h"
#include "listen.h"
#include "room.h"

/* How many descriptors are open.  */
static int
count_descriptors (void)
{
  int count = 0;
  DIR *directory = opendir ("/proc/self/fd");
  while (readdir (directory) != NULL)
    count++;
  closedir (directory);
  return count;
}

void
fixture_temporary (char *name, size_t size)
{
  const char *directory = getenv ("TMPDIR");
  int length = snprintf (name, size, "%s/core-test.XXXXXX",
			 directory == NULL ? "/tmp" : directory);
  ck_assert_int_lt (length, (int) size - 8);
}

void
fixture_prepare (struct fixture *fixture)
{
  sigset_t all;
  memset (fixture, 0, sizeof *fixture);
  fixture->descriptors = count_descriptors ();
  sigfillset (&all);
  sigprocmask (SIG_SETMASK, &all, NULL);
  signal (SIGPIPE, SIG_IGN);
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  fixture_temporary (fixture->socket_file, sizeof fixture->socket_file);
  ck_assert_ptr_nonnull (mkdtemp (fixture->socket_file));
  strcat (fixture->socket_file, "/socket");
  ck_assert_int_eq (mailbox_open (&fixture->interpreter), 0);
  ck_assert_int_eq (mailbox_open (&fixture->logger), 0);
  fixture->quiescence = (struct quiescence)
    { .inbox = &fixture->logger, .epoll_fd = -1 };
  fixture->options = (struct core_options) {
    .listen_fd = listen_unix (fixture->socket_file, NULL),
    .socket_file = fixture->socket_file,
    .to_interpreter = &fixture->interpreter,
    .to_logger = &fixture->logger,
    .logger = &fixture->quiescence,
    .watch = &fixture->watch,
    .shutdown_timeout = 60
  };
  ck_assert_int_ge (fixture->options.listen_fd, 0);
}

void
fixture_run (struct fixture *fixture)
{
  ck_assert_int_eq (core_new (&fixture->options, &fixture->core), 0);
  if (fixture->impatient)
    for (int phase = 0; phase < CLIENT_PHASE_COUNT; phase++)
      fixture->core->control.times[phase] /= 10;
  ck_assert_int_eq (core_start (fixture->core), 0);
}

void
fixture_start (struct fixture *fixture)
{
  fixture_prepare (fixture);
  fixture_run (fixture);
}

void
fixture_park (struct fixture *fixture)
{
  core_park (fixture->core);
  core_free (fixture->core);
  mailbox_close (&fixture->interpreter);
  mailbox_close (&fixture->logger);
  unlink (fixture->socket_file);
  *strrchr (fixture->socket_file, '/') = '\0';
  rmdir (fixture->socket_file);
  ck_assert_int_eq (count_descriptors (), fixture->descriptors);
}

void
fixture_send (struct fixture *fixture, struct message *message)
{
  ck_assert_int_eq (mailbox_send (core_mailbox (fixture->core), message), 0);
}

void
fixture_send_number (struct fixture *fixture, enum message_kind kind,
		     uint64_t id, int64_t a, int64_t b)
{
  fixture_send (fixture, message_number (kind, id, a, b));
}

struct message *
fixture_next (struct mailbox *box)
{
  ck_assert (mailbox_wait (box, FIXTURE_DEADLINE));
  return mailbox_next (box);
}

struct number_message *
fixture_expect (struct mailbox *box, enum message_kind kind)
{
  struct message *message = fixture_next (box);
  ck_assert_int_eq (message->kind, kind);
  return (struct number_message *) message;
}

struct text_message *
fixture_expect_text (struct mailbox *box, enum message_kind kind)
{
  return (struct text_message *) fixture_expect (box, kind);
}

/* Send the core a message that it answers: it takes messages in order, so
   then it has taken all before.  Is that answer the next message?  */
static bool
is_settled (struct fixture *fixture)
{
  static uint64_t id = 1000000;
  fixture_send_number (fixture, MESSAGE_KILL, ++id, 0, 0);
  struct number_message *answer
    = (struct number_message *) fixture_next (&fixture->interpreter);
  while (answer->header.kind == MESSAGE_CLIENT_GONE)
    {
      message_free (&answer->header);
      answer = (struct number_message *) fixture_next (&fixture->interpreter);
    }
  bool settled = answer->header.kind == MESSAGE_KILLED && answer->id == id;
  message_free (&answer->header);
  return settled;
}

void
fixture_settle (struct fixture *fixture)
{
  ck_assert (is_settled (fixture));
}

pid_t
fixture_fork (struct fixture *fixture)
{
  int gate[2];
  char byte = 0;
  ck_assert_int_eq (pipe2 (gate, O_CLOEXEC), 0);
  pid_t pid = fork ();
  ck_assert_int_ge (pid, 0);
  if (pid == 0)
    {
      if (read (gate[0], &byte, 1) != 1)
	_exit (98);
      close (gate[0]);
      close (gate[1]);
      return 0;
    }
  /* The core reaps all children, so ask it.  */
  fixture_send_number (fixture, MESSAGE_WATCH_PROCESS, 0, pid, 0);
  fixture_settle (fixture);
  ck_assert_int_eq (write (gate[1], &byte, 1), 1);
  close (gate[0]);
  close (gate[1]);
  return pid;
}

int
fixture_join (struct fixture *fixture)
{
  struct number_message *exited
    = fixture_expect (&fixture->interpreter, MESSAGE_EXITED);
  int status = (int) exited->b;
  message_free (&exited->header);
  return status;
}

bool
fixture_is_quiet (struct fixture *fixture, struct mailbox *box)
{
  return is_settled (fixture) && !mailbox_look (box);
}

static char **
copy_strings (const char *const *strings)
{
  size_t count = 0;
  while (strings[count] != NULL)
    count++;
  char **copy = calloc (count + 1, sizeof *copy);
  for (size_t i = 0; i < count; i++)
    copy[i] = strdup (strings[i]);
  return copy;
}

struct spawn_plan *
fixture_plan (uint64_t id, const char *const *argv)
{
  static const char *const environment[]
    = { "PATH=/usr/bin:/bin", "LC_ALL=C", NULL };
  const char *candidates[] = { argv[0], NULL };
  struct spawn_plan *plan = spawn_plan_new ();
  plan->id = id;
  plan->service = strdup ("test");
  plan->argv = copy_strings (argv);
  plan->envp = copy_strings (environment);
  plan->candidates = copy_strings (candidates);
  return plan;
}

struct spawn_plan *
fixture_shell_plan (uint64_t id, const char *script)
{
  const char *argv[] = { "/bin/sh", "-c", script, NULL };
  return fixture_plan (id, argv);
}

void
fixture_spawn (struct fixture *fixture, struct spawn_plan *plan)
{
  /* As the interpreter does.  */
  ck_assert_int_eq (spawn_plan_pack (plan), 0);
  fixture_send (fixture, message_spawn (MESSAGE_SPAWN, plan));
}

int
fixture_connect (const struct fixture *fixture)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ck_assert_int_ge (fd, 0);
  strcpy (address.sun_path, fixture->socket_file);
  ck_assert_int_eq (connect (fd, (struct sockaddr *) &address,
			     sizeof address), 0);
  return fd;
}

void
fixture_write (int fd, const char *text)
{
  size_t length = strlen (text);
  while (length > 0)
    {
      ssize_t size = send (fd, text, length, MSG_NOSIGNAL);
      ck_assert_int_gt (size, 0);
      text += size;
      length -= (size_t) size;
    }
}

char *
fixture_read (int fd)
{
  size_t length = 0, capacity = 4096;
  char *text = malloc (capacity);
  struct pollfd readable = { .fd = fd, .events = POLLIN };
  for (;;)
    {
      ck_assert_int_eq (poll (&readable, 1, FIXTURE_DEADLINE), 1);
      ssize_t size = read (fd, text + length, capacity - length - 1);
      if (size <= 0)
	break;
      length += (size_t) size;
      if (capacity - length < 2048)
	text = realloc (text, capacity *= 2);
    }
  close (fd);
  text[length] = '\0';
  return text;
}

char *
fixture_command (const char *action, const char *service,
		 const char *arguments)
{
  char *text = NULL;
  ck_assert_int_gt (asprintf (&text, "(shepherd-command (version 0)"
			      " (action %s) (service %s) (arguments %s)"
			      " (directory \"/\"))",
			      action, service, arguments), 0);
  return text;
}

void
fixture_ask (int fd, const char *action, const char *service)
{
  char *command = fixture_command (action, service, "()");
  fixture_write (fd, command);
  free (command);
}

void
fixture_publish (struct fixture *fixture, unsigned int flags, uint64_t ring,
		 const char *names, const char *head)
{
  size_t length = 0;
  while (names[length] != '\0')
    length += strlen (names + length) + 1;
  fixture_send (fixture, message_publish (flags, ring, names, length, head,
					  "(end))", ""));
}

int64_t
fixture_clock (void)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
