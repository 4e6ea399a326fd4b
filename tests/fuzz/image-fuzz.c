/* image-fuzz.c -- the log that a predecessor left.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   What can be read of an image can be written to another one, where the
   same is read.  */

#include <config.h>

#include "fuzz.h"

#include <string.h>
#include <unistd.h>

#include "log-image.h"

static bool
same_text (const char *one, const char *other, size_t length)
{
  return length == 0 || memcmp (one, other, length) == 0;
}

static void
check_same (const struct log_record *one, const struct log_record *other)
{
  fuzz_expect (one->kind == other->kind && one->flags == other->flags
	       && one->number == other->number
	       && one->seconds == other->seconds && one->fd == other->fd
	       && one->history == other->history
	       && one->length == other->length);
  fuzz_expect (strcmp (one->path, other->path) == 0);
  fuzz_expect (strcmp (one->prefix, other->prefix) == 0);
  fuzz_expect (same_text (one->text, other->text, one->length));
}

/* Read BYTES again; the same must be in the image in FD.  */
static void
check_copy (const char *bytes, size_t size, int fd, unsigned int flags)
{
  struct log_reader reader, copy;
  struct log_record one, other;
  fuzz_expect (log_reader_init (&reader, bytes, size) == 0);
  fuzz_expect (log_reader_open (&copy, fd) == 0);
  fuzz_expect (copy.version == LOG_IMAGE_VERSION && copy.flags == flags);
  while (log_reader_next (&reader, &one))
    {
      fuzz_expect (log_reader_next (&copy, &other));
      check_same (&one, &other);
    }
  fuzz_expect (!log_reader_next (&copy, &other) && !copy.damaged);
  log_reader_close (&copy);
}

/* Whatever was put, none of it counts after an end or a new region.  */
static void
check_ends (struct log_image *image, uint64_t first)
{
  struct log_reader reader;
  struct log_record record;
  if (first != 0)
    {
      log_image_end (image, first);
      fuzz_expect (log_reader_open (&reader, image->fd) == 0);
      fuzz_expect (log_reader_next (&reader, &record));
      fuzz_expect (record.kind == LOG_RECORD_NOTHING);
      log_reader_close (&reader);
    }
  log_image_begin (image, 0);
  fuzz_expect (log_image_commit (image, 0) == 0);
  fuzz_expect (log_reader_open (&reader, image->fd) == 0);
  fuzz_expect (!log_reader_next (&reader, &record) && !reader.damaged);
  log_reader_close (&reader);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
  const char *text = (const char *) bytes;
  struct log_reader reader;
  struct log_record record;
  struct log_image image;
  char buffer[64];
  uint64_t first = 0;
  if (log_reader_init (&reader, text, size) < 0)
    return 0;
  fuzz_expect (log_image_new (&image, buffer, sizeof buffer) == 0);
  while (log_reader_next (&reader, &record))
    {
      uint64_t offset = log_image_put (&image, &record);
      first = first == 0 ? offset : first;
    }
  fuzz_expect (log_image_commit (&image, 5) == 0);
  check_copy (text, size, image.fd, 5);
  check_ends (&image, first);
  close (image.fd);
  return 0;
}
