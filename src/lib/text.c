/* text.c -- a growable buffer of bytes.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
text_init (struct text *text)
{
  *text = (struct text) TEXT_EMPTY;
}

bool
text_reserve (struct text *text, size_t more)
{
  if (text->failed)
    return false;
  if (more < text->capacity - text->length)
    return true;
  if (more > SIZE_MAX / 4 || text->length > SIZE_MAX / 4)
    {
      text->failed = true;
      return false;
    }
  size_t wanted = text->length + more + 1;
  size_t capacity = text->capacity ? text->capacity : 64;
  while (capacity < wanted)
    capacity *= 2;
  char *bytes = realloc (text->bytes, capacity);
  if (bytes == NULL)
    {
      text->failed = true;
      return false;
    }
  text->bytes = bytes;
  text->capacity = capacity;
  return true;
}

void
text_append (struct text *text, const char *bytes, size_t length)
{
  if (!text_reserve (text, length))
    return;
  if (length > 0)
    memcpy (text->bytes + text->length, bytes, length);
  text->length += length;
  text->bytes[text->length] = '\0';
}

void
text_append_string (struct text *text, const char *string)
{
  text_append (text, string, strlen (string));
}

void
text_append_char (struct text *text, char c)
{
  text_append (text, &c, 1);
}

void
text_printf (struct text *text, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  int length = vsnprintf (NULL, 0, format, arguments);
  va_end (arguments);
  if (length < 0)
    {
      text->failed = true;
      return;
    }
  if (!text_reserve (text, (size_t) length))
    return;
  va_start (arguments, format);
  vsnprintf (text->bytes + text->length, (size_t) length + 1, format,
	     arguments);
  va_end (arguments);
  text->length += (size_t) length;
}

void
text_clear (struct text *text)
{
  text->length = 0;
  text->failed = false;
  if (text->bytes != NULL)
    text->bytes[0] = '\0';
}

const char *
text_string (const struct text *text)
{
  return text->length > 0 ? text->bytes : "";
}

char *
text_steal (struct text *text)
{
  if (text->failed || !text_reserve (text, 0))
    {
      text_free (text);
      return NULL;
    }
  char *bytes = text->bytes;
  bytes[text->length] = '\0';
  text_init (text);
  return bytes;
}

void
text_free (struct text *text)
{
  free (text->bytes);
  text_init (text);
}
