/* text.h -- a growable buffer of bytes.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   BYTES always holds a NUL after LENGTH bytes once something was added.
   When memory runs out, FAILED becomes true and later additions do nothing,
   so that a caller may append many pieces and check once.  */

#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text
{
  char *bytes;			/* malloc'ed, or NULL while empty */
  size_t length, capacity;
  bool failed;
};

#define TEXT_EMPTY { NULL, 0, 0, false }

void text_init (struct text *text);

/* Make room for MORE further bytes.  False when memory is out.  */
bool text_reserve (struct text *text, size_t more);

void text_append (struct text *text, const char *bytes, size_t length);
void text_append_string (struct text *text, const char *string);
void text_append_char (struct text *text, char c);
void text_printf (struct text *text, const char *format, ...)
  __attribute__ ((format (printf, 2, 3)));

/* Forget the contents, keeping the memory.  */
void text_clear (struct text *text);

/* Return the contents (never NULL: "" while empty).  They belong to TEXT.  */
const char *text_string (const struct text *text);

/* Return the malloc'ed contents and leave TEXT empty; NULL if it failed.  */
char *text_steal (struct text *text);

void text_free (struct text *text);

#endif
