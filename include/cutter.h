/* cutter.h -- cut a stream of bytes into lines.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A line ends at LF, CR LF or a lone CR.  A longer line than
   CUTTER_LINE_MAX bytes is cut there, between characters.  */

#ifndef CUTTER_H
#define CUTTER_H

#include <stdbool.h>
#include <stddef.h>

#define CUTTER_LINE_MAX 65536

/* Called for each LINE, which lacks its end and is valid until it
   returns.  */
typedef void cutter_line (void *closure, const char *line, size_t length);

struct cutter			/* all zero to begin with */
{
  char *partial;		/* the line so far; see later.h */
  size_t length, capacity;
  bool after_cr;		/* a LF that comes next ends no line */
};

/* Cut DATA; an unfinished last line is kept for later.  */
void cutter_feed (struct cutter *cutter, const char *data, size_t length,
		  cutter_line *line, void *closure);

/* There is no more data: hand over an unfinished line, free memory, and be
   as new.  */
void cutter_end (struct cutter *cutter, cutter_line *line, void *closure);

#endif
