/* utf8.h -- make any bytes valid UTF-8.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Are all LENGTH bytes of TEXT ASCII?  */
bool utf8_is_ascii (const char *text, size_t length);

/* Copy LENGTH bytes of FROM to TO, which has room for three times as many;
   each maximal part of an ill-formed character becomes U+FFFD.  The number
   of bytes in TO.  */
size_t utf8_repair (char *to, const char *from, size_t length);

/* The greatest length <= WANTED at which TEXT may be cut without splitting
   a character; TEXT[WANTED] must exist.  */
size_t utf8_cut (const char *text, size_t wanted);

#endif
