/* whereabouts.c -- what a thread does, as the system sees it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "whereabouts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "i18n.h"

/* System calls that wait.  */
static const struct
{
  long number;
  const char *name;
  bool descriptor;		/* the first argument is one */
} whereabouts_calls[] =
{
  { SYS_read, "read", true },
  { SYS_readv, "readv", true },
  { SYS_pread64, "pread", true },
  { SYS_write, "write", true },
  { SYS_writev, "writev", true },
  { SYS_recvfrom, "recv", true },
  { SYS_recvmsg, "recvmsg", true },
  { SYS_sendto, "send", true },
  { SYS_sendmsg, "sendmsg", true },
  { SYS_connect, "connect", true },
  { SYS_accept, "accept", true },
  { SYS_accept4, "accept", true },
  { SYS_flock, "flock", true },
  { SYS_fcntl, "fcntl", true },
  { SYS_ioctl, "ioctl", true },
  { SYS_fsync, "fsync", true },
  { SYS_fdatasync, "fdatasync", true },
  { SYS_close, "close", true },
  { SYS_getdents64, "getdents", true },
  { SYS_openat, "open", false },
  { SYS_newfstatat, "stat", false },
  { SYS_statx, "stat", false },
  { SYS_unlinkat, "unlink", false },
  { SYS_ppoll, "poll", false },
  { SYS_pselect6, "select", false },
  { SYS_epoll_pwait, "epoll_wait", false },
  { SYS_nanosleep, "nanosleep", false },
  { SYS_clock_nanosleep, "nanosleep", false },
  { SYS_futex, "futex", false },
  { SYS_wait4, "waitpid", false },
  { SYS_waitid, "waitid", false },
#ifdef SYS_open			/* not on newer machines */
  { SYS_open, "open", false },
  { SYS_stat, "stat", false },
  { SYS_lstat, "lstat", false },
  { SYS_unlink, "unlink", false },
  { SYS_poll, "poll", false },
  { SYS_select, "select", false },
  { SYS_epoll_wait, "epoll_wait", false },
#endif
};

/* Read the file NAME of thread TID into TEXT, of SIZE bytes.  False if there
   is none.  */
static bool
whereabouts_read (pid_t tid, const char *name, char *text, size_t size)
{
  char path[64];
  snprintf (path, sizeof path, "/proc/self/task/%d/%s", (int) tid, name);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  ssize_t length = read (fd, text, size - 1);
  close (fd);
  text[length < 0 ? 0 : length] = '\0';
  return length > 0;
}

/* Is the thread where no signal reaches it, as on a server that is gone?  */
static bool
whereabouts_are_deep (pid_t tid)
{
  char stat[512];
  const char *name_end = NULL;
  if (whereabouts_read (tid, "stat", stat, sizeof stat))
    name_end = strrchr (stat, ')');
  return name_end != NULL && strncmp (name_end, ") D", 3) == 0;
}

/* Read into FILE, of SIZE bytes, what descriptor FD is.  False if it is
   none.  */
static bool
whereabouts_read_file (long fd, char *file, size_t size)
{
  char path[32];
  snprintf (path, sizeof path, "/proc/self/fd/%ld", fd);
  ssize_t length = readlink (path, file, size - 1);
  file[length < 0 ? 0 : length] = '\0';
  return length >= 0;
}

static void
whereabouts_put_call (const char *call, char *text, size_t size)
{
  const size_t count = sizeof whereabouts_calls / sizeof *whereabouts_calls;
  char *rest;
  long number = strtol (call, &rest, 10);
  long first = (long) strtoull (rest, NULL, 16);
  char file[128];
  size_t i = 0;
  while (i < count && whereabouts_calls[i].number != number)
    i++;
  if (i == count)
    snprintf (text, size, R_("it waits in system call %ld"), number);
  else if (whereabouts_calls[i].descriptor
	   && whereabouts_read_file (first, file, sizeof file))
    snprintf (text, size, R_("it waits in system call %s of %s"),
	      whereabouts_calls[i].name, file);
  else
    snprintf (text, size, R_("it waits in system call %s"),
	      whereabouts_calls[i].name);
}

void
whereabouts_of_thread (pid_t tid, char *text, size_t size)
{
  char call[256], does[256];
  if (!whereabouts_read (tid, "syscall", call, sizeof call))
    snprintf (does, sizeof does, "%s", R_("what it does is not known"));
  else if (call[0] >= '0' && call[0] <= '9')
    whereabouts_put_call (call, does, sizeof does);
  else
    snprintf (does, sizeof does, "%s", call[0] == 'r' ? R_("it computes")
	      : R_("it waits in the kernel"));
  snprintf (text, size, whereabouts_are_deep (tid)
	    ? R_("%s, where no signal reaches it") : "%s", does);
}

bool
whereabouts_computes (pid_t tid)
{
  char call[256];
  return whereabouts_read (tid, "syscall", call, sizeof call)
    && call[0] == 'r';
}
