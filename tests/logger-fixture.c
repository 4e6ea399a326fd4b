/* logger-fixture.c -- a logger, and those whom it talks to.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "logger-fixture.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct logger *logger;
struct mailbox inbox, core, interpreter;
struct quiescence quiescence;
char directory[64];
int image_fd = -1;

void
start_logger (const char *log, const char *syslog, bool silent)
{
  struct logger_options options = { .log_fd = -1, .log_path = "",
    .syslog_path = syslog, .silent = silent, .image_fd = image_fd,
    .inbox = &inbox, .to_core = &core, .to_interpreter = &interpreter,
    .quiescence = &quiescence };

  ck_assert_int_eq (mailbox_open (&inbox), 0);
  ck_assert_int_eq (mailbox_open (&core), 0);
  ck_assert_int_eq (mailbox_open (&interpreter), 0);
  if (log != NULL)
    {
      options.log_path = log;
      options.log_fd = open (log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
			     | O_NONBLOCK, 0640);
      ck_assert_int_ge (options.log_fd, 0);
    }
  ck_assert_int_eq (logger_new (&options, &logger), 0);
  ck_assert_int_eq (logger_start (logger), 0);
}

void
setup (void)
{
  signal (SIGPIPE, SIG_IGN);
  strcpy (directory, "/tmp/logger-test.XXXXXX");
  ck_assert_ptr_nonnull (mkdtemp (directory));
  ck_assert_int_eq (chdir (directory), 0);
}

void
post (struct message *message)
{
  ck_assert_int_eq (mailbox_send (logger_mailbox (logger), message), 0);
}

struct message *
expect (struct mailbox *box, enum message_kind kind)
{
  ck_assert (mailbox_wait (box, DEADLINE_MS));
  struct message *message = mailbox_next (box);
  ck_assert_int_eq (message->kind, kind);
  return message;
}

void
flush (void)
{
  post (message_number (MESSAGE_LOG_FLUSH, 0, 0, 0));
  message_free (expect (&core, MESSAGE_FLUSHED));
}

void
settle (void)
{
  struct message *message;

  /* What comes back may bring about more, once.  */
  post (message_number (MESSAGE_LOG_FLUSH, 0, 0, 0));
  for (int done = 0; done < 2;)
    {
      ck_assert (mailbox_wait (&core, DEADLINE_MS));
      message = mailbox_next (&core);
      if (message->kind == MESSAGE_FLUSHED && ++done < 2)
	post (message_number (MESSAGE_LOG_FLUSH, 0, 0, 0));
      message_free (message);
    }
}

void
teardown (void)
{
  char command[100];

  if (logger != NULL)
    {
      settle ();
      logger_park (logger);
    }
  snprintf (command, sizeof command, "rm -rf %s", directory);
  ck_assert_int_eq (system (command), 0);
}

static int
attach_pipe (uint64_t ring, int file, const char *path, const char *prefix)
{
  int ends[2];

  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
  fcntl (ends[0], F_SETFL, O_NONBLOCK);
  post (message_log_attach (ends[0], file, ring, 5, path, prefix));
  return ends[1];
}

int
attach (uint64_t ring, const char *path, const char *prefix)
{
  if (path == NULL)
    return attach_pipe (ring, -1, "", prefix);
  int file = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
		   | O_NONBLOCK, 0640);
  ck_assert_int_ge (file, 0);
  return attach_pipe (ring, file, path, prefix);
}

int
attach_syslog (uint64_t ring, const char *path)
{
  return attach_pipe (ring, -1, path, "");
}

int
syslog_daemon (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  strcpy (address.sun_path, path);
  unlink (path);
  ck_assert_int_eq (bind (fd, (struct sockaddr *) &address, sizeof address),
		    0);
  return fd;
}

void
assert_datagram (int fd, const char *text)
{
  char found[200], expected[200];
  struct pollfd ready = { .fd = fd, .events = POLLIN };

  ck_assert_int_eq (poll (&ready, 1, DEADLINE_MS), 1);
  ssize_t n = recv (fd, found, sizeof found - 1, 0);
  ck_assert_int_gt (n, 0);
  found[n] = '\0';
  snprintf (expected, sizeof expected, "shepherd[%d]: %s\n", (int) getpid (),
	    text);
  ck_assert_str_eq (found, expected);
}

void
put (int fd, const char *text, size_t length)
{
  while (length > 0)
    {
      ssize_t n = write (fd, text, length);
      ck_assert_int_gt (n, 0);
      text += n;
      length -= n;
    }
}

void
say (int fd, const char *text)
{
  put (fd, text, strlen (text));
}

char *
contents (const char *path, size_t *length)
{
  struct stat status;
  int fd = open (path, O_RDONLY);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (fstat (fd, &status), 0);
  char *text = calloc (1, status.st_size + 1);
  ck_assert_ptr_nonnull (text);
  ck_assert_int_eq (read (fd, text, status.st_size), status.st_size);
  close (fd);
  if (length != NULL)
    *length = status.st_size;
  return text;
}

void
unstamp (char *text)
{
  char *to = text;

  while (*text != '\0')
    {
      const char *lf = strchr (text, '\n');
      ck_assert_ptr_nonnull (lf);
      ck_assert_int_gt (lf - text, STAMP - 1);
      for (int i = 0; i < STAMP; i++)
	ck_assert_msg ("dddd-dd-dd dd:dd:dd "[i] == 'd'
		       ? text[i] >= '0' && text[i] <= '9'
		       : text[i] == "dddd-dd-dd dd:dd:dd "[i],
		       "stamp of: %.60s", text);
      size_t length = lf + 1 - (text + STAMP);
      memmove (to, text + STAMP, length);
      to += length;
      text += STAMP + length;
    }
  *to = '\0';
}

void
assert_lines (const char *path, const char *expected)
{
  char *text = contents (path, NULL);

  unstamp (text);
  ck_assert_str_eq (text, expected);
  free (text);
}

void
assert_ring (uint64_t ring, const char *expected)
{
  char found[4096], *to = found;

  post (message_number (MESSAGE_LOG_QUERY, 77, ring, 0));
  struct message *message = expect (&interpreter, MESSAGE_LOG_HISTORY);
  struct text_message *history = (struct text_message *) message;
  ck_assert_uint_eq (history->id, 77);
  for (const char *p = history->text; *p != '\0'; p++)
    if (p[0] == '(' && p[1] >= '0' && p[1] <= '9')
      {
	ck_assert_int_gt (strtol (p + 1, (char **) &p, 10), 1000000000);
	p += strlen (" . ") - 1;
      }
    else if (!(p[0] == ')' && p[-1] == '"'))
      *to++ = *p;
    else if (p[1] == '\0')
      *to++ = ')';
  *to = '\0';
  ck_assert_str_eq (found, expected);
  message_free (message);
}

int
pour (int fd, int megabytes)
{
  static char block[65536 + 1];
  int lines = 0;

  for (size_t i = 0; i < 65536; i += 64)
    snprintf (block + i, 65, "%063d\n", 0);
  for (int i = 0; i < megabytes * 16; i++, lines += 1024)
    put (fd, block, 65536);
  return lines;
}

int
count_dropped (const char *text, int *lines)
{
  int dropped = 0, n, end;

  *lines = 0;
  for (const char *lf; (lf = strchr (text, '\n')) != NULL; text = lf + 1)
    if (sscanf (text + STAMP, "Lines dropped: %d%n", &n, &end) == 1
	&& text + STAMP + end == lf)
      dropped += n;
    else
      ++*lines;
  return dropped;
}
