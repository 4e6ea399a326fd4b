/* sink.h -- where lines go to, as the logger thread sees it.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A sink collects formatted lines in a job that is open, submits it to the
   writer, and counts what is under way: there is a limit.  Lines beyond it
   are dropped and counted, and a line tells of them later.  */

#ifndef SINK_H
#define SINK_H

#include "mailbox.h"
#include "outlet.h"
#include "ring.h"

/* While fewer bytes than this are under way, lines come back without waking
   anybody.  */
#define SINK_QUIET (64 * 1024)

/* Bytes that may be under way to all sinks.  One sink's share depends on
   what the others have left: there is always room for another.  */
#define SINK_LIMIT (16 * 1024 * 1024)

struct sink
{
  struct outlet outlet;		/* the writer's */
  LIST_ENTRY (sink) link;	/* in the list of all */
  unsigned int users;
  struct job *open;		/* being filled */
  size_t queued;		/* bytes under way */
  uint64_t dropped;		/* lines lost and not told of */
  bool dropping;		/* it stalled: lines are dropped */
  bool broken;			/* the last lines could not be written */
  int64_t deadline;		/* see source_resume */
};

struct sinks
{
  struct mailbox *to_writer;
  const atomic_bool *writer_rests;	/* or NULL */
  const char *tag;		/* "shepherd[PID]: " */
  struct stamp stamp;		/* the time of the lines */
  LIST_HEAD (, sink) all;
  size_t queued;
};

/* Make a sink with one user.  Takes FD.  NULL when memory is out.  */
struct sink *sink_new (struct sinks *sinks, enum outlet_kind kind,
		       const char *path, int fd);

/* The sink of the file, or of the system log's socket, PATH; or NULL.  */
struct sink *sink_find (struct sinks *sinks, const char *path);

/* Find the sink of PATH or make one, and use it.  Takes FD, which is open on
   that file, or -1.  NULL when memory is out.  */
struct sink *sink_use (struct sinks *sinks, enum outlet_kind kind,
		       const char *path, int fd);

void sink_release (struct sinks *sinks, struct sink *sink);

enum sink_share			/* how often what it has fits into the rest */
{
  SINK_URGENT = 1,		/* what was read already, or cannot wait */
  SINK_NORMAL = 2
};

/* May more go to SINK?  */
bool sink_has_room (const struct sinks *sinks, const struct sink *sink,
		    enum sink_share share);

/* Hand JOB, which is taken, to the writer.  */
void sink_post (struct sinks *sinks, struct sink *sink, struct job *job);

/* Count the last LOST lines of JOB, which are not written.  */
void sink_lose (struct sink *sink, const struct job *job, uint64_t lost);

/* Nothing of SINK is under way: see what is left to do.  CLOSED tells
   whether its file was just closed.  */
void sink_settle (struct sinks *sinks, struct sink *sink, bool closed);

/* Hand all open jobs to the writer.  */
void sink_submit (struct sinks *sinks);

/* Take back JOB, which is done.  The request to answer, or NULL.  */
struct number_message *sink_take_back (struct sinks *sinks, struct job *job);

/* Lines of one source to one sink.  */
struct batch
{
  struct sinks *sinks;
  struct sink *sink;
  struct ring *ring;		/* or NULL */
  bool bare;			/* no stamp before the prefix */
  const char *prefix;		/* before each line */
  size_t prefix_length;
  size_t expected;		/* bytes of input, a guess */
  size_t start;			/* of its lines in the open job */
};

void batch_begin (struct batch *batch);
void batch_line (void *batch, const char *line, size_t length);
void batch_end (struct batch *batch);

#endif
