/* source.h -- the output pipes of services.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef SOURCE_H
#define SOURCE_H

#include "cutter.h"
#include "log-image.h"
#include "sink.h"

#define SOURCE_READ_SIZE 65536

struct source			/* there may be thousands: no gaps */
{
  LIST_ENTRY (source) link;	/* in the list of all */
  struct sink *sink;		/* used */
  struct ring *ring;		/* used */
  struct cutter cutter;
  uint64_t record;		/* where the image has it, or 0 */
  int fd;			/* nonblocking */
  uint32_t prefix_length;
  bool paused;			/* its sink is full: not read meanwhile */
  bool wide;			/* the pipe was made larger */
  bool bare;			/* lines bring their stamps with them */
  char prefix[];
};

struct source_list
{
  struct sinks *sinks;
  int epoll_fd;			/* where sources are, data.ptr */
  LIST_HEAD (, source) all;
  unsigned int paused;		/* how many are */
  char *buffer;			/* SOURCE_READ_SIZE bytes */
  struct log_image *image;
};

/* Make a source of the read end FD, which it takes; RING may be NULL.  Takes
   the use of SINK and RING.  When memory is out, all that is given up.  */
struct source *source_add (struct source_list *list, int fd, struct sink *sink,
		 struct ring *ring, const char *prefix);

/* Handle LENGTH bytes of TEXT as if SOURCE had just given them.  */
void source_feed (struct source_list *list, struct source *source,
		  const char *text, size_t length);

/* What a successor needs to know of SOURCE.  */
struct log_record source_record (const struct source *source);

/* Note in the image that SOURCE is there.  */
void source_note (struct source_list *list, struct source *source);

/* Have the image note all sources, and nothing else.  */
void source_note_all (struct source_list *list);

/* Read what there is to read.  At end-of-file SOURCE is freed.  */
void source_read (struct source_list *list, struct source *source);

/* Read what all sources have, up to a bound.  */
void source_read_all (struct source_list *list);

/* See which paused sources may go on at the time NOW (monotonic, ns).  When
   to call again at the latest, in ms from now; -1: on news only.  */
int source_resume (struct source_list *list, int64_t now);

#endif
