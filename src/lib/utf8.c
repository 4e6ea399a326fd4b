/* utf8.c -- make any bytes valid UTF-8.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "utf8.h"

#include <stdint.h>
#include <string.h>

bool
utf8_is_ascii (const char *text, size_t length)
{
  uint64_t bits = 0, word;
  size_t i = 0;

  for (; i + sizeof word <= length; i += sizeof word)
    {
      memcpy (&word, text + i, sizeof word);
      bits |= word;
    }
  for (; i < length; i++)
    bits |= (unsigned char) text[i];
  return (bits & 0x8080808080808080) == 0;
}

/* Bounds of the second byte of a character that begins with LEAD, and how
   many bytes it has; 0 if no character begins so (RFC 3629, section 4).  */
static size_t
utf8_shape (unsigned char lead, unsigned char *low, unsigned char *high)
{
  *low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  *high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  return (lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2
	  : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0);
}

/* The length of the character at P, which is before END; if it is
   ill-formed, minus the length of its maximal part.  */
static ptrdiff_t
utf8_measure (const unsigned char *p, const unsigned char *end)
{
  unsigned char low, high;
  size_t length = utf8_shape (*p, &low, &high);

  for (size_t i = 1; i < length; i++)
    {
      if (p + i == end || p[i] < low || p[i] > high)
	return -(ptrdiff_t) i;
      low = 0x80, high = 0xbf;
    }
  return length > 0 ? (ptrdiff_t) length : -1;
}

size_t
utf8_repair (char *to, const char *from, size_t length)
{
  const unsigned char *p = (const unsigned char *) from, *end = p + length;
  char *out = to;

  while (p < end)
    {
      ptrdiff_t n = utf8_measure (p, end);
      if (n > 0)
	{
	  memcpy (out, p, n);
	  out += n;
	  p += n;
	}
      else
	{
	  memcpy (out, "\xef\xbf\xbd", 3);
	  out += 3;
	  p -= n;
	}
    }
  return out - to;
}

size_t
utf8_cut (const char *text, size_t wanted)
{
  size_t cut = wanted;

  while (cut > 0 && wanted - cut < 3 && (text[cut] & 0xc0) == 0x80)
    cut--;
  return (text[cut] & 0xc0) == 0x80 || cut == 0 ? wanted : cut;
}
