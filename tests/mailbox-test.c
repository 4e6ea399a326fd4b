/* mailbox-test.c -- messages, mailboxes and the watch on the interpreter.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
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

static struct message *
number (int64_t a)
{
  return message_number (MESSAGE_KILL, 0, a, 0);
}

static void
post_number (int64_t a)
{
  ck_assert_int_eq (mailbox_post (&box, number (a)), 0);
}

/* How often the bell was rung since this was asked last.  */
static uint64_t
count_rings (void)
{
  uint64_t count;
  return read (box.bell, &count, sizeof count) == sizeof count ? count : 0;
}

static void
assert_next (int64_t a)
{
  struct message *message = mailbox_next (&box);
  ck_assert_ptr_nonnull (message);
  ck_assert_int_eq (((struct number_message *) message)->a, a);
  message_free (message);
}

START_TEST (nothing_to_receive_is_no_wait)
{
  ck_assert (!mailbox_look (&box));
  ck_assert_ptr_null (mailbox_next (&box));
  ck_assert (!mailbox_wait (&box, 0));
}
END_TEST

START_TEST (the_bell_is_not_inherited)
{
  ck_assert_int_ne (fcntl (box.bell, F_GETFD) & FD_CLOEXEC, 0);
}
END_TEST

START_TEST (messages_arrive_in_order)
{
  for (int64_t i = 0; i < 100; i++)
    ck_assert_int_eq (mailbox_send (&box, number (i)), 0);
  ck_assert (mailbox_look (&box));
  for (int64_t i = 0; i < 100; i++)
    assert_next (i);
  ck_assert_ptr_null (mailbox_next (&box));
}
END_TEST

START_TEST (what_was_taken_comes_before_what_is_new)
{
  post_number (1);
  post_number (2);
  mailbox_look (&box);
  post_number (3);
  assert_next (1);
  ck_assert (mailbox_look (&box));
  assert_next (2);
  ck_assert_ptr_null (mailbox_next (&box));
  ck_assert (mailbox_look (&box));
  assert_next (3);
}
END_TEST

START_TEST (no_memory_is_an_error_for_the_sender)
{
  ck_assert_int_eq (mailbox_post (&box, NULL), -ENOMEM);
  ck_assert_int_eq (mailbox_send (&box, NULL), -ENOMEM);
  ck_assert (!mailbox_look (&box));
  ck_assert_uint_eq (count_rings (), 0);
}
END_TEST

START_TEST (no_sender_waits_and_what_nobody_received_is_freed)
{
  for (int64_t i = 0; i < MANY; i++)
    ck_assert_int_eq (mailbox_send (&box, number (i)), 0);
  ck_assert_uint_eq (mailbox_waiting (&box), MANY);
  mailbox_look (&box);
  ck_assert_uint_eq (mailbox_waiting (&box), 0);
  assert_next (0);
  post_number (MANY);
  ck_assert_uint_eq (mailbox_waiting (&box), 1);
}
END_TEST

START_TEST (what_is_posted_is_there_without_a_ring)
{
  post_number (1);
  post_number (2);
  ck_assert_uint_eq (count_rings (), 0);
  ck_assert (mailbox_look (&box));
  assert_next (1);
  assert_next (2);
  /* Then there is nothing to ring for.  */
  mailbox_ring (&box);
  ck_assert_uint_eq (count_rings (), 0);
}
END_TEST

START_TEST (the_bell_rings_once_until_the_receiver_looks)
{
  for (int64_t i = 0; i < 10; i++)
    mailbox_send (&box, number (i));
  mailbox_ring (&box);
  ck_assert_uint_eq (count_rings (), 1);
  mailbox_look (&box);
  while (box.taken != NULL)
    message_free (mailbox_next (&box));
  mailbox_look (&box);
  mailbox_send (&box, number (10));
  ck_assert_uint_eq (count_rings (), 1);
}
END_TEST

/* The receiver looks for another reason, before the bell was heard.  */
START_TEST (a_late_bell_does_no_harm)
{
  mailbox_send (&box, number (1));
  mailbox_look (&box);
  assert_next (1);
  ck_assert (!mailbox_wait (&box, 0));
  mailbox_send (&box, number (2));
  ck_assert (mailbox_wait (&box, DEADLINE_MS));
  assert_next (2);
}
END_TEST

struct sender
{
  pthread_t thread;
  int64_t id;
  int batch;			/* messages for each ring */
};

static void *
send_many (void *argument)
{
  const struct sender *sender = argument;
  for (int64_t i = 0; i < MANY; i++)
    {
      mailbox_post (&box, message_number (MESSAGE_KILL,
					  (uint64_t) sender->id, i, 0));
      if (i % sender->batch == 0)
	mailbox_ring (&box);
    }
  mailbox_ring (&box);
  return NULL;
}

static void
start_senders (struct sender *senders)
{
  for (int i = 0; i < SENDERS; i++)
    {
      senders[i] = (struct sender) { .id = i, .batch = 1 + 3 * i };
      ck_assert_int_eq (pthread_create (&senders[i].thread, NULL, send_many,
					&senders[i]), 0);
    }
}

/* Take what is left in the box; NEXT has what is to come of each sender.  How
   many there were.  */
static int
take_all (int64_t *next)
{
  struct message *message;
  int count = 0;
  while ((message = mailbox_next (&box)) != NULL)
    {
      struct number_message *numbered = (struct number_message *) message;
      ck_assert_int_eq (numbered->a, next[numbered->id]++);
      message_free (message);
      count++;
    }
  return count;
}

/* No ring is lost: each wait, for the bell alone, must end.  */
START_TEST (many_senders_keep_their_own_order)
{
  struct sender senders[SENDERS];
  int64_t next[SENDERS] = { 0 };
  start_senders (senders);
  for (int count = 0; count < SENDERS * MANY; count += take_all (next))
    ck_assert (mailbox_wait (&box, DEADLINE_MS));
  for (int i = 0; i < SENDERS; i++)
    pthread_join (senders[i].thread, NULL);
  ck_assert (!mailbox_look (&box));
  ck_assert_uint_eq (mailbox_waiting (&box), 0);
}
END_TEST

/* As the rooms do it: nobody reads the bell, and other things wake them, too,
   so that they look without having heard it.  */
START_TEST (an_edge_is_enough_and_extra_looks_lose_none)
{
  struct sender senders[SENDERS];
  int64_t next[SENDERS] = { 0 };
  struct epoll_event event = { .events = EPOLLIN | EPOLLET };
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  ck_assert_int_eq (epoll_ctl (epoll_fd, EPOLL_CTL_ADD, box.bell, &event), 0);
  start_senders (senders);
  for (int count = 0, turn = 0; count < SENDERS * MANY; turn++)
    {
      if (turn % 3 > 0)
	ck_assert_int_eq (epoll_wait (epoll_fd, &event, 1, DEADLINE_MS), 1);
      mailbox_look (&box);
      count += take_all (next);
    }
  for (int i = 0; i < SENDERS; i++)
    pthread_join (senders[i].thread, NULL);
  close (epoll_fd);
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
  tcase_add_test (tcase, the_bell_is_not_inherited);
  tcase_add_test (tcase, messages_arrive_in_order);
  tcase_add_test (tcase, what_was_taken_comes_before_what_is_new);
  tcase_add_test (tcase, no_memory_is_an_error_for_the_sender);
  tcase_add_test (tcase,
		  no_sender_waits_and_what_nobody_received_is_freed);
  tcase_add_test (tcase, what_is_posted_is_there_without_a_ring);
  tcase_add_test (tcase, the_bell_rings_once_until_the_receiver_looks);
  tcase_add_test (tcase, a_late_bell_does_no_harm);
  tcase_add_test (tcase, many_senders_keep_their_own_order);
  tcase_add_test (tcase, an_edge_is_enough_and_extra_looks_lose_none);
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
