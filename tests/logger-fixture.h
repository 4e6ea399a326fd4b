/* logger-fixture.h -- a logger, and those whom it talks to.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef LOGGER_FIXTURE_H
#define LOGGER_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logger.h"
#include "mailbox.h"

#define DEADLINE_MS 20000
#define STAMP 20		/* "2026-11-22 20:45:13 " */

/* Each test runs in a process and a directory of its own.  */
extern struct logger *logger;
extern struct mailbox core, interpreter;
extern struct quiescence quiescence;
extern char directory[64];

/* What the next logger takes up; -1 is none.  */
extern int image_fd;

void start_logger (const char *log, const char *syslog, bool silent);

void setup (void);

void post (struct message *message);

/* The next message to BOX, which must be of KIND.  */
struct message *expect (struct mailbox *box, enum message_kind kind);

void flush (void);

/* Wait until nothing is on its way between the threads: LeakSanitizer does
   not look into pipes.  */
void settle (void);

void teardown (void);

/* Attach a pipe to RING and the log file PATH, or the daemon's log if it is
   NULL.  The write end.  */
int attach (uint64_t ring, const char *path, const char *prefix);

/* The same for the system log whose socket is PATH.  */
int attach_syslog (uint64_t ring, const char *path);

/* A socket bound to PATH, as the syslog daemon has.  */
int syslog_daemon (const char *path);

/* What comes next to the socket FD is the line TEXT.  */
void assert_datagram (int fd, const char *text);

void put (int fd, const char *text, size_t length);

void say (int fd, const char *text);

/* The contents of the file PATH, malloc'ed, a NUL after it.  */
char *contents (const char *path, size_t *length);

/* Take the stamps off the lines of TEXT, having checked their form.  */
void unstamp (char *text);

void assert_lines (const char *path, const char *expected);

/* The history of RING without the times: ("LINE" ...).  */
void assert_ring (uint64_t ring, const char *expected);

/* Write lines to FD, which the logger reads, until nothing more can come of
   it: MEGABYTES.  */
int pour (int fd, int megabytes);

/* The number in the line "Lines dropped: N" of TEXT, and the whole lines
   besides.  */
int count_dropped (const char *text, int *lines);

#endif
