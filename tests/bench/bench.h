/* bench.h -- samples, and a shepherd to take them of.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

struct samples			/* all zero to begin with */
{
  size_t count;
  double values[256];
};

void samples_add (struct samples *samples, double value);

struct report
{
  bool json;
  size_t rows;
};

/* Show the samples OURS of what NAME says, in UNIT.  If REFERENCE is not
   NULL, THEIRS were taken of that in the same run.  */
void report_row (struct report *report, const char *name, const char *unit,
		 struct samples *ours, const char *reference,
		 struct samples *theirs);

/* Print a message to standard error and exit with status 1.  */
_Noreturn void report_failure (const char *format, ...)
  __attribute__ ((format (printf, 1, 2)));

struct subject			/* shepherd, as a user's daemon */
{
  pid_t pid;
  double started;		/* when, in seconds */
  char directory[64];		/* of all its files; below it: */
  char socket[96], log[96], configuration[96];
};

/* Seconds since some time in the past.  */
double subject_now (void);

/* Let others run for a very short time; fail when too long after SINCE.  */
void subject_pause (double since, const char *what);

/* Start a program with standard input and output IN and OUT (-1: /dev/null);
   it dies with us.  */
pid_t subject_run (const char *const *argv, int in, int out);

/* Start shepherd with a configuration of COUNT services that sleep, s0 and
   so on, all of which need `base' and are needed by `all'; and MORE.  Does
   not wait for anything.  */
void subject_start (struct subject *subject, int count, const char *more);

/* Wait until the configuration has been loaded.  */
void subject_await_loaded (struct subject *subject);

/* Connect to the socket PATH, or make it, as ATTACH is connect or bind.  The
   descriptor, or -1.  */
int subject_socket (const char *path,
		    int (*attach) (int, const struct sockaddr *, socklen_t));

/* Have ACTION of SERVICE done and wait for the whole reply.  Its length; 0
   if nobody listens yet.  An error in the reply ends the program.  */
size_t subject_ask (const char *socket, const char *action,
		    const char *service);

/* Its proportional share of memory, in MB, and the CPU time that all its
   threads used, in seconds.  */
double subject_memory (const struct subject *subject);
double subject_cpu (const struct subject *subject);

/* End it and remove its files.  */
void subject_stop (struct subject *subject);

#endif
