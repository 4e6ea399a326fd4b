/* state-pack.c -- what is published of a service, in fewer bytes.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Most of it is the same for all services.  Packed text is made of runs: a
   byte, that many bytes of text, and the number of a phrase that follows, 0 if
   none does.  */

#include <config.h>

#include "state.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "state-private.h"

/* Phrases are copied by so many bytes at a time: a call of memcpy for each
   would take half of the time that a status of a thousand services does.  */
enum { PACK_CHUNK = 32 };

struct pack_phrase
{
  size_t length;
  char text[4 * PACK_CHUNK];
};

#define PHRASE(text) { sizeof text - 1, text }

/* From number 1 on; part of the format.  Each begins with a parenthesis, and
   has more than PACK_SELECTOR bytes.  Of two that fit the first one counts.  */
static const struct pack_phrase pack_phrases[] = {
  PHRASE ("(service (version 0) (provides ("),
  PHRASE (")) (requires ("),
  PHRASE (")) (respawn? #t) (docstring "),
  PHRASE (")) (respawn? #f) (docstring "),
  PHRASE (") (enabled? #t) (running "),
  PHRASE ("(process (version 0) (id "),
  PHRASE (") (command ("),
  PHRASE (")))) (conflicts ()) (last-respawns ())"
	  " (status-changes ((running . "),
  PHRASE (") (conflicts ()) (last-respawns ()) (status-changes ("),
  PHRASE (") (conflicts ()) (last-respawns ("),
  PHRASE (")) (status-changes ("),
  PHRASE (") (running . "),
  PHRASE (") (starting . "),
  PHRASE (") (stopping . "),
  PHRASE (") (stopped . "),
  PHRASE (")) (startup-failures ()) (status running) (one-shot? #f)"
	  " (transient? #f) (respawn-limit ("),
  PHRASE (")) (startup-failures ()) (status "),
  PHRASE (") (one-shot? #f) (transient? #f) (respawn-limit ("),
  PHRASE (")) (respawn-delay "),
  PHRASE (") (actions ()) (exit-statuses ("),
  PHRASE (") (actions ("),
  PHRASE (")) (exit-statuses ("),
  PHRASE ("(log-files ()) (pending-replacement? #f))"),
  PHRASE ("(log-files ("),
  PHRASE (")) (pending-replacement? #f))"),
  PHRASE ("((value (process "),
};
enum
{
  PACK_COUNT = sizeof pack_phrases / sizeof *pack_phrases,
  PACK_SELECTOR = 3		/* the byte in which most of them differ */
};
static_assert (PACK_COUNT < UCHAR_MAX, "its number is a byte");

/* The phrase that TEXT, LENGTH bytes, begins with, counted from 0; PACK_COUNT
   if there is none.  */
static unsigned int
pack_find (const char *text, size_t length)
{
  unsigned int i = 0;
  if (length <= PACK_SELECTOR || (*text != '(' && *text != ')'))
    return PACK_COUNT;
  while (i < PACK_COUNT
	 && (pack_phrases[i].text[PACK_SELECTOR] != text[PACK_SELECTOR]
	     || pack_phrases[i].length > length
	     || memcmp (pack_phrases[i].text, text, pack_phrases[i].length)))
    i++;
  return i;
}

size_t
state_pack (char *packed, const char *text)
{
  const char *end = text + strlen (text);
  char *next = packed;
  while (text < end)
    {
      const char *plain = text;
      unsigned int i = PACK_COUNT;
      while (text < end && text - plain < UCHAR_MAX
	     && (i = pack_find (text, (size_t) (end - text))) == PACK_COUNT)
	text++;
      size_t length = (size_t) (text - plain);
      *next++ = (char) length;
      next = mempcpy (next, plain, length);
      *next++ = (char) (i < PACK_COUNT ? i + 1 : 0);
      text += i < PACK_COUNT ? pack_phrases[i].length : 0;
    }
  return (size_t) (next - packed);
}

/* The phrase of NUMBER; that without text if there is none.  */
static const struct pack_phrase *
pack_phrase (unsigned char number)
{
  static const struct pack_phrase none = { 0, "" };
  return number > 0 && number <= PACK_COUNT ? &pack_phrases[number - 1] : &none;
}

/* Read the run at *PACKED, which moves on to the next one; END is that of all.
   The phrase in it, after LENGTH bytes that begin with the second one.  */
static const struct pack_phrase *
pack_read (const char **packed, const char *end, size_t *length)
{
  size_t left = (size_t) (end - *packed) - 1;
  *length = (unsigned char) **packed;
  if (*length >= left)
    {
      *length = left;
      *packed = end;
      return pack_phrase (0);
    }
  const char *number = *packed + 1 + *length;
  *packed = number + 1;
  return pack_phrase ((unsigned char) *number);
}

void
state_unpack (struct text *out, const char *packed, size_t length)
{
  enum { RUN_MAX = UCHAR_MAX + sizeof pack_phrases->text };
  const char *end = packed + length;
  size_t plain;
  while (packed < end)
    {
      const char *run = packed;
      const struct pack_phrase *phrase = pack_read (&packed, end, &plain);
      if (out->capacity - out->length <= RUN_MAX
	  && !text_reserve (out, RUN_MAX))
	return;
      char *next = out->bytes + out->length;
      next = mempcpy (next, run + 1, plain);
      for (size_t i = 0; i < phrase->length; i += PACK_CHUNK)
	memcpy (next + i, phrase->text + i, PACK_CHUNK);
      next[phrase->length] = '\0';
      out->length += plain + phrase->length;
    }
}
