/* cutter.c -- cut a stream of bytes into lines.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "cutter.h"
#include "later.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

/* Append to the unfinished line.  False when memory is out.  */
static bool
cutter_append (struct cutter *cutter, const char *text, size_t length)
{
  size_t wanted = cutter->length + length;

  if (wanted > cutter->capacity)
    {
      size_t capacity = cutter->capacity ? 2 * cutter->capacity : 128;
      while (capacity < wanted)
	capacity *= 2;
      char *grown = malloc (capacity);
      if (grown == NULL)
	return false;
      if (cutter->length > 0)
	memcpy (grown, cutter->partial, cutter->length);
      later_free (cutter->partial);
      cutter->partial = grown;
      cutter->capacity = capacity;
    }
  memcpy (cutter->partial + cutter->length, text, length);
  cutter->length = wanted;
  return true;
}

/* Hand over the first LENGTH bytes of the unfinished line.  */
static void
cutter_emit (struct cutter *cutter, size_t length, cutter_line *line,
	     void *closure)
{
  line (closure, cutter->partial, length);
  cutter->length -= length;
  memmove (cutter->partial, cutter->partial + length, cutter->length);
}

/* Append to the unfinished line, handing over what is too long.  */
static void
cutter_keep (struct cutter *cutter, const char *text, size_t length,
	     cutter_line *line, void *closure)
{
  while (length > 0)
    {
      /* One byte more than the limit shows that a line is too long.  */
      size_t room = CUTTER_LINE_MAX + 1 - cutter->length;
      size_t part = length < room ? length : room;
      if (!cutter_append (cutter, text, part))
	{
	  /* No memory: rather a line cut in the middle than a lost one.  */
	  if (cutter->length > 0)
	    cutter_emit (cutter, cutter->length, line, closure);
	  line (closure, text, part);
	}
      else if (cutter->length > CUTTER_LINE_MAX)
	cutter_emit (cutter, utf8_cut (cutter->partial, CUTTER_LINE_MAX),
		     line, closure);
      text += part;
      length -= part;
    }
}

static void
cutter_take (struct cutter *cutter, const char *text, size_t length,
	     cutter_line *line, void *closure)
{
  if (cutter->length == 0 && length <= CUTTER_LINE_MAX)
    line (closure, text, length);
  else
    {
      cutter_keep (cutter, text, length, line, closure);
      cutter_end (cutter, line, closure);
    }
}

static const char *
cutter_find (const char *p, char c, const char *end)
{
  const char *found = memchr (p, c, end - p);
  return found ? found : end;
}

void
cutter_feed (struct cutter *cutter, const char *data, size_t length,
	     cutter_line *line, void *closure)
{
  const char *p = data, *end = data + length;

  if (p < end && cutter->after_cr && *p == '\n')
    p++;
  if (length > 0)
    cutter->after_cr = false;

  const char *lf = cutter_find (p, '\n', end);
  const char *cr = cutter_find (p, '\r', end);
  while (p < end)
    {
      const char *eol = lf < cr ? lf : cr;
      if (eol == end)
	{
	  cutter_keep (cutter, p, end - p, line, closure);
	  break;
	}
      cutter_take (cutter, p, eol - p, line, closure);
      p = eol + 1;
      if (eol == cr)
	{
	  if (p == end)
	    cutter->after_cr = true;
	  else if (*p == '\n')
	    p++;
	  cr = cutter_find (p, '\r', end);
	}
      if (lf < p)
	lf = cutter_find (p, '\n', end);
    }
}

void
cutter_end (struct cutter *cutter, cutter_line *line, void *closure)
{
  if (cutter->length > 0)
    line (closure, cutter->partial, cutter->length);
  later_free (cutter->partial);
  *cutter = (struct cutter) { .partial = NULL };
}
