/* primitive.c -- conversions that the primitives share.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "primitive.h"

void
primitive_raise (const char *who, int error)
{
  errno = error < 0 ? -error : error;
  scm_syserror (who);
}

uint64_t
primitive_id (SCM id)
{
  return scm_to_unsigned_integer (id, 1, INT64_MAX);
}

char *
primitive_owned_string (SCM x)
{
  size_t length;
  char *bytes = scm_to_utf8_stringn (x, &length);
  char *string = realloc (bytes, length + 1);

  if (string == NULL)
    {
      free (bytes);
      primitive_raise ("%string", ENOMEM);
    }
  string[length] = '\0';
  if (strlen (string) != length)
    {
      free (string);
      scm_misc_error (NULL, "string contains #\\nul character: ~S",
		      scm_list_1 (x));
    }
  return string;
}

char *
primitive_string (SCM x)
{
  char *string = primitive_owned_string (x);

  scm_dynwind_free (string);
  return string;
}

bool
primitive_is_ascii (const char *text, size_t length)
{
  unsigned char all = 0;

  for (size_t i = 0; i < length; i++)
    all |= (unsigned char) text[i];
  return all < 0x80;
}

SCM
primitive_from_text (const char *text, size_t length)
{
  /* What follows sets up a converter each time.  */
  if (primitive_is_ascii (text, length))
    return scm_from_latin1_stringn (text, length);
  return scm_from_stringn (text, length, "UTF-8",
			   SCM_FAILED_CONVERSION_QUESTION_MARK);
}
