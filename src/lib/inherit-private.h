/* inherit-private.h -- the table of what a successor takes over, itself.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef INHERIT_PRIVATE_H
#define INHERIT_PRIVATE_H

#include <assert.h>
#include <stddef.h>

#include "inherit.h"

/* An end: pid and wait status in one word, so that it is stored at once.  */
typedef _Atomic uint64_t inherit_exit;

/* What of a flight is still to come.  */
enum inherit_wait
{
  INHERIT_FILLING = 1,		/* the rest of the entry */
  INHERIT_PROCESS = 2,		/* it is to be published */
  INHERIT_OUTPUT = 4		/* its pipe is to be known to the logger */
};

struct inherit_table
{
  char magic[8];
  uint32_t version;
  uint32_t size;		/* of this structure */
  _Atomic pid_t pid;
  _Atomic uint32_t flags;	/* enum inherit_flags */
  _Atomic uint32_t reason;	/* enum inherit_reason */
  _Atomic uint32_t exit_count;
  _Atomic int64_t crashes[INHERIT_CRASHES];	/* times, latest first; 0:
						   there was none */
  _Atomic int32_t shutdown;	/* 1 + enum shutdown_how; 0: not yet */
  _Atomic uint32_t end;		/* of KINDS: the rest was never touched */
  _Atomic uint32_t waits[INHERIT_FLIGHTS];	/* sets of enum inherit_wait; 0:
						   that flight is free */
  char culprit[256];		/* see inherit_note_culprit */
  inherit_exit exits[INHERIT_EXITS];
  struct inherit_flight flights[INHERIT_FLIGHTS];
  _Atomic unsigned char kinds[INHERIT_DESCRIPTORS];
  char log_paths[INHERIT_FLIGHTS][PATH_MAX];	/* of the flights: only those
						   that are used have memory */
};
static_assert (offsetof (struct inherit_table, crashes) == 32,
	       "the same in all images");

struct inherit
{
  struct inherit_table *table;	/* NULL: there is none */
  int fd;
  bool taken_over;
  size_t allocated[INHERIT_FLIGHTS];	/* bytes of each path that have memory */
};

extern struct inherit inherit;

/* Copy TEXT, which may be NULL, as far as it fits.  */
void inherit_copy (char *to, size_t size, const char *text);

/* Forget flights that were not to be, whoever died in between.  */
void inherit_forget_flights (void);

/* The logger knows the pipe FD, or it is closed.  */
void inherit_forget_output (int fd);

#endif
