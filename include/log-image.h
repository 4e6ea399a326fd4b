/* log-image.h -- what a logger leaves to its successor, in a memory file.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The file is a header and, somewhere behind it, a region of records.  Only
   the region that the header tells of counts; the header is written last and
   at once, so that whoever dies in between leaves the region that was there.
   While a logger runs, the region is a table of its sources, so that their
   pipes are found again whatever happens.  When it is saved, a new region
   has all that it knows, and is marked as complete.

   Format, version 1 (native byte order: it never leaves the machine):
     1  first version.
   Successors must skip records of a kind that they do not know.

   Writing uses system calls and the given buffer, and no heap: a crash may
   have left that locked, or in pieces.  */

#ifndef LOG_IMAGE_H
#define LOG_IMAGE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_IMAGE_MAGIC "SHEPLOGS"
#define LOG_IMAGE_VERSION 1

enum log_image_flags
{
  LOG_IMAGE_COMPLETE = 1	/* all is there: no line is missing */
};

struct log_image_header
{
  char magic[8];
  uint32_t version;
  uint32_t flags;		/* set of enum log_image_flags */
  uint64_t start, end;		/* of the region, from the file's start */
};
static_assert (sizeof (struct log_image_header) == 32, "on-file layout");

/* A record; then path, prefix and text, each with a NUL, padding to 8
   bytes.  */
struct log_image_entry
{
  uint32_t length;		/* of the whole record, a multiple of 8 */
  uint16_t kind, flags;
  uint64_t number;
  int64_t seconds;
  int32_t fd;
  uint32_t history;
  uint32_t path_length, prefix_length, text_length;
  uint32_t reserved;
};
static_assert (sizeof (struct log_image_entry) == 48, "on-file layout");

enum log_record_kind
{
  LOG_RECORD_NOTHING,		/* it ended */
  LOG_RECORD_SOURCE,		/* FD its pipe, PATH where it goes to, PREFIX,
				   NUMBER and HISTORY of its ring (0: none);
				   TEXT an unfinished line */
  LOG_RECORD_SINK,		/* PATH, FD (-1: none); FLAGS its kind and
				   what follows; NUMBER of lines that were
				   dropped and not told of */
  LOG_RECORD_JOB,		/* TEXT to be written to the sink before;
				   NUMBER of lost lines that it tells of */
  LOG_RECORD_RING,		/* NUMBER, HISTORY */
  LOG_RECORD_RING_LINE,		/* SECONDS, TEXT; in the ring before */
  LOG_RECORD_LINE,		/* TEXT of the daemon, not yet cut; FLAGS as
				   those of MESSAGE_LOG_LINE */
  LOG_RECORD_FORGET		/* forget the ring NUMBER */
};

enum log_source_flags
{
  LOG_SOURCE_AFTER_CR = 1,	/* an LF that comes next ends no line */
  LOG_SOURCE_BARE = 2,		/* lines bring their stamps with them */
  LOG_SOURCE_JOURNAL = 4	/* PATH is the system log's socket */
};

enum log_sink_flags
{
  LOG_SINK_KIND = 3,		/* mask: see enum outlet_kind */
  LOG_SINK_UNSURE = 4		/* what is to be written may have been */
};

struct log_record
{
  enum log_record_kind kind;
  unsigned int flags;
  uint64_t number;
  int64_t seconds;
  int fd;
  uint32_t history;
  const char *path, *prefix;	/* NULL is ""; texts that are read are valid
				   as long as the bytes */
  const char *text;
  size_t length;		/* of TEXT */
};

struct log_image
{
  int fd;
  char *buffer;			/* may be used elsewhere between calls */
  size_t size, filled;		/* of BUFFER */
  uint64_t start, end;		/* of the region being written */
  uint64_t old_start, old_end;	/* of the one that counts */
  uint64_t garbage;		/* bytes of records that ended */
  int error;			/* errno, or 0 */
};

/* Make a file with no record.  0 or -errno.  */
int log_image_new (struct log_image *image, char *buffer, size_t size);

/* Go on with the file FD.  What it says counts until the first commit.  */
void log_image_adopt (struct log_image *image, int fd, char *buffer,
		      size_t size);

/* Start a new region, of EXPECTED bytes at most (0: nobody knows).  */
void log_image_begin (struct log_image *image, uint64_t expected);

/* Append RECORD.  Where it is.  */
uint64_t log_image_put (struct log_image *image,
			const struct log_record *record);

/* Let what was put count.  0, or -errno; then all is as it was.  */
int log_image_commit (struct log_image *image, unsigned int flags);

/* Take back the record at OFFSET, which counts.  */
void log_image_end (struct log_image *image, uint64_t offset);

struct log_reader
{
  const char *bytes;
  size_t size, position, end;
  unsigned int version, flags;
  bool damaged;			/* there was more that is not readable */
};

/* Read the image of SIZE BYTES, aligned to 8.  0; -ENOTSUP if its version is
   not known; -EINVAL if it is none.  */
int log_reader_init (struct log_reader *reader, const char *bytes,
		     size_t size);

/* Read the next record.  False at the end.  */
bool log_reader_next (struct log_reader *reader, struct log_record *record);

/* As log_reader_init for the file FD, which is mapped until the close.  0 or
   -errno.  */
int log_reader_open (struct log_reader *reader, int fd);
void log_reader_close (struct log_reader *reader);

#endif
