/* log-fuzz.c -- what services write, on its way to a ring and a file.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "fuzz.h"

#include <string.h>
#include <unistd.h>

#include "cutter.h"
#include "later.h"
#include "logger/sink.h"
#include "sexp.h"
#include "text.h"
#include "utf8.h"

#define PREFIX "fuzz[1] "
#define HISTORY 16

/* Lines, each with its length before it.  */
static void
keep_line (void *closure, const char *line, size_t length)
{
  struct text *lines = closure;
  fuzz_expect (length <= CUTTER_LINE_MAX);
  text_append (lines, (const char *) &length, sizeof length);
  text_append (lines, line, length);
}

/* Cut the bytes after FILL more, in pieces if STATE is not NULL.  */
static void
cut (struct text *lines, const char *bytes, size_t size, size_t fill,
     uint64_t *state)
{
  static char filler[CUTTER_LINE_MAX];
  struct cutter cutter = { .partial = NULL };
  memset (filler, 'x', sizeof filler);
  cutter_feed (&cutter, filler, fill, keep_line, lines);
  for (size_t at = 0; at < size;)
    {
      size_t piece = state == NULL ? size : fuzz_piece (state, size - at);
      cutter_feed (&cutter, bytes + at, piece, keep_line, lines);
      at += piece;
    }
  cutter_end (&cutter, keep_line, lines);
}

/* Whatever the pieces that it comes in, lines are the same.  */
static void
check_cutter (const char *bytes, size_t size, uint64_t *state)
{
  struct text whole = TEXT_EMPTY, pieces = TEXT_EMPTY;
  size_t fill = fuzz_next (state) % 4 > 0 ? 0
    : CUTTER_LINE_MAX - fuzz_next (state) % 8;
  cut (&whole, bytes, size, fill, NULL);
  cut (&pieces, bytes, size, fill, state);
  fuzz_expect (whole.length == pieces.length
	       && memcmp (text_string (&whole), text_string (&pieces),
			  whole.length) == 0);
  text_free (&whole);
  text_free (&pieces);
}

static void
check_repair (const char *bytes, size_t size)
{
  char *once = malloc (3 * size + 1), *twice = malloc (9 * size + 1);
  fuzz_expect (once != NULL && twice != NULL);
  size_t length = utf8_repair (once, bytes, size);
  fuzz_expect (length <= 3 * size);
  fuzz_expect (utf8_repair (twice, once, length) == length
	       && memcmp (once, twice, length) == 0);
  fuzz_expect (!utf8_is_ascii (bytes, size) || memcmp (once, bytes, size) == 0);
  for (size_t i = 0; i < size; i++)
    {
      size_t at = utf8_cut (bytes, i);
      fuzz_expect (at <= i && (at > 0 || i == 0));
    }
  free (once);
  free (twice);
}

/* A logger without threads.  */
struct room
{
  struct mailbox writer;
  struct sinks sinks;
  struct ring_table rings;
  struct ring *ring;
  struct sink *sink;
};

static void
room_open (struct room *room, enum outlet_kind kind)
{
  *room = (struct room) { .sinks = { .tag = "shepherd[1]: " } };
  fuzz_expect (mailbox_open (&room->writer) == 0);
  room->sinks.to_writer = &room->writer;
  strcpy (room->sinks.stamp.text, "2026-11-22 20:45:13 ");
  room->sinks.stamp.seconds = 1795380313;
  room->sink = sink_new (&room->sinks, kind, "", -1);
  room->ring = ring_use (&room->rings, 7, HISTORY);
  fuzz_expect (room->sink != NULL && room->ring != NULL);
}

static void
room_close (struct room *room)
{
  struct message *rings;
  ring_forget (&room->rings, 7);
  ring_release (room->ring);
  rings = ring_collect (&room->rings,
			message_number (MESSAGE_LOG_COLLECT, 0, 0, 0));
  message_free (rings);
  free (room->sink->outlet.path);
  free (room->sink);
  table_free (&room->rings.rings);
  mailbox_close (&room->writer);
}

/* What the writer would write.  */
static void
room_take (struct room *room, struct text *written)
{
  struct message *message;
  sink_submit (&room->sinks);
  mailbox_look (&room->writer);
  while ((message = mailbox_next (&room->writer)) != NULL)
    {
      struct job *job = (struct job *) message;
      fuzz_expect (job->length <= job->capacity);
      text_append (written, job->data, job->length);
      message_free (message);
    }
}

/* Feed the bytes to ROOM as a source does.  */
static void
room_feed (struct room *room, const char *bytes, size_t size, uint64_t *state)
{
  struct batch batch = { .sinks = &room->sinks, .sink = room->sink,
    .ring = room->ring, .prefix = PREFIX, .prefix_length = strlen (PREFIX) };
  struct cutter cutter = { .partial = NULL };
  for (size_t at = 0; at < size;)
    {
      size_t piece = fuzz_piece (state, size - at);
      batch.expected = piece;
      batch_begin (&batch);
      cutter_feed (&cutter, bytes + at, piece, batch_line, &batch);
      batch_end (&batch);
      at += piece;
      if (fuzz_next (state) % 4 == 0)
	sink_submit (&room->sinks);
    }
  batch_begin (&batch);
  cutter_end (&cutter, batch_line, &batch);
  batch_end (&batch);
}

/* The line of WRITTEN that ends before *END, which moves to its start.  */
static const char *
last_line (const struct text *written, size_t head, size_t *end,
	   size_t *length)
{
  size_t start = *end - 1;
  while (start > 0 && written->bytes[start - 1] != '\n')
    start--;
  *length = *end - 1 - start - head;
  *end = start;
  return written->bytes + start + head;
}

/* The ring must hold the last lines that were WRITTEN, each after HEAD
   bytes, newest first, whatever bytes are in them.  */
static void
check_ring (struct room *room, const struct text *written, size_t head)
{
  struct sexp_tree *tree;
  struct message *history = ring_history (&room->rings, 1, 7);
  fuzz_expect (history != NULL);
  const struct text_message *text = (const struct text_message *) history;
  fuzz_expect (sexp_parse (text->text, text->length, &tree) == 0);
  size_t end = written->length, count = 0;
  sexp_for_each (cell, sexp_root (tree))
    {
      size_t length;
      const struct sexp *line = sexp_cdr (cell->car);
      fuzz_expect (sexp_integer (sexp_car (cell->car), 0)
		   == room->sinks.stamp.seconds);
      fuzz_expect (end > 0);
      const char *expected = last_line (written, head, &end, &length);
      fuzz_expect (sexp_is (line, SEXP_STRING) && line->length == length
		   && memcmp (line->text, expected, length) == 0);
      count++;
    }
  fuzz_expect (sexp_is_list (sexp_root (tree)));
  fuzz_expect (count == HISTORY || end == 0
	       || room->ring->bytes > RING_BYTES / 2);
  sexp_free (tree);
  message_free (history);
}

static void
check_room (const char *bytes, size_t size, uint64_t *state)
{
  static const enum outlet_kind kinds[]
    = { OUTLET_FILE, OUTLET_JOURNAL, OUTLET_STDOUT };
  static const size_t heads[] = { STAMP_LENGTH, 13, 0 };
  struct room room;
  struct text written = TEXT_EMPTY;
  size_t kind = fuzz_next (state) % 3;
  room_open (&room, kinds[kind]);
  room_feed (&room, bytes, size, state);
  room_take (&room, &written);
  check_ring (&room, &written, heads[kind] + strlen (PREFIX));
  room_close (&room);
  text_free (&written);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
  uint64_t state = fuzz_seed (bytes, size);
  check_cutter ((const char *) bytes, size, &state);
  check_repair ((const char *) bytes, size);
  check_room ((const char *) bytes, size, &state);
  later_do ();
  return 0;
}
