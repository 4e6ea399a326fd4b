/* logger-test.c -- the logger room, through its mailbox and pipes.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "journal.h"
#include "logger-fixture.h"
#include "stamp.h"

START_TEST (lines_end_at_lf_crlf_and_cr)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  say (fd, "one\ntwo\r\nthree\rfour\n\nsix\r\r\nlast");
  close (fd);
  flush ();
  assert_lines ("file", "one\ntwo\nthree\nfour\n\nsix\n\nlast\n");
}
END_TEST

START_TEST (lines_are_whole_across_reads)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  static const char *const pieces[]
    = { "be", "gin", "ning\r", "\n", "sec", "ond\r", "third\n", "\r", "x" };
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
    {
      say (fd, pieces[i]);
      flush ();			/* it has been read */
    }
  close (fd);
  flush ();
  assert_lines ("file", "beginning\nsecond\nthird\n\nx\n");
}
END_TEST

/* Weak spot: lines were cut after 512 characters.  */
START_TEST (long_lines_are_cut_after_64_kib_between_characters)
{
  static char text[3 * 65536], line[65537 + STAMP];
  size_t length;

  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  memset (text, 'a', sizeof text);
  text[65536] = '\n';		/* exactly the limit: one line */
  put (fd, text, 65537);
  memset (text, 'b', 65535);	/* a character of two bytes at the limit */
  memcpy (text + 65535, "\xc3\xa9", 2);
  memcpy (text + 65537, "ccc\n", 4);
  put (fd, text, 65541);
  close (fd);
  flush ();
  char *found = contents ("file", &length);
  unstamp (found);
  memset (line, 'a', 65536);
  ck_assert (memcmp (found, line, 65536) == 0 && found[65536] == '\n');
  memset (line, 'b', 65535);
  ck_assert (memcmp (found + 65537, line, 65535) == 0);
  ck_assert_str_eq (found + 65537 + 65535, "\n\xc3\xa9" "ccc\n");
  free (found);
}
END_TEST

START_TEST (undecodable_bytes_are_replaced)
{
#define BAD "\xef\xbf\xbd"
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  say (fd, "\xff" "a\n" "caf\xe9 caf\xc3\xa9\n" "\xe2\x82\n" "\xe2\x82\xac\n"
       "\xed\xa0\x80\n" "\xc0\xaf\n" "\xf0\x9f\x90\x91\n" "\xf4\x90\x80\x80");
  close (fd);
  flush ();
  assert_lines ("file", BAD "a\n" "caf" BAD " caf\xc3\xa9\n" BAD "\n"
		"\xe2\x82\xac\n" BAD BAD BAD "\n" BAD BAD "\n"
		"\xf0\x9f\x90\x91\n" BAD BAD BAD BAD "\n");
}
END_TEST

START_TEST (zero_bytes_stay)
{
  size_t length;

  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  put (fd, "a\0b\n", 4);
  close (fd);
  flush ();
  char *found = contents ("file", &length);
  ck_assert_uint_eq (length, STAMP + 4);
  ck_assert (memcmp (found + STAMP, "a\0b\n", 4) == 0);
  free (found);
  assert_ring (2, "(\"a\\x00b\")");
}
END_TEST

START_TEST (prefix_is_in_the_daemons_log_but_not_in_the_ring)
{
  start_logger ("log", "", true);
  int fd = attach (2, NULL, "sshd[17] ");
  say (fd, "hello\nworld\n");
  flush ();
  assert_lines ("log", "sshd[17] hello\nsshd[17] world\n");
  assert_ring (2, "(\"world\" \"hello\")");
  close (fd);
}
END_TEST

START_TEST (bare_lines_bring_their_stamps)
{
  int ends[2];
  char *found;

  start_logger ("log", "", true);
  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC | O_NONBLOCK), 0);
  int file = open ("file", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  struct message *message
    = message_log_attach (ends[0], file, 0, 5, "file", "");
  ((struct log_attach_message *) message)->bare = true;
  post (message);
  say (ends[1], "some day, a\n");
  flush ();
  found = contents ("file", NULL);
  ck_assert_str_eq (found, "some day, a\n");
  free (found);
  close (ends[1]);
}
END_TEST

START_TEST (two_sources_share_a_file)
{
  start_logger ("log", "", true);
  int first = attach (2, "file", ""), second = attach (3, "file", "");
  say (first, "a\n");
  flush ();
  say (second, "b\n");
  flush ();
  close (first);
  flush ();
  say (second, "c\n");
  close (second);
  flush ();
  int third = attach (4, "file", "");
  say (third, "d\n");
  flush ();
  assert_lines ("file", "a\nb\nc\nd\n");
  close (third);
}
END_TEST

START_TEST (ring_keeps_the_last_lines_escaped)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  say (fd, "1\n2\n3\nq\"\\\n\ttab\x1b\n\xc3\xa9\n7\n");
  flush ();
  assert_ring (2, "(\"7\" \"\xc3\xa9\" \"\\ttab\\x1b\" \"q\\\"\\\\\" \"3\")");
  say (fd, "8\n");
  flush ();
  assert_ring (2, "(\"8\" \"7\" \"\xc3\xa9\" \"\\ttab\\x1b\" \"q\\\"\\\\\")");
  assert_ring (99, "()");
  close (fd);
}
END_TEST

START_TEST (ring_is_bounded_in_bytes)
{
  static char text[5 * 65537];

  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  memset (text, 'x', sizeof text);
  for (int i = 0; i < 5; i++)
    text[65536 + i * 65537] = '\n';
  put (fd, text, sizeof text);
  flush ();
  post (message_number (MESSAGE_LOG_QUERY, 1, 2, 0));
  struct message *message = expect (&interpreter, MESSAGE_LOG_HISTORY);
  size_t length = ((struct text_message *) message)->length;
  ck_assert_uint_gt (length, 2 * 65536);
  ck_assert_uint_lt (length, 2 * 65536 + 100);
  message_free (message);
  close (fd);
}
END_TEST

/* Assert that what changed is exactly RING, with TEXT in it; a NULL TEXT:
   that the ring is gone; RING 0: nothing.  */
static void
assert_collected (uint64_t ring, const char *text)
{
  post (message_number (MESSAGE_LOG_COLLECT, 0, 0, 0));
  struct message *message = expect (&core, MESSAGE_RINGS);
  struct rings_message *rings = (struct rings_message *) message;
  ck_assert_uint_eq (rings->count, ring != 0);
  if (ring != 0)
    {
      ck_assert_uint_eq (rings->rings[0].ring, ring);
      if (text == NULL)
	ck_assert_ptr_null (rings->rings[0].text);
      else
	ck_assert_ptr_nonnull (strstr (rings->rings[0].text, text));
    }
  message_free (message);
}

START_TEST (collection_has_the_rings_that_changed)
{
  start_logger ("log", "", true);
  int two = attach (2, NULL, "a "), three = attach (3, NULL, "b ");
  assert_collected (0, NULL);
  say (two, "x\n");
  flush ();
  assert_collected (2, " . \"x\"))");
  assert_collected (0, NULL);
  say (three, "y\n");
  flush ();
  assert_collected (3, " . \"y\"))");
  post (message_number (MESSAGE_LOG_DETACH_RING, 3, 0, 0));
  assert_collected (3, NULL);
  say (three, "z\n");
  flush ();
  assert_collected (0, NULL);
  assert_lines ("log", "a x\nb y\nb z\n");
  close (two);
  close (three);
}
END_TEST

START_TEST (forgotten_ring_that_nobody_saw_is_not_told_of)
{
  start_logger ("log", "", true);
  int fd = attach (2, NULL, "");
  say (fd, "x\n");
  flush ();
  post (message_number (MESSAGE_LOG_DETACH_RING, 2, 0, 0));
  post (message_number (MESSAGE_LOG_COLLECT, 0, 0, 0));
  struct message *message = expect (&core, MESSAGE_RINGS);
  struct rings_message *rings = (struct rings_message *) message;
  for (size_t i = 0; i < rings->count; i++)
    ck_assert_ptr_null (rings->rings[i].text);
  message_free (message);
  assert_ring (2, "()");
  close (fd);
}
END_TEST

/* Wait until what the logger has not told is known to be of DEGREE.  */
static void
await_degree (enum quiescence_degree degree)
{
  for (int i = 0; quiescence_degree (&quiescence) != degree; i++)
    {
      ck_assert_int_lt (i, DEADLINE_MS);
      poll (NULL, 0, 1);
    }
}

static void
collect (void)
{
  post (message_number (MESSAGE_LOG_COLLECT, 0, 0, 0));
  message_free (expect (&core, MESSAGE_RINGS));
}

START_TEST (quiescence_ends_with_any_line)
{
  start_logger ("log", "", true);
  int fd = attach (2, NULL, "");
  collect ();
  await_degree (QUIESCENCE_FULL);
  say (fd, "x\n");
  for (int i = 0; i < 100; i++)
    ck_assert_int_eq (quiescence_degree (&quiescence), QUIESCENCE_NONE);
  flush ();
  ck_assert_int_eq (quiescence_degree (&quiescence), QUIESCENCE_NONE);
  collect ();
  await_degree (QUIESCENCE_FULL);

  mailbox_post (logger_mailbox (logger),
		message_text (MESSAGE_LOG_LINE, 0, 0, "y", 1));
  ck_assert_int_eq (quiescence_degree (&quiescence), QUIESCENCE_GOSSIP);
  mailbox_ring (logger_mailbox (logger));
  await_degree (QUIESCENCE_GOSSIP);
  collect ();
  await_degree (QUIESCENCE_FULL);
  close (fd);
}
END_TEST

START_TEST (lines_that_come_while_the_writer_rests_are_written)
{
  struct stat st = { .st_size = 0 };
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  for (off_t i = 1; i <= 50; i++)
    {
      int64_t end = clock_now () + DEADLINE_MS * CLOCK_MILLISECOND;
      say (fd, "\n");
      while (stat ("file", &st) < 0 || st.st_size < i * (STAMP_LENGTH + 1))
	{
	  ck_assert_int_lt (clock_now (), end);
	  poll (NULL, 0, 1);
	}
    }
  close (fd);
}
END_TEST

START_TEST (daemons_lines_go_to_log_ring_and_standard_output)
{
  int saved = dup (STDOUT_FILENO), out[2];
  char text[100];

  ck_assert_int_eq (pipe2 (out, O_CLOEXEC), 0);
  dup2 (out[1], STDOUT_FILENO);
  start_logger ("log", "", false);
  dup2 (saved, STDOUT_FILENO);
  post (message_text (MESSAGE_LOG_LINE, 0, LOG_LINE_STDOUT, "both\n", 5));
  post (message_text (MESSAGE_LOG_LINE, 0, 0, "log\nonly", 8));
  flush ();
  assert_lines ("log", "both\nlog\nonly\n");
  assert_ring (LOGGER_ROOT_RING, "(\"only\" \"log\" \"both\")");
  ck_assert_int_eq (read (out[0], text, sizeof text), 5);
  ck_assert (memcmp (text, "both\n", 5) == 0);
  ck_assert_int_eq (fcntl (out[1], F_GETFL) & O_NONBLOCK, 0);
}
END_TEST

START_TEST (standard_output_that_nobody_reads_blocks_nothing)
{
  static char text[60000];
  int saved = dup (STDOUT_FILENO), out[2];

  ck_assert_int_eq (pipe2 (out, O_CLOEXEC), 0);
  dup2 (out[1], STDOUT_FILENO);
  start_logger ("log", "", false);
  dup2 (saved, STDOUT_FILENO);
  memset (text, 'x', sizeof text);
  for (int i = 0; i < 400; i++)
    post (message_text (MESSAGE_LOG_LINE, 0, LOG_LINE_STDOUT, text,
			sizeof text));
  flush ();
  struct stat status;
  ck_assert_int_eq (stat ("log", &status), 0);
  ck_assert_int_gt (status.st_size, 20 * (int) sizeof text);
  close (out[0]);
  post (message_text (MESSAGE_LOG_LINE, 0, LOG_LINE_STDOUT, "end", 3));
  flush ();
  char *found = contents ("log", NULL);
  ck_assert_ptr_nonnull (strstr (found, " end\n"));
  free (found);
}
END_TEST

/* Read numbered lines from PATH, each once and in order from FROM on; other
   lines must be those of a rotation.  The number after the last.  */
static int
check_numbers (const char *path, int from)
{
  char *text = contents (path, NULL);

  for (char *line = text, *lf; *line != '\0'; line = lf + 1)
    {
      lf = strchr (line, '\n');
      ck_assert_ptr_nonnull (lf);
      *lf = '\0';
      if (lf == line)		/* then the last line follows */
	{
	  ck_assert_str_eq (line + 1 + STAMP, "Rotating log.\n");
	  break;
	}
      ck_assert_int_eq (atoi (line + STAMP + strlen ("line ")), from);
      from++;
    }
  free (text);
  return from;
}

START_TEST (rotation_loses_and_doubles_no_line)
{
  enum { LINES = 100000, ROTATIONS = 10 };
  char line[32], name[32];

  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  for (int i = 0; i < LINES; i++)
    {
      put (fd, line, snprintf (line, sizeof line, "line %d\n", i));
      if (i % (LINES / ROTATIONS) == 777)
	{
	  snprintf (name, sizeof name, "file.%d", i / (LINES / ROTATIONS));
	  post (message_log_rotate (i, "file", name));
	}
    }
  close (fd);
  flush ();
  int next = 0;
  for (int i = 0; i < ROTATIONS; i++)
    {
      struct message *message = expect (&interpreter, MESSAGE_LOG_ANSWER);
      ck_assert_int_eq (((struct number_message *) message)->a, 0);
      message_free (message);
      snprintf (name, sizeof name, "file.%d", i);
      next = check_numbers (name, next);
    }
  ck_assert_int_eq (check_numbers ("file", next), LINES);
}
END_TEST

static void
assert_rotation (const char *path, const char *name, int error)
{
  post (message_log_rotate (5, path, name));
  struct message *message = expect (&interpreter, MESSAGE_LOG_ANSWER);
  ck_assert_uint_eq (((struct number_message *) message)->id, 5);
  ck_assert_int_eq (((struct number_message *) message)->a, error);
  message_free (message);
}

START_TEST (rotation_that_fails_changes_nothing)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  say (fd, "a\n");
  flush ();
  assert_rotation ("file", "missing/file", ENOENT);
  assert_rotation ("other", "other.1", ENOENT);
  say (fd, "b\n");
  flush ();
  assert_lines ("file", "a\nb\n");
  close (fd);
}
END_TEST

START_TEST (daemons_log_can_be_rotated)
{
  start_logger ("log", "", true);
  post (message_text (MESSAGE_LOG_LINE, 0, 0, "a", 1));
  assert_rotation ("log", "log.1", 0);
  post (message_text (MESSAGE_LOG_LINE, 0, 0, "b", 1));
  flush ();
  assert_lines ("log", "b\n");
  char *old = contents ("log.1", NULL);
  ck_assert_ptr_nonnull (strstr (old, " a\n\n"));
  ck_assert_str_eq (old + strlen (old) - 14, "Rotating log.\n");
  free (old);
}
END_TEST

START_TEST (stalled_fifo_drops_lines_counts_them_and_stops_nobody)
{
  ck_assert_int_eq (mkfifo ("fifo", 0600), 0);
  int reader = open ("fifo", O_RDONLY | O_NONBLOCK);
  start_logger ("log", "", true);
  int stalled = attach (2, "fifo", ""), other = attach (3, "file", "");
  int sent = pour (stalled, 20);
  say (other, "still here\n");
  flush ();
  assert_lines ("file", "still here\n");

  /* Now the reader reads again.  */
  close (stalled);
  static char text[32 << 20];
  size_t length = 0, counted = 0;
  int got = 0, dropped = 0, lines;
  while (got + dropped < sent)
    {
      struct pollfd ready = { .fd = reader, .events = POLLIN };
      ck_assert_int_eq (poll (&ready, 1, DEADLINE_MS), 1);
      ssize_t n = read (reader, text + length, sizeof text - 1 - length);
      ck_assert_int_gt (n, 0);
      length += n;
      text[length] = '\0';
      dropped += count_dropped (text + counted, &lines);
      got += lines;
      const char *lf = memrchr (text, '\n', length);
      counted = lf == NULL ? 0 : lf + 1 - text;
    }
  ck_assert_int_eq (got + dropped, sent);
  ck_assert_int_gt (dropped, 0);
  /* What waited was bounded.  */
  ck_assert_int_lt (length, 10 << 20);
  close (other);
}
END_TEST

START_TEST (fifo_that_its_reader_left_keeps_lines)
{
  char text[1000];

  ck_assert_int_eq (mkfifo ("fifo", 0600), 0);
  int reader = open ("fifo", O_RDONLY | O_NONBLOCK);
  start_logger ("log", "", true);
  int fd = attach (2, "fifo", "");
  close (reader);
  say (fd, "a\nb\n");
  flush ();
  say (fd, "c\n");
  flush ();
  reader = open ("fifo", O_RDONLY | O_NONBLOCK);
  say (fd, "d\n");
  flush ();
  ssize_t n = read (reader, text, sizeof text - 1);
  ck_assert_int_gt (n, 0);
  text[n] = '\0';
  unstamp (text);
  ck_assert_str_eq (text, "a\nb\nc\nd\n");
  close (fd);
}
END_TEST

START_TEST (full_disk_keeps_lines_until_there_is_room)
{
  /* In a mount namespace of our own.  */
  ck_assert_int_eq (mkdir ("d", 0700), 0);
  if (unshare (CLONE_NEWNS) < 0
      || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
      || mount ("none", "d", "tmpfs", 0, "size=64k") < 0)
    {
      fprintf (stderr, "no small file system (%s): not tested\n",
	       strerror (errno));
      return;
    }
  start_logger ("log", "", true);
  int fd = attach (2, "d/file", "");
  int sent = pour (fd, 12);	/* several times what may wait */
  flush ();
  assert_rotation ("d/file", "d/file.1", ENOSPC);
  ck_assert_int_eq (mount (NULL, "d", NULL, MS_REMOUNT, "size=40m"), 0);
  int got = 0, dropped = 0;
  char *text;
  for (int tries = 0; got + dropped < sent && tries < DEADLINE_MS / 20;
       tries++)
    {
      poll (NULL, 0, 20);	/* the logger tries again on its own */
      text = contents ("d/file", NULL);
      dropped = count_dropped (text, &got);
      free (text);
    }
  ck_assert_int_eq (got + dropped, sent);
  ck_assert_int_gt (got, 2 << 14);
  close (fd);
  flush ();
  ck_assert_int_eq (umount2 ("d", MNT_DETACH), 0);
}
END_TEST

START_TEST (syslog_gets_one_datagram_a_line)
{
  int daemon = syslog_daemon ("devlog");

  start_logger (NULL, "devlog", true);
  int fd = attach (2, NULL, "sshd[17] ");
  post (message_text (MESSAGE_LOG_LINE, 0, 0, "one\ntwo", 7));
  assert_datagram (daemon, "one");
  assert_datagram (daemon, "two");
  say (fd, "hello\n");
  assert_datagram (daemon, "sshd[17] hello");
  assert_ring (LOGGER_ROOT_RING, "(\"two\" \"one\")");
  assert_ring (2, "(\"hello\")");
  /* The daemon restarts.  */
  close (daemon);
  daemon = syslog_daemon ("devlog");
  say (fd, "again\n");
  assert_datagram (daemon, "sshd[17] again");
  close (daemon);
  close (fd);
}
END_TEST

START_TEST (single_sources_may_go_to_syslog)
{
  int daemon = syslog_daemon ("devlog");

  start_logger ("log", "", true);
  int a = attach_syslog (2, "devlog"), b = attach_syslog (3, "devlog");
  int other = attach (4, NULL, "other ");
  say (a, "one\ntwo\n");
  assert_datagram (daemon, "one");
  assert_datagram (daemon, "two");
  say (other, "x\n");
  flush ();
  assert_lines ("log", "other x\n");
  close (a);
  say (b, "three\n");
  assert_datagram (daemon, "three");
  assert_ring (2, "(\"two\" \"one\")");
  /* Used again after everybody has left.  */
  close (b);
  settle ();
  a = attach_syslog (5, "devlog");
  say (a, "four\n");
  assert_datagram (daemon, "four");
  close (a);
  close (other);
  close (daemon);
}
END_TEST

START_TEST (socket_of_syslog_is_not_rotated)
{
  int daemon = syslog_daemon ("devlog");

  start_logger ("log", "", true);
  int fd = attach_syslog (2, "devlog");
  assert_rotation ("devlog", "renamed", ENOENT);
  say (fd, "here\n");
  assert_datagram (daemon, "here");
  close (fd);
  close (daemon);
}
END_TEST

START_TEST (syslog_that_is_behind_gets_all_lines_later)
{
  int daemon = syslog_daemon ("devlog");
  char text[20];

  start_logger (NULL, "devlog", true);
  for (int i = 0; i < 1000; i++)
    post (message_text (MESSAGE_LOG_LINE, 0, 0, text,
			snprintf (text, sizeof text, "%d", i)));
  flush ();
  for (int i = 0; i < 1000; i++)
    {
      snprintf (text, sizeof text, "%d", i);
      assert_datagram (daemon, text);
    }
  close (daemon);
}
END_TEST

/* Weak spot: each line opened a descriptor.  */
START_TEST (without_syslog_a_kept_device_takes_the_lines)
{
  struct journal journal;
  char text[10];

  journal_init (&journal, "devlog");
  journal.fallbacks[0] = "missing";
  journal.fallbacks[1] = "console";
  ck_assert_int_eq (journal_send (&journal, "a\n", 2), -ENOENT);
  close (open ("console", O_CREAT | O_WRONLY, 0600));
  ck_assert_int_eq (journal_send (&journal, "b\n", 2), 0);
  int kept = journal.fallback;
  ck_assert_int_eq (journal_send (&journal, "c\n", 2), 0);
  ck_assert_int_eq (journal.fallback, kept);
  int daemon = syslog_daemon ("devlog");
  ck_assert_int_eq (journal_send (&journal, "d\n", 2), 0);
  ck_assert_int_eq (recv (daemon, text, sizeof text, 0), 2);
  ck_assert_int_eq (journal.fallback, -1);
  char *found = contents ("console", NULL);
  ck_assert_str_eq (found, "b\nc\n");
  free (found);
  journal_close (&journal);
  close (daemon);
}
END_TEST

START_TEST (flush_of_the_interpreter_is_answered)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  say (fd, "unterminated");
  post (message_number (MESSAGE_LOG_FLUSH, 9, 0, 0));
  struct message *message = expect (&interpreter, MESSAGE_LOG_ANSWER);
  ck_assert_uint_eq (((struct number_message *) message)->id, 9);
  ck_assert_int_eq (((struct number_message *) message)->a, 0);
  message_free (message);
  close (fd);
  flush ();
  assert_lines ("file", "unterminated\n");
}
END_TEST

START_TEST (parking_keeps_everything)
{
  start_logger ("log", "", true);
  int fd = attach (2, NULL, "a ");
  say (fd, "before\nhalf");
  flush ();
  logger_park (logger);
  say (fd, " a line\n");
  post (message_text (MESSAGE_LOG_LINE, 0, 0, "mine", 4));
  ck_assert_int_eq (logger_start (logger), 0);
  flush ();
  assert_lines ("log", "a before\na half a line\nmine\n");
  assert_ring (2, "(\"half a line\" \"before\")");
  close (fd);
}
END_TEST

START_TEST (descriptors_are_closed)
{
  start_logger ("log", "", true);
  flush ();
  int before = dup (0);
  close (before);
  for (int i = 0; i < 20; i++)
    {
      int one = attach (2, "file", ""), two = attach (3, "file", "");
      say (one, "x\n");
      flush ();
      close (one);
      close (two);
    }
  for (int i = 0; i < 5; i++)
    flush ();			/* closing takes a few rounds */
  int after = dup (0);
  close (after);
  ck_assert_int_eq (after, before);
}
END_TEST

/* A process that is being spawned holds copies of all descriptors until its
   exec; what we close is then still open, and epoll would go on about it.  */
START_TEST (pipe_that_is_open_elsewhere_is_left_alone_after_its_end)
{
  int ends[2];

  start_logger ("log", "", true);
  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC | O_NONBLOCK), 0);
  int copy = dup (ends[0]);
  post (message_log_attach (ends[0], -1, 2, 5, "", "a "));
  say (ends[1], "x\n");
  close (ends[1]);
  flush ();
  for (int i = 0; i < 100; i++)	/* memory is used again */
    {
      int fd = attach (3, NULL, "b ");
      say (fd, "y\n");
      close (fd);
      flush ();
    }
  assert_ring (2, "(\"x\")");
  close (copy);
}
END_TEST

int
main (void)
{
  const TTest *const tests[] = {
    lines_end_at_lf_crlf_and_cr,
    lines_are_whole_across_reads,
    long_lines_are_cut_after_64_kib_between_characters,
    undecodable_bytes_are_replaced,
    zero_bytes_stay,
    prefix_is_in_the_daemons_log_but_not_in_the_ring,
    bare_lines_bring_their_stamps,
    two_sources_share_a_file,
    ring_keeps_the_last_lines_escaped,
    ring_is_bounded_in_bytes,
    collection_has_the_rings_that_changed,
    forgotten_ring_that_nobody_saw_is_not_told_of,
    quiescence_ends_with_any_line,
    lines_that_come_while_the_writer_rests_are_written,
    daemons_lines_go_to_log_ring_and_standard_output,
    standard_output_that_nobody_reads_blocks_nothing,
    rotation_loses_and_doubles_no_line,
    rotation_that_fails_changes_nothing,
    daemons_log_can_be_rotated,
    stalled_fifo_drops_lines_counts_them_and_stops_nobody,
    fifo_that_its_reader_left_keeps_lines,
    full_disk_keeps_lines_until_there_is_room,
    syslog_gets_one_datagram_a_line,
    single_sources_may_go_to_syslog,
    socket_of_syslog_is_not_rotated,
    syslog_that_is_behind_gets_all_lines_later,
    without_syslog_a_kept_device_takes_the_lines,
    flush_of_the_interpreter_is_answered,
    parking_keeps_everything,
    pipe_that_is_open_elsewhere_is_left_alone_after_its_end,
    descriptors_are_closed
  };
  Suite *suite = suite_create ("logger");
  TCase *tcase = tcase_create ("logger");

  tcase_add_checked_fixture (tcase, setup, teardown);
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
    tcase_add_test (tcase, tests[i]);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
