/* log-image.c -- what a logger leaves to its successor, in a memory file.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "log-image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Regions start at multiples of this; the header has the first.  */
#define LOG_IMAGE_PAGE ((uint64_t) 4096)

static uint64_t
round_up (uint64_t size, uint64_t unit)
{
  return (size + unit - 1) / unit * unit;
}

int
log_image_new (struct log_image *image, char *buffer, size_t size)
{
  int fd = memfd_create ("shepherd-log", MFD_CLOEXEC);
  if (fd < 0)
    return -errno;
  log_image_adopt (image, fd, buffer, size);
  log_image_begin (image, 0);
  int result = log_image_commit (image, 0);
  if (result < 0)
    close (fd);
  return result;
}

void
log_image_adopt (struct log_image *image, int fd, char *buffer, size_t size)
{
  struct stat status;
  *image = (struct log_image)
    { .fd = fd, .buffer = buffer, .size = size,
      .old_start = LOG_IMAGE_PAGE, .old_end = LOG_IMAGE_PAGE };
  if (fstat (fd, &status) == 0 && status.st_size > (off_t) LOG_IMAGE_PAGE)
    image->old_end = round_up ((uint64_t) status.st_size, LOG_IMAGE_PAGE);
  image->start = image->end = image->old_end;
}

void
log_image_begin (struct log_image *image, uint64_t expected)
{
  bool fits = expected > 0 && LOG_IMAGE_PAGE + expected <= image->old_start;
  image->start = fits ? LOG_IMAGE_PAGE
    : round_up (image->old_end, LOG_IMAGE_PAGE);
  image->end = image->start;
  image->garbage = 0;
  image->filled = 0;
  image->error = 0;
}

/* Write all of DATA at OFFSET.  0 or -errno.  */
static int
log_image_write (const struct log_image *image, const void *data,
		 size_t length, uint64_t offset)
{
  for (const char *at = data; length > 0;)
    {
      ssize_t n = pwrite (image->fd, at, length, (off_t) offset);
      if (n < 0 && errno == EINTR)
	continue;
      if (n <= 0)
	return n < 0 ? -errno : -ENOSPC;
      at += n;
      length -= (size_t) n;
      offset += (size_t) n;
    }
  return 0;
}

static void
log_image_flush (struct log_image *image)
{
  int result = log_image_write (image, image->buffer, image->filled,
				image->end - image->filled);
  if (result < 0)
    image->error = -result;
  image->filled = 0;
}

static void
log_image_append (struct log_image *image, const void *data, size_t length)
{
  for (const char *at = data; length > 0;)
    {
      size_t room = image->size - image->filled;
      size_t part = length < room ? length : room;
      memcpy (image->buffer + image->filled, at, part);
      image->filled += part;
      image->end += part;
      at += part;
      length -= part;
      if (image->filled == image->size)
	log_image_flush (image);
    }
}

uint64_t
log_image_put (struct log_image *image, const struct log_record *record)
{
  static const char zeros[8];
  const char *path = record->path != NULL ? record->path : "";
  const char *prefix = record->prefix != NULL ? record->prefix : "";
  struct log_image_entry entry = {
    .kind = (uint16_t) record->kind, .flags = (uint16_t) record->flags,
    .number = record->number, .seconds = record->seconds, .fd = record->fd,
    .history = record->history, .path_length = (uint32_t) strlen (path),
    .prefix_length = (uint32_t) strlen (prefix),
    .text_length = (uint32_t) record->length
  };
  size_t length = sizeof entry + entry.path_length + 1
    + entry.prefix_length + 1 + entry.text_length + 1;
  uint64_t offset = image->end;
  entry.length = (uint32_t) round_up (length, 8);
  log_image_append (image, &entry, sizeof entry);
  log_image_append (image, path, entry.path_length + 1);
  log_image_append (image, prefix, entry.prefix_length + 1);
  log_image_append (image, record->text, entry.text_length);
  log_image_append (image, zeros, 1 + entry.length - length);
  return offset;
}

/* Give the memory of the region that counted back.  */
static void
log_image_punch (const struct log_image *image)
{
  uint64_t end = round_up (image->old_end, LOG_IMAGE_PAGE);
  if (end > image->old_start)
    fallocate (image->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	       (off_t) image->old_start, (off_t) (end - image->old_start));
}

int
log_image_commit (struct log_image *image, unsigned int flags)
{
  struct log_image_header header = { .magic = LOG_IMAGE_MAGIC,
    .version = LOG_IMAGE_VERSION, .flags = flags, .start = image->start,
    .end = image->end };
  log_image_flush (image);
  int result = -image->error;
  /* Less than a page is written whole or not at all.  */
  if (result == 0)
    result = log_image_write (image, &header, sizeof header, 0);
  if (result < 0)
    {
      image->start = image->old_start;
      image->end = image->old_end;
      image->error = 0;
      return result;
    }
  if (image->start != image->old_start)
    log_image_punch (image);
  image->old_start = image->start;
  image->old_end = image->end;
  return 0;
}

void
log_image_end (struct log_image *image, uint64_t offset)
{
  static const uint16_t nothing = LOG_RECORD_NOTHING;
  uint32_t length;
  if (pread (image->fd, &length, sizeof length, (off_t) offset)
      == sizeof length)
    image->garbage += length;
  log_image_write (image, &nothing, sizeof nothing,
		   offset + offsetof (struct log_image_entry, kind));
}

int
log_reader_init (struct log_reader *reader, const char *bytes, size_t size)
{
  struct log_image_header header;
  *reader = (struct log_reader) { .bytes = bytes, .size = size };
  if (size < sizeof header)
    return -EINVAL;
  memcpy (&header, bytes, sizeof header);
  if (memcmp (header.magic, LOG_IMAGE_MAGIC, sizeof header.magic) != 0)
    return -EINVAL;
  reader->version = header.version;
  reader->flags = header.flags;
  if (header.version == 0 || header.version > LOG_IMAGE_VERSION)
    return -ENOTSUP;
  if (header.start < sizeof header || header.start > header.end)
    return -EINVAL;
  if (header.start == header.end)
    return 0;			/* the file may be shorter */
  if (header.start > size)
    return -EINVAL;
  reader->position = header.start;
  reader->damaged = header.end > size;
  reader->end = reader->damaged ? size : header.end;
  return 0;
}

/* Check ENTRY, which there are LEFT bytes for.  */
static bool
log_reader_accepts (const struct log_image_entry *entry, size_t left)
{
  uint64_t texts = (uint64_t) entry->path_length + entry->prefix_length
    + entry->text_length + 3;
  return (entry->length <= left
	  && entry->length == round_up (sizeof *entry + texts, 8));
}

bool
log_reader_next (struct log_reader *reader, struct log_record *record)
{
  struct log_image_entry entry;
  size_t left = reader->end - reader->position;
  const char *text = reader->bytes + reader->position + sizeof entry;
  if (left == 0)
    return false;
  if (left >= sizeof entry)
    memcpy (&entry, text - sizeof entry, sizeof entry);
  if (left < sizeof entry || !log_reader_accepts (&entry, left)
      || text[entry.path_length] != '\0'
      || text[entry.path_length + 1 + entry.prefix_length] != '\0')
    {
      reader->damaged = true;
      reader->position = reader->end;
      return false;
    }
  *record = (struct log_record) {
    .kind = entry.kind, .flags = entry.flags, .number = entry.number,
    .seconds = entry.seconds, .fd = entry.fd, .history = entry.history,
    .path = text, .prefix = text + entry.path_length + 1,
    .length = entry.text_length
  };
  record->text = record->prefix + entry.prefix_length + 1;
  reader->position += entry.length;
  return true;
}

int
log_reader_open (struct log_reader *reader, int fd)
{
  struct stat status;
  *reader = (struct log_reader) { .bytes = NULL };
  if (fstat (fd, &status) < 0)
    return -errno;
  if (!S_ISREG (status.st_mode)
      || status.st_size < (off_t) sizeof (struct log_image_header))
    return -EINVAL;
  void *map = mmap (NULL, (size_t) status.st_size, PROT_READ, MAP_PRIVATE,
		    fd, 0);
  if (map == MAP_FAILED)
    return -errno;
  return log_reader_init (reader, map, (size_t) status.st_size);
}

void
log_reader_close (struct log_reader *reader)
{
  if (reader->bytes != NULL)
    munmap ((void *) reader->bytes, reader->size);
  reader->bytes = NULL;
}
