/* state-test.c -- the published state in its memory file.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names.h"
#include "state.h"
#include "table.h"

static struct state *state;

static void
open_state (void)
{
  ck_assert_int_eq (state_new (&state), 0);
}

static void
close_state (void)
{
  state_free (state);
}

/* Publish NAMES, separated by spaces, with HEAD.  */
static int
publish_in (struct state *into, const char *names, const char *head)
{
  char list[256];
  size_t length = strlen (names);
  memcpy (list, names, length + 1);
  for (size_t i = 0; i < length; i++)
    if (list[i] == ' ')
      list[i] = '\0';
  struct message *message
    = message_publish (0, 3, list, length + 1, head, "tail)", "saved");
  int result = state_publish (into, (struct publish_message *) message);
  message_free (message);
  return result;
}

static void
publish (const char *names, const char *head)
{
  ck_assert_int_eq (publish_in (state, names, head), 0);
}

/* Is TEXT what the LENGTH bytes PACKED stand for?  */
static void
expect_text (const char *packed, size_t length, const char *text)
{
  struct text unpacked = TEXT_EMPTY;
  state_unpack (&unpacked, packed, length);
  ck_assert_str_eq (text_string (&unpacked), text);
  text_free (&unpacked);
}

static void
expect (const struct state *in, const char *name, const char *head)
{
  const struct state_service *service = state_find (in, name);
  ck_assert_msg (service != NULL, "%s is not there", name);
  struct state_view view = state_read (in, service);
  expect_text (view.head, view.head_length, head);
  expect_text (view.tail, view.tail_length, "tail)");
  expect_text (view.saved, view.saved_length, "saved");
  ck_assert_uint_eq (view.ring, 3);
}

static size_t
count_services (const struct state *in)
{
  size_t count = 0;
  for (const struct state_service *service = state_first (in);
       service != NULL; service = state_next (service))
    count++;
  ck_assert_uint_eq (count, state_count (in));
  return count;
}

static size_t
count_processes (const struct state *in)
{
  struct state_process process;
  size_t count = 0, position = 0;
  while (state_next_process (in, &position, &process))
    count++;
  return count;
}

START_TEST (a_service_is_found_by_all_its_names)
{
  publish ("ssh sshd", "one");
  expect (state, "ssh", "one");
  expect (state, "sshd", "one");
  ck_assert_str_eq (state_read (state, state_find (state, "sshd")).name,
		    "ssh");
  ck_assert_ptr_null (state_find (state, "ss"));
  ck_assert_ptr_null (state_find (state, ""));
}
END_TEST

START_TEST (the_latest_state_holds)
{
  publish ("a", "one");
  publish ("b", "two");
  publish ("a", "three");
  expect (state, "a", "three");
  expect (state, "b", "two");
  ck_assert_uint_eq (count_services (state), 2);
}
END_TEST

START_TEST (names_no_longer_provided_are_unknown)
{
  publish ("a x y", "one");
  publish ("a y z", "two");
  ck_assert_ptr_null (state_find (state, "x"));
  expect (state, "y", "two");
  expect (state, "z", "two");
}
END_TEST

START_TEST (services_keep_the_order_of_their_first_publication)
{
  publish ("b", "1");
  publish ("a", "1");
  publish ("c", "1");
  publish ("b", "2");
  ck_assert_int_eq (state_forget (state, "a"), 0);
  publish ("a", "2");
  const char *order[] = { "b", "c", "a" };
  const struct state_service *service = state_first (state);
  for (int i = 0; i < 3; i++, service = state_next (service))
    ck_assert_str_eq (state_read (state, service).name, order[i]);
}
END_TEST

START_TEST (a_forgotten_service_is_unknown)
{
  publish ("a b", "one");
  ck_assert_int_eq (state_forget (state, "b"), -ENOENT);
  ck_assert_int_eq (state_forget (state, "a"), 0);
  ck_assert_int_eq (state_forget (state, "a"), -ENOENT);
  ck_assert_ptr_null (state_find (state, "a"));
  ck_assert_ptr_null (state_find (state, "b"));
  ck_assert_uint_eq (count_services (state), 0);
}
END_TEST

START_TEST (a_name_goes_to_whom_it_was_published_for_last)
{
  publish ("a x", "one");
  publish ("b x", "two");
  expect (state, "x", "two");
  ck_assert_int_eq (state_forget (state, "a"), 0);
  expect (state, "x", "two");
}
END_TEST

START_TEST (a_service_without_its_canonical_name_is_gone)
{
  publish ("a x", "one");
  publish ("b a", "two");
  expect (state, "a", "two");
  ck_assert_ptr_null (state_find (state, "x"));
  ck_assert_uint_eq (count_services (state), 1);
}
END_TEST

/* A new state over the same file, as a successor would see it.  */
static struct state *
reopen (void)
{
  struct state *successor;
  ck_assert_int_eq (state_open (dup (state_fd (state)), &successor), 0);
  return successor;
}

START_TEST (a_successor_sees_the_same)
{
  struct state_process process = { 42, 1234567, 9, "a", 7, "/var/log/a" };
  publish ("a x", "one");
  publish ("b", "two");
  publish ("c", "gone");
  publish ("a y", "three");
  ck_assert_int_eq (state_forget (state, "c"), 0);
  ck_assert_int_eq (state_add_process (state, &process), 0);
  process.pid = 43;
  ck_assert_int_eq (state_add_process (state, &process), 0);
  ck_assert_int_eq (state_remove_process (state, 42), 0);
  struct state *successor = reopen ();
  expect (successor, "a", "three");
  expect (successor, "y", "three");
  expect (successor, "b", "two");
  ck_assert_ptr_null (state_find (successor, "x"));
  ck_assert_ptr_null (state_find (successor, "c"));
  ck_assert_uint_eq (count_services (successor), 2);
  size_t position = 0;
  memset (&process, 0, sizeof process);
  ck_assert (state_next_process (successor, &position, &process));
  ck_assert_int_eq (process.pid, 43);
  ck_assert_int_eq (process.start_time, 1234567);
  ck_assert_uint_eq (process.plan, 9);
  ck_assert_str_eq (process.service, "a");
  ck_assert_uint_eq (process.ring, 7);
  ck_assert_str_eq (process.log_path, "/var/log/a");
  ck_assert (!state_next_process (successor, &position, &process));
  state_free (successor);
}
END_TEST

START_TEST (many_changes_do_not_let_the_file_grow)
{
  char name[64], head[2000];
  struct stat status;
  memset (head, 'h', sizeof head);
  head[sizeof head - 1] = '\0';
  for (int round = 0; round < 200; round++)
    for (int i = 0; i < 50; i++)
      {
	struct state_process process = { 1000 + i, round, 0, "s", 0, "" };
	snprintf (name, sizeof name, "service-%d alias-%d", i, i);
	head[0] = (char) ('a' + round % 26);
	publish (name, head);
	ck_assert_int_eq (state_add_process (state, &process), 0);
	if (i % 2 == 1)
	  ck_assert_int_eq (state_remove_process (state, process.pid), 0);
      }
  ck_assert_int_eq (fstat (state_fd (state), &status), 0);
  ck_assert_int_lt (status.st_size, 1024 * 1024);
  struct state *successor = reopen ();
  for (int i = 0; i < 50; i++)
    {
      snprintf (name, sizeof name, "alias-%d", i);
      expect (state, name, head);
      expect (successor, name, head);
    }
  ck_assert_uint_eq (count_services (successor), 50);
  ck_assert_uint_eq (count_processes (successor), 25);
  state_free (successor);
}
END_TEST

START_TEST (any_text_is_read_as_it_was_published)
{
  char head[1024] = "";
  for (int byte = 1; byte < 256; byte++)
    {
      head[2 * byte - 2] = (char) byte;
      head[2 * byte - 1] = '(';
    }
  publish ("a", head);
  expect (state, "a", head);
  struct state *successor = reopen ();
  expect (successor, "a", head);
  state_free (successor);
}
END_TEST

START_TEST (what_all_services_have_in_common_takes_little_room)
{
  const char *head
    = "(service (version 0) (provides (nginx)) (requires (networking))"
      " (respawn? #t) (docstring \"A server.\") (enabled? #t)"
      " (running (process (version 0) (id 17) (command (\"nginx\"))))"
      " (conflicts ()) (last-respawns ())"
      " (status-changes ((running . 1700000001) (starting . 1700000000)))"
      " (startup-failures ()) (status running) (one-shot? #f)"
      " (transient? #f) (respawn-limit (5 . 7)) (respawn-delay 0.1)"
      " (actions ()) (exit-statuses ())";
  publish ("nginx", head);
  expect (state, "nginx", head);
  struct state_view view = state_read (state, state_find (state, "nginx"));
  ck_assert_uint_lt (view.head_length, strlen (head) / 4);
}
END_TEST

START_TEST (a_thousand_services_fit)
{
  char name[32], head[700];
  memset (head, 'h', sizeof head);
  head[sizeof head - 1] = '\0';
  for (int round = 0; round < 4; round++)
    for (int i = 0; i < 1000; i++)
      {
	snprintf (name, sizeof name, "s%d", i);
	publish (name, head);
      }
  for (int i = 0; i < 1000; i++)
    {
      snprintf (name, sizeof name, "s%d", i);
      expect (state, name, head);
    }
}
END_TEST

START_TEST (an_unfinished_record_does_not_count)
{
  publish ("a", "one");
  struct state_header header;
  struct state_record garbage = { 4096, STATE_SERVICE, 1, 4000 };
  ck_assert_int_eq (pread (state_fd (state), &header, sizeof header, 0),
		    sizeof header);
  ck_assert_int_eq (pwrite (state_fd (state), &garbage, sizeof garbage,
			    (off_t) header.used), sizeof garbage);
  struct state *successor = reopen ();
  expect (successor, "a", "one");
  ck_assert_uint_eq (count_services (successor), 1);
  state_free (successor);
}
END_TEST

START_TEST (a_record_of_unknown_kind_is_skipped)
{
  struct { struct state_record record; char name[8]; } unknown
    = { { sizeof unknown, 4711, 1, 0 }, "x" };
  struct state_header header;
  publish ("a", "one");
  int fd = state_fd (state);
  ck_assert_int_eq (pread (fd, &header, sizeof header, 0), sizeof header);
  ck_assert_int_eq (pwrite (fd, &unknown, sizeof unknown,
			    (off_t) header.used), sizeof unknown);
  header.used += sizeof unknown;
  ck_assert_int_eq (pwrite (fd, &header, sizeof header, 0), sizeof header);
  publish ("b", "two");
  struct state *successor = reopen ();
  expect (successor, "a", "one");
  expect (successor, "b", "two");
  state_free (successor);
}
END_TEST

START_TEST (another_file_is_refused)
{
  struct state *successor = NULL;
  struct state_header header
    = { STATE_MAGIC, STATE_VERSION + 1, sizeof header, sizeof header };
  int fd = memfd_create ("test", MFD_CLOEXEC);
  ck_assert_int_eq (state_open (dup (fd), &successor), -EINVAL);
  ck_assert_int_eq (pwrite (fd, &header, sizeof header, 0), sizeof header);
  ck_assert_int_eq (state_open (dup (fd), &successor), -EINVAL);
  header.version = STATE_VERSION;
  header.used = 1 << 20;
  ck_assert_int_eq (pwrite (fd, &header, sizeof header, 0), sizeof header);
  ck_assert_int_eq (state_open (dup (fd), &successor), -EINVAL);
  memcpy (header.magic, "NOTSTATE", 8);
  ck_assert_int_eq (pwrite (fd, &header, sizeof header, 0), sizeof header);
  ck_assert_int_eq (state_open (dup (fd), &successor), -EINVAL);
  ck_assert_int_eq (state_open (-1, &successor), -EBADF);
  close (fd);
}
END_TEST

/* RLIMIT_FSIZE stands for memory that has run out.  */
START_TEST (without_room_the_former_state_holds)
{
  struct rlimit all, none = { 0, RLIM_INFINITY };
  static char head[200 * 1024];
  memset (head, 'h', sizeof head - 1);
  publish ("a x", "one");
  signal (SIGXFSZ, SIG_IGN);
  ck_assert_int_eq (getrlimit (RLIMIT_FSIZE, &all), 0);
  ck_assert_int_eq (setrlimit (RLIMIT_FSIZE, &none), 0);
  ck_assert_int_eq (publish_in (state, "a y", head), -EFBIG);
  ck_assert_int_eq (publish_in (state, "b", head), -EFBIG);
  expect (state, "x", "one");
  ck_assert_ptr_null (state_find (state, "b"));
  ck_assert_int_eq (setrlimit (RLIMIT_FSIZE, &all), 0);
  publish ("a y", head);
  expect (state, "y", head);
}
END_TEST

START_TEST (a_table_forgets_nothing_but_what_it_is_told_to)
{
  static int values[5000];
  struct table table;
  table_init (&table);
  ck_assert_ptr_null (table_get (&table, 0));
  ck_assert_ptr_null (table_remove (&table, 0));
  for (uint64_t i = 0; i < 5000; i++)
    ck_assert_int_eq (table_put (&table, i * 64, &values[i]), 0);
  for (uint64_t i = 0; i < 5000; i += 3)
    ck_assert_ptr_eq (table_remove (&table, i * 64), &values[i]);
  for (uint64_t i = 0; i < 5000; i++)
    ck_assert_ptr_eq (table_get (&table, i * 64),
		      i % 3 == 0 ? NULL : &values[i]);
  size_t count = 0;
  for (size_t i = 0; table_next (&table, &i) != NULL;)
    count++;
  ck_assert_uint_eq (count, table.count);
  table_free (&table);
}
END_TEST

START_TEST (a_name_is_removed_only_for_its_value)
{
  struct names names;
  int one, two;
  names_init (&names);
  ck_assert_int_eq (names_put (&names, "x", &one), 0);
  ck_assert_int_eq (names_put (&names, "x", &two), 0);
  names_remove (&names, "x", &one);
  ck_assert_ptr_eq (names_get (&names, "x"), &two);
  names_remove (&names, "x", &two);
  ck_assert_ptr_null (names_get (&names, "x"));
  ck_assert_int_eq (names_put (&names, "y", &two), 0);
  names_free (&names);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("state");
  TCase *tcase = tcase_create ("state");
  tcase_add_checked_fixture (tcase, open_state, close_state);
  tcase_add_test (tcase, a_service_is_found_by_all_its_names);
  tcase_add_test (tcase, the_latest_state_holds);
  tcase_add_test (tcase, names_no_longer_provided_are_unknown);
  tcase_add_test (tcase, services_keep_the_order_of_their_first_publication);
  tcase_add_test (tcase, a_forgotten_service_is_unknown);
  tcase_add_test (tcase, a_name_goes_to_whom_it_was_published_for_last);
  tcase_add_test (tcase, a_service_without_its_canonical_name_is_gone);
  tcase_add_test (tcase, a_successor_sees_the_same);
  tcase_add_test (tcase, many_changes_do_not_let_the_file_grow);
  tcase_add_test (tcase, any_text_is_read_as_it_was_published);
  tcase_add_test (tcase, what_all_services_have_in_common_takes_little_room);
  tcase_add_test (tcase, a_thousand_services_fit);
  tcase_add_test (tcase, an_unfinished_record_does_not_count);
  tcase_add_test (tcase, a_record_of_unknown_kind_is_skipped);
  tcase_add_test (tcase, another_file_is_refused);
  tcase_add_test (tcase, without_room_the_former_state_holds);
  tcase_add_test (tcase, a_table_forgets_nothing_but_what_it_is_told_to);
  tcase_add_test (tcase, a_name_is_removed_only_for_its_value);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
