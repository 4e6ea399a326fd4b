/* logger-image-test.c -- the logger, across images of the process.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A story has two parts: what happens before this program executes itself,
   and after.  Linked with --wrap for the heap and for system calls.  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "inherit.h"
#include "log-image.h"
#include "logger-fixture.h"
#include "../src/logger/room.h"

enum
{
  RESCUE_MS = 10000,
  CARRIED = 200,		/* descriptors that a story goes on with */
  WRITERS = 4,
  BATCH = 500,			/* lines at a time of each */
  GENERATIONS = 12
};

/* Which story it is, and how often the program was executed.  */
static int story, generation;

/* The heap, as a crash may leave it: calls do not return.  */
static atomic_bool heap_is_locked, free_is_reached;
static void *_Atomic locked_block;

/* What the main thread, which may crash, allocates is in a part of its own:
   to free that, the logger would have to wait for it.  Nothing is used again,
   and libcheck takes room for the file's name with each assertion.  */
static _Thread_local bool is_main;
static char main_heap[512 << 20];
static size_t main_heap_used;

void *__real_malloc (size_t size);
void *__real_calloc (size_t count, size_t size);
void *__real_realloc (void *block, size_t size);
void __real_free (void *block);
void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t count, size_t size);
void *__wrap_realloc (void *block, size_t size);
void __wrap_free (void *block);

static bool
is_of_main (const void *block)
{
  return ((uintptr_t) block - (uintptr_t) main_heap) < sizeof main_heap;
}

static void
heap_lock (const void *block)
{
  if (block != NULL && block == locked_block)
    {
      free_is_reached = true;
      for (;;)
	pause ();
    }
  while (heap_is_locked)
    pause ();
  if (is_of_main (block) && !is_main && logger != NULL
      && pthread_equal (pthread_self (), logger->thread)
      && gate_is_held (&logger->gate))
    {
      fprintf (stderr, "the logger would wait where it cannot be saved\n");
      _exit (5);
    }
}

void *
__wrap_malloc (size_t size)
{
  heap_lock (NULL);
  if (!is_main)
    return __real_malloc (size);
  char *block = main_heap + main_heap_used;
  main_heap_used += (size + 15) / 16 * 16;
  if (main_heap_used > sizeof main_heap)
    _exit (6);
  return block;
}

void *
__wrap_calloc (size_t count, size_t size)
{
  heap_lock (NULL);
  return is_main ? __wrap_malloc (count * size) : __real_calloc (count, size);
}

void *
__wrap_realloc (void *block, size_t size)
{
  heap_lock (block);
  if (is_of_main (block))
    _exit (7);
  return __real_realloc (block, size);
}

void
__wrap_free (void *block)
{
  heap_lock (block);
  if (!is_of_main (block))
    __real_free (block);
}

/* Have descriptor number N in the next image be FD.  */
static void
carry (int fd, int n)
{
  ck_assert_int_eq (dup2 (fd, CARRIED + n), CARRIED + n);
  if (fd != CARRIED + n)
    close (fd);
}

static void
execute_again (void)
{
  char arguments[3][16];

  snprintf (arguments[0], 16, "%d", story);
  snprintf (arguments[1], 16, "%d", generation + 1);
  snprintf (arguments[2], 16, "%d", inherit_fd ());
  inherit_prepare_exec ();
  execl ("/proc/self/exe", "logger-image-test", arguments[0], arguments[1],
	 arguments[2], NULL);
  ck_abort_msg ("exec: %s", strerror (errno));
}

/* Where a thread crashes, once: on its way into a system call.  */
static _Atomic enum crash
{
  CRASH_NOWHERE,
  CRASH_IN_EPOLL_WAIT,		/* of the logger */
  CRASH_IN_READ,		/* of the logger, from a source */
  CRASH_IN_WRITE		/* of the writer, to a file */
} crash;

int __real_epoll_wait (int fd, struct epoll_event *events, int count,
		       int timeout);
ssize_t __real_read (int fd, void *buffer, size_t size);
ssize_t __real_write (int fd, const void *buffer, size_t size);
int __wrap_epoll_wait (int fd, struct epoll_event *events, int count,
		       int timeout);
ssize_t __wrap_read (int fd, void *buffer, size_t size);
ssize_t __wrap_write (int fd, const void *buffer, size_t size);

/* If THREAD is the one that runs, crash as its signal handler would.  */
static void
crash_here (enum crash where, const char *thread, bool saves)
{
  char name[16];

  if (crash != where || pthread_getname_np (pthread_self (), name, 16) != 0
      || strcmp (name, thread) != 0)
    return;
  crash = CRASH_NOWHERE;
  int64_t start = clock_now ();
  logger_note_crash (logger);
  if (logger_rescue (logger, RESCUE_MS) != saves)
    _exit (3);
  /* Nobody waits for what crashed.  */
  if (clock_now () - start > RESCUE_MS / 2 * CLOCK_MILLISECOND)
    _exit (4);
  execute_again ();
}

int
__wrap_epoll_wait (int fd, struct epoll_event *events, int count, int timeout)
{
  crash_here (CRASH_IN_EPOLL_WAIT, "logger", true);
  return __real_epoll_wait (fd, events, count, timeout);
}

ssize_t
__wrap_read (int fd, void *buffer, size_t size)
{
  if (size == 65536)
    crash_here (CRASH_IN_READ, "logger", false);
  return __real_read (fd, buffer, size);
}

ssize_t
__wrap_write (int fd, const void *buffer, size_t size)
{
  if (fcntl (fd, F_GETFL) & O_APPEND)
    crash_here (CRASH_IN_WRITE, "writer", true);
  return __real_write (fd, buffer, size);
}

static void
save (void)
{
  bool saved = logger_rescue (logger, RESCUE_MS);
  heap_is_locked = false;
  ck_assert (saved);
}

static void
assert_log (const char *expected)
{
  assert_lines ("log", expected);
}

static void
unfinished_lines_before (void)
{
  start_logger ("log", "", true);
  int a = attach (2, "file", ""), b = attach (3, NULL, "b ");
  int c = attach (4, "file", "");
  say (a, "one\nhal");
  say (b, "x\r");
  say (c, "other ");
  flush ();
  post (message_text (MESSAGE_LOG_LINE, 0, 0, "mine", 4));
  carry (a, 0);
  carry (b, 1);
  carry (c, 2);
  save ();
}

static void
unfinished_lines_after (void)
{
  start_logger ("log", "", true);
  say (CARRIED, "f\n");
  flush ();
  say (CARRIED + 1, "\ny\n");
  say (CARRIED + 2, "half\n");
  flush ();
  assert_lines ("file", "one\nhalf\nother half\n");
  assert_log ("b x\nmine\nb y\n");
  assert_ring (1, "(\"mine\")");
  assert_ring (2, "(\"half\" \"one\")");
  assert_ring (3, "(\"y\" \"x\")");
  post (message_number (MESSAGE_LOG_COLLECT, 0, 0, 0));
  struct message *message = expect (&core, MESSAGE_RINGS);
  ck_assert_uint_eq (((struct rings_message *) message)->count, 4);
  message_free (message);
}

static void
renamed_file_before (void)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  say (fd, "one\n");
  flush ();
  ck_assert_int_eq (rename ("file", "renamed"), 0);
  say (fd, "two\n");
  carry (fd, 0);
  save ();
}

static void
renamed_file_after (void)
{
  start_logger ("log", "", true);
  say (CARRIED, "three\n");
  close (CARRIED);
  flush ();
  assert_lines ("renamed", "one\ntwo\nthree\n");
  ck_assert_int_lt (access ("file", F_OK), 0);
  assert_log ("");
}

static void
full_disk_before (void)
{
  ck_assert_int_eq (mkdir ("d", 0700), 0);
  if (unshare (CLONE_NEWNS) < 0
      || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
      || mount ("none", "d", "tmpfs", 0, "size=64k") < 0)
    {
      fprintf (stderr, "no small file system (%s): not tested\n",
	       strerror (errno));
      _exit (0);
    }
  start_logger ("log", "", true);
  int fd = attach (2, "d/file", "");
  ck_assert_int_eq (pour (fd, 3), 3 << 14);
  flush ();
  close (fd);
  save ();
}

static void
full_disk_after (void)
{
  int got = 0;

  start_logger ("log", "", true);
  ck_assert_int_eq (mount (NULL, "d", NULL, MS_REMOUNT, "size=40m"), 0);
  for (int tries = 0; got < 3 << 14 && tries < DEADLINE_MS / 20; tries++)
    {
      poll (NULL, 0, 20);	/* the logger tries again on its own */
      char *text = contents ("d/file", NULL);
      ck_assert_int_eq (count_dropped (text, &got), 0);
      free (text);
    }
  ck_assert_int_eq (got, 3 << 14);
  flush ();
  flush ();
  ck_assert_int_eq (umount2 ("d", MNT_DETACH), 0);
}

static void
stalled_fifo_before (void)
{
  ck_assert_int_eq (mkfifo ("fifo", 0600), 0);
  int reader = open ("fifo", O_RDONLY | O_NONBLOCK);
  start_logger ("log", "", true);
  int fd = attach (2, "fifo", "");
  ck_assert_int_eq (pour (fd, 20), 20 << 14);
  close (fd);
  carry (reader, 0);
  save ();
}

static void
stalled_fifo_after (void)
{
  static char text[32 << 20];
  size_t length = 0, counted = 0;
  int got = 0, dropped = 0, lines;

  start_logger ("log", "", true);
  while (got + dropped < 20 << 14)
    {
      struct pollfd ready = { .fd = CARRIED, .events = POLLIN };
      ck_assert_int_eq (poll (&ready, 1, DEADLINE_MS), 1);
      ssize_t n = read (CARRIED, text + length, sizeof text - 1 - length);
      ck_assert_int_gt (n, 0);
      length += n;
      text[length] = '\0';
      dropped += count_dropped (text + counted, &lines);
      got += lines;
      const char *lf = memrchr (text, '\n', length);
      counted = lf == NULL ? 0 : lf + 1 - text;
    }
  ck_assert_int_eq (got + dropped, 20 << 14);
  ck_assert_int_gt (dropped, 0);
}

static void
dropped_lines_before (void)
{
  ck_assert_int_eq (mkfifo ("fifo", 0600), 0);
  int reader = open ("fifo", O_RDONLY | O_NONBLOCK);
  start_logger ("log", "", true);
  int fd = attach (2, "fifo", "");
  close (reader);
  /* Something that lines cannot go to has taken its place.  */
  ck_assert_int_eq (unlink ("fifo"), 0);
  ck_assert_int_eq (mkdir ("fifo", 0700), 0);
  say (fd, "a\nb\n");
  flush ();
  carry (fd, 0);
  save ();
}

static void
dropped_lines_after (void)
{
  char text[1000];

  ck_assert_int_eq (rmdir ("fifo"), 0);
  ck_assert_int_eq (mkfifo ("fifo", 0600), 0);
  int reader = open ("fifo", O_RDONLY | O_NONBLOCK);
  start_logger ("log", "", true);
  say (CARRIED, "d\n");
  flush ();
  ssize_t n = read (reader, text, sizeof text - 1);
  ck_assert_int_gt (n, 0);
  text[n] = '\0';
  unstamp (text);
  ck_assert_str_eq (text, "Lines dropped: 2\nd\n");
}

static void
locked_heap_before (void)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  say (fd, "one\ntw");
  flush ();
  carry (fd, 0);
  heap_is_locked = true;
  save ();
}

static void
locked_heap_after (void)
{
  start_logger ("log", "", true);
  say (CARRIED, "o\n");
  flush ();
  assert_lines ("file", "one\ntwo\n");
  assert_ring (2, "(\"two\" \"one\")");
  assert_log ("");
}

/* Attach a pipe to RING and to a pipe that blocks, called PATH.  The ends
   left are carried as numbers N, to write, and N + 1, to read.  A copy of
   what the logger writes to.  */
static int
attach_blocking (uint64_t ring, const char *path, int n)
{
  int input[2], output[2];

  ck_assert_int_eq (pipe2 (input, O_CLOEXEC), 0);
  fcntl (input[0], F_SETFL, O_NONBLOCK);
  ck_assert_int_eq (pipe2 (output, O_CLOEXEC), 0);
  int copy = fcntl (output[1], F_DUPFD_CLOEXEC, 0);
  post (message_log_attach (input[0], output[1], ring, 5, path, ""));
  carry (input[1], n);
  carry (output[0], n + 1);
  return copy;
}

/* The thread that made a message crashed in the heap; whoever frees the
   message waits for it.  */
static void
find_locked (struct message *message)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  say (fd, "one\ntw");
  flush ();
  locked_block = message;
  post (message);
  for (int i = 0; i < DEADLINE_MS && !free_is_reached; i++)
    poll (NULL, 0, 1);
  ck_assert (free_is_reached);
  carry (fd, 0);
  save ();
}

static void
locked_block_before (void)
{
  find_locked (message_text (MESSAGE_LOG_LINE, 0, 0, "mine", 4));
}

static void
locked_block_after (void)
{
  start_logger ("log", "", true);
  say (CARRIED, "o\n");
  flush ();
  assert_lines ("file", "one\ntwo\n");
  assert_log ("mine\n");
}

static void
locked_request_before (void)
{
  find_locked (message_number (MESSAGE_LOG_DETACH_RING, 3, 0, 0));
}

static void
locked_request_after (void)
{
  start_logger ("log", "", true);
  say (CARRIED, "o\n");
  flush ();
  assert_lines ("file", "one\ntwo\n");
  assert_log ("");
}

/* What the main thread took up, it made.  The logger frees all that.  */
static void
taken_up_before (void)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  attach_blocking (3, "fifo", 1);
  say (fd, "one\ntwo\nthree\nfour\nfi");
  ck_assert_int_eq (pour (CARRIED + 1, 1), 1 << 14);
  carry (fd, 0);
  save ();
}

static void
taken_up_after (void)
{
  static char text[4 << 20];
  char longer[4096];
  size_t length = 0;

  start_logger ("log", "", true);
  memset (longer, 'v', sizeof longer);
  longer[sizeof longer - 1] = '\0';
  say (CARRIED, longer);
  say (CARRIED, "e\n1\n2\n3\n4\n5\n6\n");
  close (CARRIED);
  close (CARRIED + 1);
  for (ssize_t n = 1; n > 0; length += n)
    {
      n = read (CARRIED + 2, text + length, sizeof text - 1 - length);
      ck_assert_int_ge (n, 0);
    }
  flush ();
  post (message_number (MESSAGE_LOG_DETACH_RING, 2, 0, 0));
  post (message_number (MESSAGE_LOG_DETACH_RING, 3, 0, 0));
  post (message_number (MESSAGE_LOG_COLLECT, 0, 0, 0));
  message_free (expect (&core, MESSAGE_RINGS));
  flush ();
  char *file = contents ("file", NULL);
  unstamp (file);
  ck_assert_ptr_nonnull (strstr (file, "four\nfivvv"));
  ck_assert_ptr_nonnull (strstr (file, "vve\n1\n"));
  free (file);
}

/* The crash comes while the process forks to go to the background.  */
static void
parked_before (void)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  say (fd, "one\ntw");
  flush ();
  logger_park (logger);
  say (fd, "o");
  post (message_text (MESSAGE_LOG_LINE, 0, 0, "mine", 4));
  post (message_log_attach (fcntl (0, F_DUPFD_CLOEXEC, 3), -1, 3, 5, "",
			    "gone "));
  post (message_number (MESSAGE_LOG_DETACH_RING, 2, 0, 0));
  carry (fd, 0);
  save ();
}

static void
parked_after (void)
{
  start_logger ("log", "", true);
  say (CARRIED, "\n");
  flush ();
  assert_lines ("file", "one\ntwo\n");
  assert_log ("mine\n");
  assert_ring (2, "()");
  assert_ring (3, "()");
}

/* One source is known, another has not been looked at.  */
static void
system_log_before (void)
{
  int daemon = syslog_daemon ("devlog");

  start_logger ("log", "", true);
  int fd = attach_syslog (2, "devlog");
  say (fd, "one\nhal");
  assert_datagram (daemon, "one");
  flush ();
  logger_park (logger);
  int other = attach_syslog (3, "devlog");
  carry (fd, 0);
  carry (other, 1);
  carry (daemon, 2);
  save ();
}

static void
system_log_after (void)
{
  start_logger ("log", "", true);
  say (CARRIED, "f\n");
  assert_datagram (CARRIED + 2, "half");
  say (CARRIED + 1, "other\n");
  assert_datagram (CARRIED + 2, "other");
  assert_log ("");
  assert_ring (2, "(\"half\" \"one\")");
  ck_assert_int_eq (access ("devlog", F_OK), 0);
}

/* The next lines, of the daemon and of a service, find a crash at WHERE.  */
static void
crash_before (enum crash where)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", "");
  say (fd, "one\nhalf ");
  flush ();
  carry (fd, 0);
  crash = where;
  if (where == CRASH_IN_EPOLL_WAIT)
    post (message_text (MESSAGE_LOG_LINE, 0, 0, "mine", 4));
  else
    say (CARRIED, "a line\n");
  for (;;)
    pause ();
}

static void
waiting_logger_before (void)
{
  crash_before (CRASH_IN_EPOLL_WAIT);
}

static void
waiting_logger_after (void)
{
  start_logger ("log", "", true);
  say (CARRIED, "a line\n");
  flush ();
  assert_lines ("file", "one\nhalf a line\n");
  assert_log ("mine\n");
}

static void
busy_logger_before (void)
{
  crash_before (CRASH_IN_READ);
}

static void
busy_logger_after (void)
{
  start_logger ("log", "", true);
  flush ();
  assert_lines ("file", "one\na line\n");
  assert_log ("Log lines may be missing here.\n");
}

static void
busy_writer_before (void)
{
  crash_before (CRASH_IN_WRITE);
}

static void
busy_writer_after (void)
{
  start_logger ("log", "", true);
  flush ();
  assert_lines ("file", "one\nhalf a line\n");
  assert_log ("file: lines may be there twice.\n");
}

/* Nothing is saved.  */
static void
sudden_end_before (void)
{
  start_logger ("log", "", true);
  int fd = attach (2, "file", ""), other = attach (3, NULL, "other ");
  say (fd, "one\nhal");
  flush ();
  close (other);
  flush ();
  other = attach (4, NULL, "next ");
  int third = attach_syslog (5, "devlog");
  flush ();
  carry (fd, 0);
  carry (other, 1);
  carry (third, 2);
  carry (syslog_daemon ("devlog"), 3);
}

static void
sudden_end_after (void)
{
  start_logger ("log", "", true);
  say (CARRIED, "f\n");
  say (CARRIED + 1, "x\n");
  say (CARRIED + 2, "y\n");
  flush ();
  assert_datagram (CARRIED + 3, "y");
  assert_lines ("file", "one\nf\n");
  assert_log ("Log lines may be missing here.\nnext x\n");
  assert_ring (2, "(\"f\")");
  assert_ring (4, "(\"x\")");
}

/* Not even a source was there.  */
static void
empty_table_before (void)
{
  start_logger ("log", "", true);
  flush ();
}

static void
empty_table_after (void)
{
  start_logger ("log", "", true);
  flush ();
  assert_log ("Log lines may be missing here.\n");
}

/* Have a process under way that the logger does not know yet, of a SERVICE
   that logs to PATH; its end of the pipe becomes number N.  */
static void
fly (char *service, char *path, bool with_pid, int n)
{
  static char name[] = "program";
  struct inherit_flight *flight;
  int ends[2];

  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
  fcntl (ends[0], F_SETFL, O_NONBLOCK);
  struct spawn_plan plan = { .service = service, .log_path = path,
    .log_prefix = name, .log_with_pid = with_pid, .ring = 10 + n,
    .history = 5, .pipe_fd = ends[0] };
  ck_assert_int_eq (inherit_take_off (&plan, &flight), 0);
  flight->pid = 4711;
  inherit_keep (ends[0], INHERIT_PIPE);
  carry (ends[1], n);
}

static void
new_processes_before (void)
{
  static char service[] = "service", file[] = "file", none[] = "";
  int ends[2];

  start_logger ("log", "", true);
  fly (service, file, true, 0);
  fly (service, none, true, 1);
  fly (none, none, false, 2);
  ck_assert_int_eq (pipe2 (ends, O_CLOEXEC), 0);
  fcntl (ends[0], F_SETFL, O_NONBLOCK);
  inherit_keep (ends[0], INHERIT_LOGGER);
  carry (ends[1], 3);
  say (CARRIED, "one\n");
  save ();
}

/* Once more before the new logger has begun.  */
static void
new_processes_after (void)
{
  if (generation == 1)
    {
      say (CARRIED, "two\n");
      execute_again ();
    }
  start_logger ("log", "", true);
  say (CARRIED, "three\n");
  flush ();
  say (CARRIED + 1, "x\n");
  flush ();
  say (CARRIED + 2, "y\n");
  flush ();
  say (CARRIED + 3, "z\n");
  flush ();
  assert_lines ("file", "one\ntwo\nthree\n");
  assert_log ("The output of a process that is not known goes to this log,"
	      " as [?].\nprogram[4711] x\n[program] y\n[?] z\n");
  assert_ring (10, "(\"three\" \"two\" \"one\")");
  assert_ring (11, "(\"x\")");
  assert_ring (12, "()");
  for (int fd = 3; fd < CARRIED; fd++)
    ck_assert_ptr_null (inherit_flight_of_pipe (fd));
}

/* Wait until the writer is stuck with the full pipe FD; meanwhile read what
   is in OTHER, which may be -1.  */
static void
await_full (int fd, int other)
{
  static char text[65536];
  struct pollfd room = { .fd = fd, .events = POLLOUT };
  struct pollfd more = { .fd = other, .events = POLLIN };

  for (int i = 0; i < DEADLINE_MS && poll (&room, 1, 0) > 0; i++)
    if (poll (&more, 1, 1) > 0)
      ck_assert_int_gt (read (other, text, sizeof text), 0);
  ck_assert_int_eq (poll (&room, 1, 0), 0);
}

/* A write does not return.  What the writer has received and not looked at
   is there, too.  */
static void
stalled_write_before (void)
{
  start_logger ("log", "", true);
  int one = attach_blocking (2, "one", 0), two = attach_blocking (3, "two", 2);
  ck_assert_int_eq (pour (CARRIED, 1), 1 << 14);
  await_full (one, -1);
  ck_assert_int_eq (pour (CARRIED + 2, 1), 1 << 14);
  /* Everything waits in the writer's mailbox; at the flush it begins with
     what came before.  */
  post (message_number (MESSAGE_LOG_FLUSH, 0, 0, 0));
  post (message_text (MESSAGE_LOG_LINE, 0, 0, "mine", 4));
  assert_ring (1, "(\"mine\")");
  await_full (two, CARRIED + 1);
  ck_assert (logger_rescue (logger, 1000));
}

static void
stalled_write_after (void)
{
  for (int i = 0; i < 4; i++)
    close (CARRIED + i);	/* nobody reads any more */
  start_logger ("log", "", true);
  flush ();
  char *text = contents ("log", NULL);
  unstamp (text);
  ck_assert_ptr_nonnull (strstr (text, "two: lines may be there twice.\n"));
  ck_assert_ptr_nonnull (strstr (text, "mine\n"));
  ck_assert_ptr_null (strstr (text, "one: "));
  free (text);
}

static void
write_numbers (int writer, int fd, int go)
{
  char text[64], token;

  for (int n = 0; read (go, &token, 1) == 1;)
    for (int i = 0; i < BATCH; i++, n++)
      {
	int length = snprintf (text, sizeof text, "w%d %d\r\n", writer, n);
	for (int at = 0; at < length;)
	  {
	    int part = 1 + (n + at) % 9;
	    part = part < length - at ? part : length - at;
	    if (write (fd, text + at, part) != part)
	      _exit (1);
	    at += part;
	  }
      }
  _exit (0);
}

static void
start_writer (int writer)
{
  int go[2], fd = attach (2 + writer, writer % 2 ? "file" : NULL, "");

  ck_assert_int_eq (pipe (go), 0);
  pid_t pid = fork ();
  ck_assert_int_ge (pid, 0);
  if (pid == 0)
    {
      close (go[1]);
      for (int i = 0; i < writer; i++)
	close (CARRIED + i);
      write_numbers (writer, fd, go[0]);
    }
  close (go[0]);
  close (fd);
  carry (go[1], writer);
}

/* Have more written, and save at some moment of that.  */
static void
numbered_lines_go_on (void)
{
  char text[32];
  struct timespec some = { 0, 100000L * (generation * 7 % 40) };

  for (int i = 0; i < WRITERS; i++)
    ck_assert_int_eq (write (CARRIED + i, "", 1), 1);
  nanosleep (&some, NULL);
  int length = snprintf (text, sizeof text, "w%d %d", WRITERS, generation);
  post (message_text (MESSAGE_LOG_LINE, 0, 0, text, length));
  save ();
}

static void
numbered_lines_before (void)
{
  start_logger ("log", "", true);
  for (int i = 0; i < WRITERS; i++)
    start_writer (i);
  numbered_lines_go_on ();
}

/* Each writer's lines must follow each other.  */
static void
check_numbers (const char *path, int *next)
{
  char *text = contents (path, NULL), *line = text;

  unstamp (text);
  for (const char *lf; (lf = strchr (line, '\n')) != NULL;
       line = (char *) lf + 1)
    {
      int writer, n, length = 0;
      ck_assert_msg (sscanf (line, "w%d %d%n", &writer, &n, &length) == 2
		     && line + length == lf, "in %s: %.40s", path, line);
      ck_assert_msg (n == next[writer], "in %s: %d of writer %d in place of %d",
		     path, n, writer, next[writer]);
      next[writer]++;
    }
  ck_assert_int_eq (*line, '\0');
  free (text);
}

static void
numbered_lines_after (void)
{
  int next[WRITERS + 1] = { 0 }, status;

  start_logger ("log", "", true);
  if (generation < GENERATIONS)
    {
      numbered_lines_go_on ();
      execute_again ();
    }
  for (int i = 0; i < WRITERS; i++)
    close (CARRIED + i);
  for (int i = 0; i < WRITERS; i++)
    ck_assert (wait (&status) > 0 && status == 0);
  flush ();
  check_numbers ("file", next);
  check_numbers ("log", next);
  for (int i = 0; i < WRITERS; i++)
    ck_assert_int_eq (next[i], GENERATIONS * BATCH);
  ck_assert_int_eq (next[WRITERS], GENERATIONS);
}

static const struct
{
  const char *name;
  void (*before) (void);
  void (*after) (void);
} stories[] = {
  { "unfinished lines", unfinished_lines_before, unfinished_lines_after },
  { "renamed file", renamed_file_before, renamed_file_after },
  { "full disk", full_disk_before, full_disk_after },
  { "stalled fifo", stalled_fifo_before, stalled_fifo_after },
  { "dropped lines", dropped_lines_before, dropped_lines_after },
  { "locked heap", locked_heap_before, locked_heap_after },
  { "locked block", locked_block_before, locked_block_after },
  { "locked request", locked_request_before, locked_request_after },
  { "taken up", taken_up_before, taken_up_after },
  { "parked", parked_before, parked_after },
  { "system log", system_log_before, system_log_after },
  { "waiting logger", waiting_logger_before, waiting_logger_after },
  { "busy logger", busy_logger_before, busy_logger_after },
  { "busy writer", busy_writer_before, busy_writer_after },
  { "sudden end", sudden_end_before, sudden_end_after },
  { "empty table", empty_table_before, empty_table_after },
  { "new processes", new_processes_before, new_processes_after },
  { "stalled write", stalled_write_before, stalled_write_after },
  { "numbered lines", numbered_lines_before, numbered_lines_after }
};

START_TEST (story_begins)
{
  is_main = true;
  story = _i;
  ck_assert_int_eq (inherit_begin (-1), 0);
  stories[story].before ();
  execute_again ();
}
END_TEST

START_TEST (story_goes_on)
{
  is_main = true;
  stories[story].after ();
}
END_TEST

static void
setup_successor (void)
{
  ck_assert_ptr_nonnull (getcwd (directory, sizeof directory));
  image_fd = inherit_next (0, INHERIT_LOG_IMAGE);
  ck_assert_int_ge (image_fd, 0);
}

/* An image of everything.  Its length.  */
static size_t
make_image (char *bytes, size_t size)
{
  static char buffer[4096];
  static const struct log_record records[] = {
    { .kind = LOG_RECORD_SINK, .path = "file", .fd = 9 },
    { .kind = LOG_RECORD_JOB, .text = "whole\nhalf", .length = 10 },
    { .kind = LOG_RECORD_SINK, .flags = 2, .fd = -1, .number = 3 },
    { .kind = LOG_RECORD_RING, .number = 7, .history = 3 },
    { .kind = LOG_RECORD_RING_LINE, .seconds = 1795380313,
      .text = "in ring", .length = 7 },
    { .kind = LOG_RECORD_SOURCE, .fd = 10, .path = "file", .prefix = "p ",
      .number = 7, .history = 3, .text = "begun", .length = 5 },
    { .kind = LOG_RECORD_LINE, .text = "line", .length = 4 },
    { .kind = LOG_RECORD_FORGET, .number = 8 }
  };
  struct log_image image;
  struct log_image_header header;

  ck_assert_int_eq (log_image_new (&image, buffer, sizeof buffer), 0);
  log_image_begin (&image, 0);
  for (size_t i = 0; i < sizeof records / sizeof *records; i++)
    log_image_put (&image, &records[i]);
  ck_assert_int_eq (log_image_commit (&image, LOG_IMAGE_COMPLETE), 0);
  ck_assert_int_eq (pread (image.fd, &header, sizeof header, 0),
		    sizeof header);
  size_t length = sizeof header + (header.end - header.start);
  ck_assert_uint_le (length, size);
  ck_assert_int_eq (pread (image.fd, bytes + sizeof header,
			   length - sizeof header, header.start),
		    length - sizeof header);
  header.start = sizeof header;
  header.end = length;
  memcpy (bytes, &header, sizeof header);
  close (image.fd);
  return length;
}

static void
start_with_image (const char *bytes, size_t length)
{
  image_fd = memfd_create ("damaged", 0);
  ck_assert_int_eq (write (image_fd, bytes, length), length);
  start_logger ("log", "", true);
}

/* Its descriptors are not taken: no table has them.  */
START_TEST (image_without_pipes_is_taken)
{
  char bytes[4096];

  start_with_image (bytes, make_image (bytes, sizeof bytes));
  flush ();
  char *text = contents ("file", NULL);
  ck_assert_str_eq (text, "whole\nhalf");
  free (text);
  assert_log ("line\nPipes of services are gone: 1.\n");
  assert_ring (7, "(\"in ring\")");
}
END_TEST

START_TEST (damaged_image_is_survived)
{
  char bytes[4096];
  size_t length = make_image (bytes, sizeof bytes), n = 0;

  if (_i % 2 == 0)
    length = length * _i / 100;
  else
    for (size_t at = _i; at < length; at += 97)
      bytes[at] ^= 1 << at % 8;
  start_with_image (bytes, length);
  int fd = attach (2, "other", "");
  say (fd, "on\n");
  close (fd);
  flush ();
  assert_lines ("other", "on\n");
  char *text = contents ("log", &n);
  ck_assert (_i % 2 != 0 || strstr (text, "missing") != NULL);
  free (text);
}
END_TEST

START_TEST (image_of_another_version_is_told_of)
{
  char bytes[4096];
  struct log_image_header header;
  size_t length = make_image (bytes, sizeof bytes);

  memcpy (&header, bytes, sizeof header);
  header.version = 99;
  memcpy (bytes, &header, sizeof header);
  start_with_image (bytes, length);
  flush ();
  assert_log ("The log of what ran before has the unknown format 99.\n"
	      "Log lines may be missing here.\n");
}
END_TEST

/* However many sources come and go, the table of them stays small.  */
START_TEST (table_of_sources_is_bounded)
{
  struct stat status;

  ck_assert_int_eq (inherit_begin (-1), 0);
  start_logger ("log", "", true);
  int stays = attach (2, "file", "");
  for (int i = 0; i < 6000; i++)
    {
      close (attach (3, "file", ""));
      if (i % 100 == 0)
	flush ();
    }
  flush ();
  ck_assert_int_eq (fstat (logger_image_fd (logger), &status), 0);
  ck_assert_int_lt (status.st_blocks * 512, 256 * 1024);
  carry (stays, 0);
}
END_TEST

static int
run (Suite *suite, enum fork_status mode)
{
  SRunner *runner = srunner_create (suite);
  srunner_set_fork_status (runner, mode);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
go_on (char **arguments)
{
  char name[64];

  story = atoi (arguments[1]);
  generation = atoi (arguments[2]);
  if (inherit_begin (atoi (arguments[3])) < 0)
    return EXIT_FAILURE;
  snprintf (name, sizeof name, "%s, after", stories[story].name);
  Suite *suite = suite_create (name);
  TCase *tcase = tcase_create (name);
  tcase_add_unchecked_fixture (tcase, setup_successor, teardown);
  tcase_add_test (tcase, story_goes_on);
  suite_add_tcase (suite, tcase);
  return run (suite, CK_NOFORK);
}

int
main (int argc, char **argv)
{
  if (argc == 4)
    return go_on (argv);
  Suite *suite = suite_create ("logger-image");
  TCase *tcase = tcase_create ("logger-image");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, story_begins, 0,
		       sizeof stories / sizeof *stories);
  tcase_add_test (tcase, image_without_pipes_is_taken);
  tcase_add_loop_test (tcase, damaged_image_is_survived, 0, 100);
  tcase_add_test (tcase, image_of_another_version_is_told_of);
  tcase_add_test (tcase, table_of_sources_is_bounded);
  suite_add_tcase (suite, tcase);
  return run (suite, CK_FORK);
}
