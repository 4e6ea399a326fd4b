/* crash-report.h -- what is left of a crash for a developer to read.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The handler saves registers, the top of the stack and the map of memory
   to a memory file; the new image makes a text of it: which thread, whose
   code, and the return addresses that lay on the stack.  There are at most
   CRASH_REPORT_COUNT such files, of some 64 KiB each; the oldest one is
   overwritten.  */

#ifndef CRASH_REPORT_H
#define CRASH_REPORT_H

#include <signal.h>
#include <stddef.h>

#include "watch.h"

enum { CRASH_REPORT_COUNT = 5 };

/* Make the memory file; before crash_report_take.  0 or -errno.  */
int crash_report_open (void);

/* Save what the handler of SIGNUM got.  Async-signal-safe; reads no memory
   but through system calls that fail where there is none.  */
void crash_report_save (int signum, const siginfo_t *info,
			const void *context, const struct watch *watch);

/* If an earlier image of the process saved something, take the first of it:
   put one line on it into SUMMARY, write a file beside LOG_FILE (NULL: below
   /var/log or, for users, nowhere), and put that file's name into NAME, "" if
   there is none.  False if there is nothing.  May block on a disk.  */
bool crash_report_take (const char *log_file, char *summary, size_t size,
			char *name, size_t name_size);

#endif
