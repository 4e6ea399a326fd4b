/* control-test.c -- the control socket, its clients and `status'.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core-fixture.h"

static struct fixture fixture;

static void
start (void)
{
  fixture_start (&fixture);
}

static void
stop (void)
{
  fixture_park (&fixture);
}

/* Send TEXT on a new connection; the whole answer.  */
static char *
talk (const char *text)
{
  int fd = fixture_connect (&fixture);
  fixture_write (fd, text);
  return fixture_read (fd);
}

static void
expect_answer (const char *text, const char *expected)
{
  char *answer = talk (text);
  ck_assert_str_eq (answer, expected);
  free (answer);
}

static void
expect_status (const char *service, const char *expected)
{
  char *command = fixture_command ("status", service, "()");
  expect_answer (command, expected);
  free (command);
}

/* The socket still serves others.  */
static void
expect_service (void)
{
  expect_status ("nothing", "(reply (version 0) (result #f) (error (error "
		 "(version 0) service-not-found nothing)) (messages ()))");
}

/* The next command that the interpreter gets is TEXT.  Its client.  */
static uint64_t
expect_command (const char *text)
{
  struct text_message *message
    = fixture_expect_text (&fixture.interpreter, MESSAGE_COMMAND);
  uint64_t client = message->id;
  ck_assert_str_eq (message->text, text);
  ck_assert_uint_eq (message->length, strlen (text));
  ck_assert_int_eq (message->number, (int64_t) getuid ());
  message_free (&message->header);
  return client;
}

static void
reply (uint64_t client, const char *text)
{
  fixture_send (&fixture, message_text (MESSAGE_REPLY, client, 0, text,
					strlen (text)));
}

/* Wait until the peer of FD has closed.  */
static void
expect_closed (int fd)
{
  char *text = fixture_read (fd);
  ck_assert_str_eq (text, "");
  free (text);
}

START_TEST (a_command_goes_to_the_interpreter_and_its_reply_back)
{
  char *command = fixture_command ("start", "ssh", "(1 \"two\" #:three)");
  int fd = fixture_connect (&fixture);
  fixture_write (fd, command);
  uint64_t client = expect_command (command);
  reply (client, "(reply)");
  char *answer = fixture_read (fd);
  ck_assert_str_eq (answer, "(reply)");
  free (answer);
  free (command);
}
END_TEST

START_TEST (a_command_may_come_byte_by_byte)
{
  char *command = fixture_command ("eval", "root",
				   "(\"(display \\\")\\\")\")");
  int fd = fixture_connect (&fixture);
  for (const char *c = command; *c != '\0'; c++)
    {
      char text[] = { *c, '\0' };
      fixture_write (fd, text);
    }
  reply (expect_command (command), "yes");
  char *answer = fixture_read (fd);
  ck_assert_str_eq (answer, "yes");
  free (answer);
  free (command);
}
END_TEST

START_TEST (what_follows_the_command_is_ignored)
{
  char *command = fixture_command ("stop", "x", "()"), *more;
  int fd = fixture_connect (&fixture);
  ck_assert_int_gt (asprintf (&more, "%s) garbage (", command), 0);
  fixture_write (fd, more);
  uint64_t client = expect_command (command);
  fixture_write (fd, "and later");
  reply (client, "done");
  /* To the end of file, not to an error.  */
  char text[16] = "";
  ck_assert_int_eq (recv (fd, text, sizeof text, MSG_WAITALL), 4);
  ck_assert_str_eq (text, "done");
  close (fd);
  free (more);
  free (command);
}
END_TEST

START_TEST (comments_and_space_may_come_before)
{
  char *command = fixture_command ("stop", "x", "()"), *more;
  ck_assert_int_gt (asprintf (&more, " \n; hello (\n#| ) |# %s", command), 0);
  int fd = fixture_connect (&fixture);
  fixture_write (fd, more);
  struct text_message *message
    = fixture_expect_text (&fixture.interpreter, MESSAGE_COMMAND);
  ck_assert_ptr_nonnull (strstr (message->text, command));
  message_free (&message->header);
  close (fd);
  free (more);
  free (command);
}
END_TEST

START_TEST (half_closed_connections_get_their_reply)
{
  char *command = fixture_command ("stop", "x", "()");
  int fd = fixture_connect (&fixture);
  fixture_write (fd, command);
  ck_assert_int_eq (shutdown (fd, SHUT_WR), 0);
  reply (expect_command (command), "(reply)");
  char *answer = fixture_read (fd);
  ck_assert_str_eq (answer, "(reply)");
  free (answer);
  free (command);
}
END_TEST

START_TEST (the_interpreter_hears_when_nobody_waits_for_its_reply)
{
  char *command = fixture_command ("eval", "root", "(\"(f)\")");
  int fd = fixture_connect (&fixture);
  fixture_write (fd, command);
  uint64_t client = expect_command (command);
  close (fd);
  struct number_message *message
    = fixture_expect (&fixture.interpreter, MESSAGE_CLIENT_GONE);
  ck_assert_uint_eq (message->id, client);
  message_free (&message->header);
  reply (client, "(reply)");
  expect_service ();
  free (command);
}
END_TEST

START_TEST (malformed_input_is_closed_without_reply)
{
  static const char *const inputs[] = {
    ")", "#<foo>", "#.(x)", "\xff\xfe", "(shepherd-command \xc3)", "foo ",
    "\"string\"", "42 ", "()", "(x)",
    "(shepherd-command)",
    "(shepherd-command (version 1) (action a) (service b) (arguments ())"
      " (directory \"/\"))",
    "(shepherd-command (version) (action a) (service b) (arguments ())"
      " (directory \"/\"))",
    "(shepherd-command (version 0) (service b) (action a) (arguments ())"
      " (directory \"/\"))",
    "(shepherd-command (version 0) (action a) (service b) (arguments ()))",
    "(shepherd-command (version 0) (action a) (service b) (arguments ())"
      " (directory \"/\") (more))",
    "(shepherd-command (version 0) (action a) (service b) (arguments x)"
      " (directory \"/\"))",
    "(shepherd-command (version 0) (action a) (service b) (arguments (a . b))"
      " (directory \"/\"))",
    "(shepherd-command (version 0) (action a b) (service b) (arguments ())"
      " (directory \"/\"))",
    "(shepherd-command (version 0) (action a) (service b) (arguments ())"
      " . (directory \"/\"))",
    "(other-command (version 0) (action a) (service b) (arguments ())"
      " (directory \"/\"))"
  };
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
    expect_answer (inputs[i], "");
  ck_assert (fixture_is_quiet (&fixture, &fixture.interpreter));
  ck_assert (fixture_is_quiet (&fixture, &fixture.logger));
}
END_TEST

START_TEST (odd_but_valid_commands_are_handed_on)
{
  static const char *const inputs[] = {
    "(shepherd-command (version 0 1 x) (action a) (service b) (arguments ())"
      " (directory #f))",
    "(shepherd-command (version 0) (action \"a\") (service 3)"
      " (arguments (#t 1.5 #\\a 'x (y))) (directory (1)))",
    "(shepherd-command (version 0) (action status) (service b)"
      " (arguments (1)) (directory \"/\"))",
    "(shepherd-command (version 0) (action status) (service \"b\")"
      " (arguments ()) (directory \"/\"))"
  };
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
    {
      int fd = fixture_connect (&fixture);
      fixture_write (fd, inputs[i]);
      reply (expect_command (inputs[i]), "ok");
      char *answer = fixture_read (fd);
      ck_assert_str_eq (answer, "ok");
      free (answer);
    }
}
END_TEST

START_TEST (end_of_file_within_a_command_closes)
{
  static const char *const inputs[] = { "", " ", "foo", "(shepherd-command" };
  for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
    {
      int fd = fixture_connect (&fixture);
      fixture_write (fd, inputs[i]);
      ck_assert_int_eq (shutdown (fd, SHUT_WR), 0);
      expect_closed (fd);
    }
}
END_TEST

START_TEST (a_huge_command_is_cut_off)
{
  static char junk[64 * 1024];
  int fd = fixture_connect (&fixture);
  memset (junk, 'x', sizeof junk);
  fixture_write (fd, "(shepherd-command (");
  size_t sent = 0;
  ssize_t size;
  while (sent < 100 * 1024 * 1024
	 && (size = send (fd, junk, sizeof junk, MSG_NOSIGNAL)) > 0)
    sent += (size_t) size;
  ck_assert_uint_lt (sent, 4 * 1024 * 1024);
  close (fd);
  expect_service ();
}
END_TEST

START_TEST (a_large_command_gets_through)
{
  size_t size = 1000 * 1000;
  char *argument = malloc (size + 5);
  memset (argument, 'x', size);
  memcpy (argument, "(\"", 2);
  strcpy (argument + size, "\")");
  char *command = fixture_command ("eval", "root", argument);
  int fd = fixture_connect (&fixture);
  fixture_write (fd, command);
  reply (expect_command (command), "ok");
  free (fixture_read (fd));
  free (command);
  free (argument);
}
END_TEST

/* A core that gives clients a tenth of the usual time.  */
static void
start_impatient (void)
{
  stop ();
  fixture_prepare (&fixture);
  fixture.impatient = true;
  fixture_run (&fixture);
}

START_TEST (half_a_command_is_given_up_after_ten_seconds)
{
  start_impatient ();
  int64_t begin = fixture_clock ();
  int idle = fixture_connect (&fixture), half = fixture_connect (&fixture);
  fixture_write (half, "(shepherd-command (version 0)");
  expect_closed (half);
  ck_assert_int_ge (fixture_clock () - begin, 990);
  /* Somebody who has said nothing yet may take any time.  */
  fixture_ask (idle, "status", "nothing");
  char *answer = fixture_read (idle);
  ck_assert_str_ne (answer, "");
  free (answer);
}
END_TEST

START_TEST (a_client_may_leave_before_the_reply)
{
  char *command = fixture_command ("stop", "x", "()");
  int fd = fixture_connect (&fixture);
  fixture_write (fd, command);
  uint64_t client = expect_command (command);
  close (fd);
  expect_service ();
  reply (client, "(reply)");
  reply (client + 100, "(reply)");
  fixture_send_number (&fixture, MESSAGE_CLOSE_CLIENT, client, 0, 0);
  expect_service ();
  free (command);
}
END_TEST

START_TEST (the_interpreter_may_close_a_client)
{
  char *command = fixture_command ("stop", "root", "()");
  int fd = fixture_connect (&fixture);
  fixture_write (fd, command);
  uint64_t client = expect_command (command);
  fixture_send_number (&fixture, MESSAGE_CLOSE_CLIENT, client, 0, 0);
  expect_closed (fd);
  free (command);
}
END_TEST

/* A reply far larger than what the socket holds.  */
static char *
large_reply (void)
{
  size_t size = 8 * 1024 * 1024;
  char *text = malloc (size + 1);
  for (size_t i = 0; i < size; i++)
    text[i] = (char) ('a' + i % 26);
  text[size] = '\0';
  return text;
}

START_TEST (a_large_reply_arrives_whole)
{
  char *command = fixture_command ("eval", "root", "(\"x\")");
  char *large = large_reply ();
  int fd = fixture_connect (&fixture);
  fixture_write (fd, command);
  reply (expect_command (command), large);
  expect_service ();
  char *answer = fixture_read (fd);
  ck_assert_int_eq (strcmp (answer, large), 0);
  free (answer);
  free (large);
  free (command);
}
END_TEST

START_TEST (who_never_reads_disturbs_nobody_and_is_dropped)
{
  start_impatient ();
  char *command = fixture_command ("eval", "root", "(\"x\")");
  char *large = large_reply ();
  int fd = fixture_connect (&fixture);
  fixture_write (fd, command);
  reply (expect_command (command), large);
  expect_service ();
  /* Dropped means closed on the other side.  */
  struct pollfd closed = { .fd = fd, .events = 0 };
  ck_assert_int_eq (poll (&closed, 1, FIXTURE_DEADLINE), 1);
  ck_assert_int_ne (closed.revents & POLLHUP, 0);
  close (fd);
  free (large);
  free (command);
}
END_TEST

static void
limit_descriptors (rlim_t count)
{
  struct rlimit limit = { count, count };
  ck_assert_int_eq (setrlimit (RLIMIT_NOFILE, &limit), 0);
}

START_TEST (a_thousand_idle_connections_disturb_nobody)
{
  /* A quarter of all descriptors is for clients.  */
  enum { COUNT = 1400 };
  static int fds[COUNT];
  stop ();
  limit_descriptors (4096);
  start ();
  for (int i = 0; i < COUNT; i++)
    fds[i] = fixture_connect (&fixture);
  expect_service ();
  /* The oldest had to go, the latest are still there.  */
  char byte;
  ck_assert_int_eq (recv (fds[0], &byte, 1, 0), 0);
  fixture_ask (fds[COUNT - 1], "status", "nothing");
  char *answer = fixture_read (fds[COUNT - 1]);
  ck_assert_str_ne (answer, "");
  free (answer);
  for (int i = 0; i < COUNT - 1; i++)
    close (fds[i]);
  expect_service ();
}
END_TEST

/* In a process of its own, which has its own limit: make COUNT connections
   that stay, then ask for a status.  */
static int
crowd (int count)
{
  if (fixture_fork (&fixture) == 0)
    {
      for (int fd = 8; fd < 64; fd++)
	close (fd);		/* the parent's: it needs them, we do not */
      for (int i = 0; i < count; i++)
	fixture_connect (&fixture);
      expect_service ();
      _exit (0);
    }
  return fixture_join (&fixture);
}

/* GNU Shepherd: 50 idle clients at 64 descriptors end the socket.  */
START_TEST (idle_connections_cannot_use_up_the_descriptors)
{
  stop ();
  limit_descriptors (64);
  start ();
  ck_assert_int_eq (crowd (50), 0);
  ck_assert_int_eq (crowd (30), 0);
  expect_service ();
}
END_TEST

START_TEST (without_any_descriptor_left_the_socket_still_answers)
{
  int fds[256];
  size_t count = 0;
  stop ();
  limit_descriptors (128);
  start ();
  int fd = fixture_connect (&fixture);
  fixture_ask (fd, "stop", "x");
  struct text_message *command
    = fixture_expect_text (&fixture.interpreter, MESSAGE_COMMAND);
  /* The rest of the process takes all that there is, but one for us.  */
  int spare = fcntl (0, F_DUPFD_CLOEXEC, 0);
  while ((fds[count] = fcntl (0, F_DUPFD_CLOEXEC, 0)) >= 0)
    count++;
  for (int i = 0; i < 20; i++)
    {
      close (spare);
      expect_service ();
      spare = fcntl (0, F_DUPFD_CLOEXEC, 0);
    }
  /* And who waits is not sacrificed for it.  */
  reply (command->id, "(reply)");
  char *answer = fixture_read (fd);
  ck_assert_str_eq (answer, "(reply)");
  free (answer);
  message_free (&command->header);
  close (spare);
  while (count > 0)
    close (fds[--count]);
}
END_TEST

/* Run FUNCTION as user UID in another process.  Its exit code.  */
static int
as_user (uid_t uid, void (*function) (void))
{
  if (fixture_fork (&fixture) == 0)
    {
      if (setgroups (0, NULL) < 0 || setresuid (uid, uid, uid) < 0)
	_exit (99);
      function ();
      _exit (0);
    }
  int status = fixture_join (&fixture);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

static void
expect_refusal (void)
{
  int fd = fixture_connect (&fixture);
  char byte;
  send (fd, "(", 1, MSG_NOSIGNAL);
  _exit (recv (fd, &byte, 1, 0) <= 0 ? 7 : 8);
}

/* Weak spot: only the directory protected the socket.  */
START_TEST (other_users_are_refused)
{
  if (getuid () != 0)
    return;
  stop ();
  unsetenv ("TMPDIR");		/* where others may not go */
  start ();
  char directory[100];
  strcpy (directory, fixture.socket_file);
  *strrchr (directory, '/') = '\0';
  ck_assert_int_eq (chmod (directory, 0755), 0);
  ck_assert_int_eq (chmod (fixture.socket_file, 0777), 0);
  ck_assert_int_eq (as_user (65534, expect_refusal), 7);
  struct text_message *line
    = fixture_expect_text (&fixture.logger, MESSAGE_LOG_LINE);
  ck_assert_str_eq (line->text, "Refused connection of user 65534.");
  message_free (&line->header);
  ck_assert_int_eq (as_user (65534, expect_refusal), 7);
  ck_assert_int_eq (as_user (0, expect_service), 0);
}
END_TEST

/* Answer a request for recent lines: RING has TEXT.  */
static void
collect (uint64_t ring, const char *text)
{
  message_free (&fixture_expect (&fixture.logger,
				 MESSAGE_LOG_COLLECT)->header);
  struct rings_message *rings = calloc (1, sizeof *rings);
  rings->header.kind = MESSAGE_RINGS;
  rings->count = 1;
  rings->rings = calloc (1, sizeof *rings->rings);
  rings->rings[0].ring = ring;
  rings->rings[0].text = text == NULL ? NULL : strdup (text);
  fixture_send (&fixture, &rings->header);
}

#define REPLY_HEAD "(reply (version 0) (result ("
#define REPLY_TAIL ")) (error #f) (messages ()))"

START_TEST (status_is_answered_from_what_is_published)
{
  fixture_publish (&fixture, 0, 0, "ssh\0sshd\0", "(service ssh");
  expect_status ("sshd", REPLY_HEAD "(service ssh (recent-messages ()) (end))"
		 REPLY_TAIL);
  fixture_publish (&fixture, 0, 0, "ssh\0", "(service new");
  expect_status ("ssh", REPLY_HEAD "(service new (recent-messages ()) (end))"
		 REPLY_TAIL);
  expect_status ("sshd", "(reply (version 0) (result #f) (error (error "
		 "(version 0) service-not-found sshd)) (messages ()))");
  fixture_send (&fixture, message_text (MESSAGE_FORGET, 0, 0, "ssh", 3));
  expect_status ("ssh", "(reply (version 0) (result #f) (error (error "
		 "(version 0) service-not-found ssh)) (messages ()))");
}
END_TEST

START_TEST (odd_names_are_written_as_symbols)
{
  expect_status ("#{a b}#", "(reply (version 0) (result #f) (error (error "
		 "(version 0) service-not-found #{a b}#)) (messages ()))");
  fixture_publish (&fixture, 0, 0, "a b\0", "(service x");
  expect_status ("#{a b}#", REPLY_HEAD
		 "(service x (recent-messages ()) (end))" REPLY_TAIL);
}
END_TEST

START_TEST (status_of_root_lists_all_services)
{
  fixture_publish (&fixture, PUBLISH_CUSTOM_STATUS, 0, "root\0shepherd\0",
		   "(root");
  fixture_publish (&fixture, 0, 0, "a\0", "(a");
  fixture_publish (&fixture, 0, 0, "b\0", "(b");
  const char *all = REPLY_HEAD "((root (recent-messages ()) (end)) "
    "(a (recent-messages ()) (end)) (b (recent-messages ()) (end)))"
    REPLY_TAIL;
  expect_status ("root", all);
  expect_status ("shepherd", all);
}
END_TEST

START_TEST (a_custom_status_goes_to_the_interpreter)
{
  char *command = fixture_command ("status", "mine", "()");
  fixture_publish (&fixture, PUBLISH_CUSTOM_STATUS, 0, "mine\0", "(x");
  int fd = fixture_connect (&fixture);
  fixture_write (fd, command);
  reply (expect_command (command), "own");
  char *answer = fixture_read (fd);
  ck_assert_str_eq (answer, "own");
  free (answer);
  free (command);
}
END_TEST

START_TEST (recent_lines_are_shown_as_the_logger_tells_them)
{
  int64_t begin = fixture_clock ();
  fixture_publish (&fixture, 0, 5, "a\0", "(a");
  int fd = fixture_connect (&fixture);
  fixture_ask (fd, "status", "a");
  collect (5, "((1 . \"line\"))");
  char *answer = fixture_read (fd);
  /* Unless this process was not run for 5 ms.  */
  if (fixture_clock () - begin < 5)
    ck_assert_str_eq (answer, REPLY_HEAD
		      "(a (recent-messages ((1 . \"line\"))) (end))"
		      REPLY_TAIL);
  free (answer);
  ck_assert (fixture_is_quiet (&fixture, &fixture.logger));

  /* A logger that does not answer: what is known is shown.  */
  expect_status ("a", REPLY_HEAD
		 "(a (recent-messages ((1 . \"line\"))) (end))" REPLY_TAIL);
  collect (5, NULL);
  expect_status ("a", REPLY_HEAD "(a (recent-messages ()) (end))" REPLY_TAIL);
}
END_TEST

/* Was the logger asked for lines?  Answer.  */
static bool
was_asked (void)
{
  if (fixture_is_quiet (&fixture, &fixture.logger))
    return false;
  collect (5, "()");
  return true;
}

START_TEST (a_logger_without_news_is_not_asked)
{
  const char *a = REPLY_HEAD "(a (recent-messages ()) (end))" REPLY_TAIL;
  const char *all = REPLY_HEAD "((a (recent-messages ()) (end)))" REPLY_TAIL;
  fixture_publish (&fixture, 0, 5, "a\0", "(a");
  expect_status ("a", a);
  ck_assert (was_asked ());

  quiescence_begin (&fixture.quiescence, false);
  expect_status ("a", a);
  expect_status ("root", all);
  ck_assert (!was_asked ());
  quiescence_end (&fixture.quiescence);

  /* What the daemon logs concerns root only.  */
  quiescence_begin (&fixture.quiescence, true);
  expect_status ("a", a);
  ck_assert (!was_asked ());
  expect_status ("root", all);
  ck_assert (was_asked ());
}
END_TEST

START_TEST (a_reply_may_be_what_is_published)
{
  static const char told[] = "root\0(\"told\")";
  char *command = fixture_command ("start", "root", "()");
  fixture_publish (&fixture, PUBLISH_CUSTOM_STATUS, 5, "root\0", "(root");
  fixture_publish (&fixture, 0, 0, "a\0", "(a");
  int fd = fixture_connect (&fixture);
  fixture_write (fd, command);
  fixture_send (&fixture, message_text (MESSAGE_REPLY_SERVICE,
					expect_command (command), 0, told,
					sizeof told - 1));
  char *answer = fixture_read (fd);
  ck_assert_str_eq (answer, "(reply (version 0) (result (root "
		    "(recent-messages ()) (end))) (error #f) "
		    "(messages (\"told\")))");
  free (answer);
  free (command);
}
END_TEST

START_TEST (a_busy_interpreter_is_told)
{
  struct watch *watch = &fixture.watch;
  watch_enter (watch);
  watch_note (watch, "nginx");
  watch->busy_since -= INT64_C (12500000000);
  fixture_publish (&fixture, 0, 0, "a\0", "(a");
  expect_status ("a", REPLY_HEAD "(a (recent-messages ()) (end))"
		 ")) (error #f)"
		 " (messages (\"shepherd: busy for 12 s in service nginx\")))");
}
END_TEST

START_TEST (status_of_many_services_is_whole)
{
  enum { COUNT = 1000 };
  char name[32], head[800];
  fixture_publish (&fixture, 0, 0, "root\0", "(root");
  for (int i = 0; i < COUNT; i++)
    {
      snprintf (name, sizeof name, "s%d%c", i, '\0');
      snprintf (head, sizeof head, "(service %d %0700d", i, i);
      fixture_publish (&fixture, 0, 0, name, head);
    }
  /* More than the core takes at once: it would answer in between.  */
  fixture_settle (&fixture);
  char *command = fixture_command ("status", "root", "()");
  char *answer = talk (command), *place = answer;
  for (int i = 0; i < COUNT; i++)
    {
      snprintf (head, sizeof head, "(service %d ", i);
      place = strstr (place, head);
      ck_assert_msg (place != NULL, "service %d is not there", i);
    }
  ck_assert_str_eq (answer + strlen (answer) - strlen (REPLY_TAIL),
		    REPLY_TAIL);
  free (answer);
  free (command);
}
END_TEST

START_TEST (a_deleted_socket_is_told)
{
  char expected[160];
  snprintf (expected, sizeof expected, "Socket '%s' deleted; stopping.",
	    fixture.socket_file);
  ck_assert_int_eq (unlink (fixture.socket_file), 0);
  message_free (&fixture_expect (&fixture.interpreter,
				 MESSAGE_SOCKET_DELETED)->header);
  struct text_message *line
    = fixture_expect_text (&fixture.logger, MESSAGE_LOG_LINE);
  ck_assert_str_eq (line->text, expected);
  ck_assert_int_eq (line->number, LOG_LINE_STDOUT);
  message_free (&line->header);
}
END_TEST

START_TEST (changing_the_socket_file_is_not_deleting_it)
{
  ck_assert_int_eq (chmod (fixture.socket_file, 0700), 0);
  expect_service ();
  ck_assert (fixture_is_quiet (&fixture, &fixture.interpreter));
}
END_TEST

START_TEST (init_binds_its_socket_again)
{
  char expected[160];
  stop ();
  fixture_prepare (&fixture);
  fixture.options.init = true;
  fixture_run (&fixture);
  snprintf (expected, sizeof expected,
	    "Socket '%s' deleted; spawning new server.", fixture.socket_file);
  for (int i = 0; i < 3; i++)
    {
      ck_assert_int_eq (unlink (fixture.socket_file), 0);
      struct text_message *line
	= fixture_expect_text (&fixture.logger, MESSAGE_LOG_LINE);
      ck_assert_str_eq (line->text, expected);
      message_free (&line->header);
      /* The line may be here before the socket is.  */
      fixture_settle (&fixture);
      expect_service ();
      message_free (&fixture_expect (&fixture.logger,
				     MESSAGE_LOG_COLLECT)->header);
    }
}
END_TEST

static void
add_tests (TCase *tcase)
{
  tcase_add_test (tcase, a_command_goes_to_the_interpreter_and_its_reply_back);
  tcase_add_test (tcase, a_command_may_come_byte_by_byte);
  tcase_add_test (tcase, what_follows_the_command_is_ignored);
  tcase_add_test (tcase, comments_and_space_may_come_before);
  tcase_add_test (tcase, half_closed_connections_get_their_reply);
  tcase_add_test (tcase,
		  the_interpreter_hears_when_nobody_waits_for_its_reply);
  tcase_add_test (tcase, malformed_input_is_closed_without_reply);
  tcase_add_test (tcase, odd_but_valid_commands_are_handed_on);
  tcase_add_test (tcase, end_of_file_within_a_command_closes);
  tcase_add_test (tcase, a_huge_command_is_cut_off);
  tcase_add_test (tcase, a_large_command_gets_through);
  tcase_add_test (tcase, half_a_command_is_given_up_after_ten_seconds);
  tcase_add_test (tcase, a_client_may_leave_before_the_reply);
  tcase_add_test (tcase, the_interpreter_may_close_a_client);
  tcase_add_test (tcase, a_large_reply_arrives_whole);
  tcase_add_test (tcase, who_never_reads_disturbs_nobody_and_is_dropped);
  tcase_add_test (tcase, a_thousand_idle_connections_disturb_nobody);
  tcase_add_test (tcase, idle_connections_cannot_use_up_the_descriptors);
  tcase_add_test (tcase,
		  without_any_descriptor_left_the_socket_still_answers);
  tcase_add_test (tcase, other_users_are_refused);
  tcase_add_test (tcase, status_is_answered_from_what_is_published);
  tcase_add_test (tcase, odd_names_are_written_as_symbols);
  tcase_add_test (tcase, status_of_root_lists_all_services);
  tcase_add_test (tcase, a_custom_status_goes_to_the_interpreter);
  tcase_add_test (tcase, recent_lines_are_shown_as_the_logger_tells_them);
  tcase_add_test (tcase, a_logger_without_news_is_not_asked);
  tcase_add_test (tcase, a_reply_may_be_what_is_published);
  tcase_add_test (tcase, a_busy_interpreter_is_told);
  tcase_add_test (tcase, status_of_many_services_is_whole);
  tcase_add_test (tcase, a_deleted_socket_is_told);
  tcase_add_test (tcase, changing_the_socket_file_is_not_deleting_it);
  tcase_add_test (tcase, init_binds_its_socket_again);
}

int
main (void)
{
  Suite *suite = suite_create ("control");
  TCase *tcase = tcase_create ("control");
  tcase_add_checked_fixture (tcase, start, stop);
  add_tests (tcase);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
