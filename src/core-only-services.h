/* core-only-services.h -- what is known of services without an interpreter.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef CORE_ONLY_SERVICES_H
#define CORE_ONLY_SERVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "mailbox.h"
#include "sexp.h"

struct core_only_process
{
  pid_t pid;			/* 0: it has ended */
  size_t service;		/* index */
};

struct core_only_service
{
  const char *name;		/* canonical */
  uint64_t ring;
  const struct sexp *saved;
  const struct sexp *record;	/* what clients see */
  pid_t main;			/* process that is its running value, or 0 */
  bool stopped;
  uint64_t client;		/* who waits for its end, 0: nobody */
  bool stopping;		/* somebody asked for that */
  int64_t deadline;		/* to send SIGKILL, 0: none; clock_now */
};

struct core_only_services
{
  struct sexp_tree *tree;
  struct core_only_service *services;
  size_t count;
  struct core_only_process *processes;
  size_t process_count;
};

/* Read INHERITANCE, of core_inheritance or NULL.  0 or -errno; then there are
   no services.  */
int core_only_services_read (struct core_only_services *all,
			     const char *inheritance);

/* The service that provides NAME, or NULL.  */
struct core_only_service *core_only_find (struct core_only_services *all,
					  const char *name);

/* Does a process of SERVICE live?  */
bool core_only_lives (const struct core_only_services *all,
		      const struct core_only_service *service);

/* Process PID ended with STATUS.  Its service, or NULL.  */
struct core_only_service *core_only_ended (struct core_only_services *all,
					   pid_t pid);

/* SERVICE is stopped now, by the end of its process with STATUS if that is
   >= 0: publish that.  */
void core_only_publish_stopped (struct core_only_service *service, int status,
				struct mailbox *to_core);

#endif
