/* mailbox-test.c -- messages, mailboxes and the watch on the interpreter.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mailbox.h"
#include "spawn.h"
#include "watch.h"

enum { MANY = 20000, SENDERS = 4, DEADLINE_MS = 20000 };

static struct mailbox box;

static void
open_box (void)
{
  ck_assert_int_eq (mailbox_open (&box), 0);
}

static void
close_box (void)
{
  mailbox_close (&box);
}

/* The next message, waiting for it.  */
static struct number_message *
receive (void)
{
  struct message *message;
  struct pollfd readable = { .fd = box.read_fd, .events = POLLIN };
  ck_assert_int_eq (poll (&readable, 1, DEADLINE_MS), 1);
  ck_assert_uint_eq (mailbox_receive (&box, &message, 1), 1);
  return (struct number_message *) message;
}

static struct message *
number (int64_t a)
{
  return message_number (MESSAGE_KILL, 0, a, 0);
}

START_TEST (nothing_to_receive_is_no_wait)
{
  struct message *messages[4];
  ck_assert_uint_eq (mailbox_receive (&box, messages, 4), 0);
}
END_TEST

START_TEST (descriptors_are_not_inherited)
{
  ck_assert_int_ne (fcntl (box.read_fd, F_GETFD) & FD_CLOEXEC, 0);
  ck_assert_int_ne (fcntl (box.write_fd, F_GETFD) & FD_CLOEXEC, 0);
}
END_TEST

START_TEST (messages_arrive_in_order_and_in_batches)
{
  struct message *messages[64];
  int64_t next = 0;
  size_t count;
  for (int64_t i = 0; i < 100; i++)
    ck_assert_int_eq (mailbox_send (&box, number (i)), 0);
  while ((count = mailbox_receive (&box, messages, 64)) > 0)
    for (size_t i = 0; i < count; i++)
      {
	ck_assert_int_eq (((struct number_message *) messages[i])->a, next++);
	message_free (messages[i]);
      }
  ck_assert_int_eq (next, 100);
}
END_TEST

START_TEST (no_memory_is_an_error_for_the_sender)
{
  struct outbox outbox;
  outbox_init (&outbox, &box);
  ck_assert_int_eq (mailbox_send (&box, NULL), -ENOMEM);
  outbox_post (&outbox, NULL);
  ck_assert (outbox_flush (&outbox));
}
END_TEST

/* An outbox keeps what the pipe has no room for; later messages stay behind
   the kept ones.  */
START_TEST (an_outbox_overflows_in_order)
{
  struct outbox outbox;
  struct message *messages[512];
  int64_t next = 0;
  bool empty;
  outbox_init (&outbox, &box);
  for (int64_t i = 0; i < MANY; i++)
    {
      outbox_post (&outbox, number (i));
      outbox_flush (&outbox);
    }
  ck_assert (!outbox_flush (&outbox));
  do
    {
      size_t count = mailbox_receive (&box, messages, 512);
      for (size_t i = 0; i < count; i++)
	{
	  ck_assert_int_eq (((struct number_message *) messages[i])->a,
			    next++);
	  message_free (messages[i]);
	}
      empty = outbox_flush (&outbox);
    }
  while (!empty || next < MANY);
}
END_TEST

START_TEST (posted_messages_wait_for_the_flush)
{
  struct outbox outbox;
  struct message *messages[8];
  outbox_init (&outbox, &box);
  outbox_post (&outbox, number (1));
  outbox_post (&outbox, number (2));
  ck_assert_uint_eq (mailbox_receive (&box, messages, 8), 0);
  ck_assert (outbox_flush (&outbox));
  ck_assert_uint_eq (mailbox_receive (&box, messages, 8), 2);
  message_free (messages[0]);
  message_free (messages[1]);
}
END_TEST

START_TEST (what_nobody_received_is_freed)
{
  struct outbox outbox;
  outbox_init (&outbox, &box);
  for (int64_t i = 0; i < MANY; i++)
    outbox_post (&outbox, number (i));
  ck_assert (!outbox_flush (&outbox));
  outbox_clear (&outbox);
  ck_assert (outbox_flush (&outbox));
}
END_TEST

static void *
send_many (void *argument)
{
  int64_t sender = *(int *) argument;
  for (int64_t i = 0; i < MANY; i++)
    mailbox_send (&box, message_number (MESSAGE_KILL, (uint64_t) sender, i,
					0));
  return NULL;
}

/* The pipe holds fewer, so senders have to wait.  */
START_TEST (many_senders_keep_their_own_order)
{
  pthread_t threads[SENDERS];
  int ids[SENDERS];
  int64_t next[SENDERS] = { 0 };
  for (int i = 0; i < SENDERS; i++)
    {
      ids[i] = i;
      ck_assert_int_eq (pthread_create (&threads[i], NULL, send_many,
					&ids[i]), 0);
    }
  for (int i = 0; i < SENDERS * MANY; i++)
    {
      struct number_message *message = receive ();
      ck_assert_int_eq (message->a, next[message->id]++);
      message_free (&message->header);
    }
  for (int i = 0; i < SENDERS; i++)
    pthread_join (threads[i], NULL);
}
END_TEST

START_TEST (published_texts_are_copied)
{
  char names[] = "a\0b\0";
  struct publish_message *message = (struct publish_message *)
    message_publish (PUBLISH_CUSTOM_STATUS, 7, names, sizeof names - 1,
		     "(head", "tail)", "saved");
  names[0] = 'x';
  ck_assert_int_eq (message->header.kind, MESSAGE_PUBLISH);
  ck_assert_str_eq (message->name, "a");
  ck_assert_str_eq (message->names + 2, "b");
  ck_assert_str_eq (message->names + 4, "");
  ck_assert_str_eq (message->head, "(head");
  ck_assert_str_eq (message->tail, "tail)");
  ck_assert_str_eq (message->saved, "saved");
  message_free (&message->header);
}
END_TEST

static bool
is_open (int fd)
{
  return fcntl (fd, F_GETFD) >= 0;
}

START_TEST (messages_own_their_descriptors)
{
  int fds[4];
  for (int i = 0; i < 4; i++)
    fds[i] = fcntl (0, F_DUPFD_CLOEXEC, 10);
  message_free (message_log_attach (fds[0], fds[1], 1, 20, "/log", "x "));
  struct spawn_plan *plan = spawn_plan_new ();
  plan->input_fd = fds[2];
  plan->extra_fds = malloc (sizeof *plan->extra_fds);
  plan->extra_fds[0] = fds[3];
  plan->extra_count = 1;
  message_free (message_spawn (MESSAGE_SPAWN, plan));
  for (int i = 0; i < 4; i++)
    ck_assert (!is_open (fds[i]));
}
END_TEST

START_TEST (every_spawn_step_has_a_name)
{
  for (int step = 0; step < SPAWN_STEP_COUNT; step++)
    ck_assert_ptr_nonnull (spawn_step_name ((enum spawn_step) step));
  ck_assert_str_eq (spawn_step_name (SPAWN_EXEC), "exec");
}
END_TEST

START_TEST (a_waiting_interpreter_is_not_busy)
{
  struct watch watch = { 0 };
  char name[WATCH_NAME_SIZE];
  ck_assert_int_eq (watch_read (&watch, name), 0);
  watch_enter (&watch);
  watch_note (&watch, "nginx");
  while (watch_read (&watch, name) == 0)
    continue;
  ck_assert_str_eq (name, "nginx");
  watch_leave (&watch);
  ck_assert_int_eq (watch_read (&watch, name), 0);
}
END_TEST

START_TEST (a_long_name_is_cut_between_characters)
{
  struct watch watch = { 0 };
  char name[WATCH_NAME_SIZE], all[2 * WATCH_NAME_SIZE] = "x";
  while (strlen (all) < WATCH_NAME_SIZE + 8)
    strcat (all, "\xc3\xa9");
  watch_note (&watch, all);
  watch_read (&watch, name);
  ck_assert_uint_eq (strlen (name), WATCH_NAME_SIZE - 1);
  ck_assert_int_eq (strncmp (name, all, WATCH_NAME_SIZE - 1), 0);
  memmove (all, all + 1, strlen (all));
  watch_note (&watch, all);
  watch_read (&watch, name);
  ck_assert_uint_eq (strlen (name), WATCH_NAME_SIZE - 2);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("mailbox");
  TCase *tcase = tcase_create ("mailbox");
  tcase_add_checked_fixture (tcase, open_box, close_box);
  tcase_add_test (tcase, nothing_to_receive_is_no_wait);
  tcase_add_test (tcase, descriptors_are_not_inherited);
  tcase_add_test (tcase, messages_arrive_in_order_and_in_batches);
  tcase_add_test (tcase, no_memory_is_an_error_for_the_sender);
  tcase_add_test (tcase, an_outbox_overflows_in_order);
  tcase_add_test (tcase, posted_messages_wait_for_the_flush);
  tcase_add_test (tcase, what_nobody_received_is_freed);
  tcase_add_test (tcase, many_senders_keep_their_own_order);
  tcase_add_test (tcase, published_texts_are_copied);
  tcase_add_test (tcase, messages_own_their_descriptors);
  tcase_add_test (tcase, every_spawn_step_has_a_name);
  tcase_add_test (tcase, a_waiting_interpreter_is_not_busy);
  tcase_add_test (tcase, a_long_name_is_cut_between_characters);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
