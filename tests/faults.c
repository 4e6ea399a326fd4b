/* faults.c -- system calls and allocations that fail when told to.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAULT_ERRORS = 12 };

/* In the order of their manual pages.  */
static const int errors[FAULT_COUNT][FAULT_ERRORS + 1] = {
  [FAULT_ACCEPT] = { EAGAIN, ECONNABORTED, EINTR, EMFILE, ENFILE, ENOBUFS,
		     ENOMEM, EPERM, EPROTO },
  [FAULT_ALLOCATE] = { ENOMEM },
  [FAULT_CLONE] = { EAGAIN, ENOMEM, ENOSPC, EPERM, EUSERS },
  [FAULT_CLOSE] = { EINTR, EIO, ENOSPC, EDQUOT },
  [FAULT_CONNECT] = { EACCES, EAGAIN, ECONNREFUSED, EINTR, ENOENT, EPERM,
		      EPROTOTYPE, ENOTDIR, ELOOP },
  [FAULT_EPOLL_ADD] = { ENOMEM, ENOSPC },
  [FAULT_EPOLL_CHANGE] = { ENOMEM },
  [FAULT_EPOLL_WAIT] = { EINTR },
  [FAULT_FALLOCATE] = { EFBIG, EINTR, EIO, ENODEV, ENOSPC, EOPNOTSUPP, EPERM,
			ENOMEM },
  [FAULT_FCNTL] = { EAGAIN, EBUSY, EINTR, EPERM, ENOMEM },
  [FAULT_KILL] = { EPERM, ESRCH },
  [FAULT_MREMAP] = { EAGAIN, ENOMEM },
  [FAULT_OPEN] = { EACCES, EDQUOT, EINTR, EIO, EISDIR, EMFILE, ENFILE, ENOENT,
		   ENOMEM, ENOSPC, EROFS, ENXIO },
  [FAULT_PEER] = { ENOMEM, ENOTCONN },
  [FAULT_PIDFD] = { EMFILE, ENFILE, ENODEV, ENOMEM, ESRCH, ENOSYS, EPERM },
  [FAULT_PIPE] = { EMFILE, ENFILE, ENOMEM },
  [FAULT_POLL] = { EINTR, ENOMEM },
  [FAULT_READ] = { EINTR, EIO, ENOMEM },
  [FAULT_RECEIVE] = { EAGAIN, ECONNREFUSED, ECONNRESET, EINTR, ENOMEM,
		      ENOTCONN },
  [FAULT_RENAME] = { EACCES, EBUSY, EDQUOT, EIO, ENOENT, ENOMEM, ENOSPC,
		     EROFS, EXDEV },
  [FAULT_RING] = { EINTR },
  [FAULT_SEND] = { EACCES, EAGAIN, ECONNREFUSED, ECONNRESET, EINTR, EMSGSIZE,
		   ENOBUFS, ENOMEM, ENOTCONN, EPIPE },
  [FAULT_SOCKET] = { EACCES, EAFNOSUPPORT, EMFILE, ENFILE, ENOBUFS, ENOMEM },
  [FAULT_WAIT] = { EINTR },
  [FAULT_WRITE_FILE] = { EAGAIN, EDQUOT, EFBIG, EINTR, EIO, ENOMEM, ENOSPC,
			 EPERM }
};

const char *const fault_names[FAULT_COUNT] = {
  [FAULT_ACCEPT] = "accept4", [FAULT_ALLOCATE] = "malloc",
  [FAULT_CLONE] = "clone", [FAULT_CLOSE] = "close",
  [FAULT_CONNECT] = "connect", [FAULT_EPOLL_ADD] = "epoll_ctl (add)",
  [FAULT_EPOLL_CHANGE] = "epoll_ctl (change)",
  [FAULT_EPOLL_WAIT] = "epoll_wait", [FAULT_FALLOCATE] = "fallocate",
  [FAULT_FCNTL] = "fcntl", [FAULT_KILL] = "kill", [FAULT_MREMAP] = "mremap",
  [FAULT_OPEN] = "open", [FAULT_PEER] = "getsockopt",
  [FAULT_PIDFD] = "pidfd_open", [FAULT_PIPE] = "pipe2", [FAULT_POLL] = "poll",
  [FAULT_READ] = "read", [FAULT_RECEIVE] = "recv", [FAULT_RENAME] = "rename",
  [FAULT_RING] = "write (bell)", [FAULT_SEND] = "send",
  [FAULT_SOCKET] = "socket", [FAULT_WAIT] = "waitpid",
  [FAULT_WRITE_FILE] = "write (file)"
};

static pthread_t exempt;
static enum fault failing;
static int failing_errno;
static atomic_int fail_at;	/* the call to fail; 0: none */
static atomic_int fired;
static atomic_int scarce;	/* see __wrap_accept4 */

const int *
fault_errors (enum fault fault)
{
  return errors[fault];
}

void
fault_arm (enum fault fault, int error, int nth)
{
  exempt = pthread_self ();
  atomic_store (&fired, 0);
  failing = fault;
  failing_errno = error;
  atomic_store (&scarce, 1);
  atomic_store (&fail_at, nth);
}

bool
fault_disarm (void)
{
  atomic_store (&fail_at, 0);
  return atomic_load (&fired) > 0;
}

/* Shall this FAULT happen?  Then errno is set.  */
static bool
fails (enum fault fault)
{
  if (atomic_load (&fail_at) == 0 || fault != failing
      || pthread_equal (pthread_self (), exempt)
      || atomic_fetch_sub (&fail_at, 1) != 1)
    return false;
  atomic_fetch_add (&fired, 1);
  errno = failing_errno;
  return true;
}

/* Define the function NAME, with the PARAMETERS in parentheses, for which
   ARGUMENTS are passed on, to fail as FAULT if CONDITION holds.  */
#define WRAP(type, name, parameters, arguments, fault, condition) \
  type __real_##name parameters; \
  type __wrap_##name parameters; \
  type \
  __wrap_##name parameters \
  { \
    return (condition) && fails (fault) \
      ? (type) (fault == FAULT_ALLOCATE ? 0 : -1) : __real_##name arguments; \
  }

WRAP (void *, malloc, (size_t size), (size), FAULT_ALLOCATE, true)
WRAP (void *, calloc, (size_t count, size_t size), (count, size),
      FAULT_ALLOCATE, true)
WRAP (void *, realloc, (void *block, size_t size), (block, size),
      FAULT_ALLOCATE, true)
WRAP (int, connect, (int fd, const struct sockaddr *address, socklen_t size),
      (fd, address, size), FAULT_CONNECT, true)
WRAP (int, kill, (pid_t pid, int signum), (pid, signum), FAULT_KILL, true)
WRAP (int, poll, (struct pollfd *fds, nfds_t count, int timeout),
      (fds, count, timeout), FAULT_POLL, true)
WRAP (int, rename, (const char *old, const char *new), (old, new),
      FAULT_RENAME, true)
WRAP (int, socket, (int domain, int type, int protocol),
      (domain, type, protocol), FAULT_SOCKET, true)
WRAP (pid_t, waitpid, (pid_t pid, int *status, int options),
      (pid, status, options), FAULT_WAIT, true)
WRAP (int, epoll_wait, (int epoll, struct epoll_event *events, int count,
			 int timeout), (epoll, events, count, timeout),
       FAULT_EPOLL_WAIT, true)
WRAP (int, fallocate, (int fd, int mode, off_t offset, off_t length),
       (fd, mode, offset, length), FAULT_FALLOCATE, true)
WRAP (int, getsockopt, (int fd, int level, int name, void *value,
			 socklen_t *size), (fd, level, name, value, size),
       FAULT_PEER, true)
WRAP (int, pipe2, (int ends[2], int flags), (ends, flags), FAULT_PIPE, true)
WRAP (ssize_t, read, (int fd, void *bytes, size_t size), (fd, bytes, size),
       FAULT_READ, true)
WRAP (ssize_t, recv, (int fd, void *bytes, size_t size, int flags),
       (fd, bytes, size, flags), FAULT_RECEIVE, true)
WRAP (ssize_t, send, (int fd, const void *bytes, size_t size, int flags),
       (fd, bytes, size, flags), FAULT_SEND, true)
/* The others are special.  Of further arguments, what callers do not give is
   not read.  */

ssize_t __real_write (int fd, const void *bytes, size_t size);
ssize_t __wrap_write (int fd, const void *bytes, size_t size);
int __real_accept4 (int fd, struct sockaddr *address, socklen_t *size,
		    int flags);
int __wrap_accept4 (int fd, struct sockaddr *address, socklen_t *size,
		    int flags);
int __real_epoll_ctl (int epoll, int operation, int fd,
		      struct epoll_event *event);
int __wrap_epoll_ctl (int epoll, int operation, int fd,
		      struct epoll_event *event);
int __real_fcntl (int fd, int command, ...);
int __wrap_fcntl (int fd, int command, ...);
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
  if (failing == FAULT_OPEN && atomic_exchange (&scarce, 0) > 0)
    {
      errno = EMFILE;
      return -1;
    }
  return fails (FAULT_ACCEPT) ? -1
    : __real_accept4 (fd, address, size, flags);
}

int
__wrap_epoll_ctl (int epoll, int operation, int fd,
		  struct epoll_event *event)
{
  return (operation == EPOLL_CTL_ADD && fails (FAULT_EPOLL_ADD))
    || (operation == EPOLL_CTL_MOD && fails (FAULT_EPOLL_CHANGE)) ? -1
    : __real_epoll_ctl (epoll, operation, fd, event);
}

int
__wrap_fcntl (int fd, int command, ...)
{
  va_list rest;
  va_start (rest, command);
  long argument = va_arg (rest, long);
  va_end (rest);
  return fails (FAULT_FCNTL) ? -1 : __real_fcntl (fd, command, argument);
}

ssize_t
__wrap_write (int fd, const void *bytes, size_t size)
{
  struct stat status;
  bool bell = fstat (fd, &status) == 0 && (status.st_mode & S_IFMT) == 0;
  return fails (bell ? FAULT_RING : FAULT_WRITE_FILE) ? -1
    : __real_write (fd, bytes, size);
}

/* A failing close closes all the same.  */
int
__wrap_close (int fd)
{
  int result = __real_close (fd);
  return result == 0 && fails (FAULT_CLOSE) ? -1 : result;
}

void *
__wrap_mremap (void *map, size_t old, size_t new, int flags, ...)
{
  return fails (FAULT_MREMAP) ? MAP_FAILED
    : __real_mremap (map, old, new, flags);
}

int
__wrap_open (const char *file, int flags, ...)
{
  return fails (FAULT_OPEN) ? -1 : __real_open (file, flags, 0644);
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
  if (number == SYS_pidfd_open && fails (FAULT_PIDFD))
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
  return fails (FAULT_CLONE) ? -1
    : __real_clone (run, stack, flags, argument, parent_tid);
}
