/* fault-test.c -- the core when system calls fail.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The story is played again and again, for each system call that the core's
   threads make and each errno that it may give; each time a later one fails,
   once, until none is left to fail.  Clients may lose their connections, but
   nobody waits for ever, and afterwards everything must work again.  Linked
   with --wrap for the system calls.  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core-story.h"

enum call
{
  CALL_ACCEPT,
  CALL_CLONE,
  CALL_CLOSE,
  CALL_EPOLL_ADD,
  CALL_EPOLL_WAIT,
  CALL_FALLOCATE,
  CALL_MREMAP,
  CALL_OPEN,
  CALL_PEER,
  CALL_PIDFD,
  CALL_PIPE,
  CALL_READ,
  CALL_RECEIVE,
  CALL_SEND,
  CALL_WRITE,
  CALL_COUNT
};

/* What they may give, ended by 0.  EAGAIN of blocking calls and what only
   wrong arguments bring is left out.  */
static const int errors[CALL_COUNT][7] = {
  [CALL_ACCEPT] = { EAGAIN, EINTR, ECONNABORTED, EMFILE, ENFILE, ENOMEM },
  [CALL_CLONE] = { EAGAIN, ENOMEM, ENOSPC },
  [CALL_CLOSE] = { EINTR, EIO },
  [CALL_EPOLL_ADD] = { ENOMEM, ENOSPC },
  [CALL_EPOLL_WAIT] = { EINTR },
  [CALL_FALLOCATE] = { EINTR, ENOSPC, ENOMEM },
  [CALL_MREMAP] = { EAGAIN, ENOMEM },
  [CALL_OPEN] = { EINTR, EMFILE, ENFILE, ENOMEM },
  [CALL_PEER] = { ENOMEM },
  [CALL_PIDFD] = { EMFILE, ENFILE, ENOMEM, ENODEV, ENOSYS },
  [CALL_PIPE] = { EMFILE, ENFILE, ENOMEM },
  [CALL_READ] = { EINTR, ENOMEM },
  [CALL_RECEIVE] = { EAGAIN, EINTR, ECONNRESET, ENOMEM },
  [CALL_SEND] = { EAGAIN, EINTR, ENOBUFS, ENOMEM, EPIPE, ECONNRESET },
  [CALL_WRITE] = { EAGAIN, EINTR, ENOMEM }
};

static const char *const names[CALL_COUNT] = {
  [CALL_ACCEPT] = "accept4", [CALL_CLONE] = "clone", [CALL_CLOSE] = "close",
  [CALL_EPOLL_ADD] = "epoll_ctl", [CALL_EPOLL_WAIT] = "epoll_wait",
  [CALL_FALLOCATE] = "fallocate", [CALL_MREMAP] = "mremap",
  [CALL_OPEN] = "open", [CALL_PEER] = "getsockopt",
  [CALL_PIDFD] = "pidfd_open", [CALL_PIPE] = "pipe2", [CALL_READ] = "read",
  [CALL_RECEIVE] = "recv", [CALL_SEND] = "send", [CALL_WRITE] = "write"
};

static struct fixture fixture;
static pthread_t test_thread;
static enum call failing_call;
static int failing_errno;
static atomic_int fail_at;	/* the call to fail; 0: none */
static atomic_int fired;
static atomic_int scarce;	/* see __wrap_accept4 */

/* Shall this CALL fail?  Then errno is set.  */
static bool
fails (enum call call)
{
  if (atomic_load (&fail_at) == 0 || call != failing_call
      || pthread_equal (pthread_self (), test_thread)
      || atomic_fetch_sub (&fail_at, 1) != 1)
    return false;
  atomic_fetch_add (&fired, 1);
  errno = failing_errno;
  return true;
}

/* Define the function NAME, with the PARAMETERS in parentheses, for which
   ARGUMENTS are passed on, to fail as CALL if CONDITION holds.  */
#define FAULT(type, name, parameters, arguments, call, condition) \
  type __real_##name parameters; \
  type __wrap_##name parameters; \
  type \
  __wrap_##name parameters \
  { \
    return (condition) && fails (call) ? (type) -1 : __real_##name arguments; \
  }

FAULT (int, epoll_ctl, (int epoll, int operation, int fd,
			struct epoll_event *event),
       (epoll, operation, fd, event), CALL_EPOLL_ADD,
       operation == EPOLL_CTL_ADD)
FAULT (int, epoll_wait, (int epoll, struct epoll_event *events, int count,
			 int timeout), (epoll, events, count, timeout),
       CALL_EPOLL_WAIT, true)
FAULT (int, fallocate, (int fd, int mode, off_t offset, off_t length),
       (fd, mode, offset, length), CALL_FALLOCATE, true)
FAULT (int, getsockopt, (int fd, int level, int name, void *value,
			 socklen_t *size), (fd, level, name, value, size),
       CALL_PEER, true)
FAULT (int, pipe2, (int ends[2], int flags), (ends, flags), CALL_PIPE, true)
FAULT (ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size),
       CALL_READ, true)
FAULT (ssize_t, recv, (int fd, void *bytes, size_t size, int flags),
       (fd, bytes, size, flags), CALL_RECEIVE, true)
FAULT (ssize_t, send, (int fd, const void *bytes, size_t size, int flags),
       (fd, bytes, size, flags), CALL_SEND, true)
FAULT (ssize_t, write, (int fd, const void *bytes, size_t size),
       (fd, bytes, size), CALL_WRITE, true)

/* The others are special.  Of further arguments, what callers do not give is
   not read.  */

int __real_accept4 (int fd, struct sockaddr *address, socklen_t *size,
		    int flags);
int __wrap_accept4 (int fd, struct sockaddr *address, socklen_t *size,
		    int flags);
int __real_close (int fd);
int __wrap_close (int fd);
void *__real_mremap (void *map, size_t old, size_t new, int flags, ...);
void *__wrap_mremap (void *map, size_t old, size_t new, int flags, ...);
int __real_open (const char *file, int flags, ...);
int __wrap_open (const char *file, int flags, ...);
long __real_syscall (long number, ...);
long __wrap_syscall (long number, ...);

/* While open is tried, there is a want of descriptors at first, so that the
   reserve is used up.  */
int
__wrap_accept4 (int fd, struct sockaddr *address, socklen_t *size, int flags)
{
  if (failing_call == CALL_OPEN && atomic_exchange (&scarce, 0) > 0)
    {
      errno = EMFILE;
      return -1;
    }
  return fails (CALL_ACCEPT) ? -1
    : __real_accept4 (fd, address, size, flags);
}

/* A failing close closes all the same.  */
int
__wrap_close (int fd)
{
  int result = __real_close (fd);
  return result == 0 && fails (CALL_CLOSE) ? -1 : result;
}

void *
__wrap_mremap (void *map, size_t old, size_t new, int flags, ...)
{
  return fails (CALL_MREMAP) ? MAP_FAILED
    : __real_mremap (map, old, new, flags);
}

int
__wrap_open (const char *file, int flags, ...)
{
  return fails (CALL_OPEN) ? -1 : __real_open (file, flags, 0644);
}

__attribute__ ((no_sanitize ("address", "undefined", "thread")))
long
__wrap_syscall (long number, ...)
{
  va_list rest;
  long a[6];
  va_start (rest, number);
  for (int i = 0; i < 6; i++)
    a[i] = va_arg (rest, long);
  va_end (rest);
  if (number == SYS_pidfd_open && fails (CALL_PIDFD))
    return -1;
  return __real_syscall (number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* The child of a clone that succeeds returns in a function of its own.  */
int __real_clone (int (*run) (void *), void *stack, int flags, void *argument,
		  pid_t *parent_tid);
int __wrap_clone (int (*run) (void *), void *stack, int flags, void *argument,
		  pid_t *parent_tid);

int
__wrap_clone (int (*run) (void *), void *stack, int flags, void *argument,
	      pid_t *parent_tid)
{
  return fails (CALL_CLONE) ? -1
    : __real_clone (run, stack, flags, argument, parent_tid);
}

/* Play with the NTH CALL failing, then without.  Did it fail?  */
static bool
play_with_failure (enum call call, int error, int nth)
{
  test_thread = pthread_self ();
  fixture_start (&fixture);
  atomic_store (&fired, 0);
  failing_call = call;
  failing_errno = error;
  atomic_store (&scarce, 1);
  atomic_store (&fail_at, nth);
  story_play (&fixture, STORY_ENDED);
  atomic_store (&fail_at, 0);
  story_play (&fixture, STORY_SOUND);
  fixture_park (&fixture);
  return atomic_load (&fired) > 0;
}

START_TEST (every_call_may_fail)
{
  enum call call = (enum call) _i;
  for (const int *error = errors[call]; *error != 0; error++)
    {
      int nth = 0;
      printf ("%s: %s ", names[call], strerrorname_np (*error));
      do
	{
	  nth++;
	  putchar ('.');	/* how far it came, should it fail */
	  fflush (stdout);
	}
      while (play_with_failure (call, *error, nth));
      putchar ('\n');
#ifdef __SANITIZE_THREAD__
      if (call == CALL_CLONE)
	continue;		/* the core makes it another way then */
#endif
      ck_assert_int_gt (nth, 1);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("fault");
  TCase *tcase = tcase_create ("fault");
  tcase_set_timeout (tcase, 100);
  tcase_add_loop_test (tcase, every_call_may_fail, 0, CALL_COUNT);
  suite_add_tcase (suite, tcase);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_NORMAL);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
