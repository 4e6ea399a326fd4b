/* i18n.c -- messages in the user's language.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "i18n.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* More than any errno of Linux.  */
enum { I18N_ERRORS = 134 };

/* NULL where English will do.  */
static const char *i18n_errors[I18N_ERRORS];

#ifdef ENABLE_NLS

/* Made by the linker; NULL in a program without such messages.  */
extern const char *volatile __start_i18n_messages[] __attribute__ ((weak));
extern const char *volatile __stop_i18n_messages[] __attribute__ ((weak));

/* Does the environment ask for a locale such as C or C.UTF-8?  To look for
   catalogues for these would take a dozen files, none of which is there.  */
static bool
i18n_is_english (void)
{
  static const char *const variables[]
    = { "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG" };
  const char *value = NULL;

  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
    if ((value = getenv (variables[i])) != NULL && *value != '\0')
      return (strcmp (value, "POSIX") == 0
	      || (value[0] == 'C' && (value[1] == '\0' || value[1] == '.')));
  return true;
}

void
i18n_begin (void)
{
  const char *directory = secure_getenv ("TEXTDOMAINDIR");

  if (i18n_is_english ())
    {
      setlocale (LC_MESSAGES, "C");
      return;
    }
  setlocale (LC_MESSAGES, "");
  bindtextdomain ("shepherd", directory != NULL ? directory : LOCALEDIR);
  textdomain ("shepherd");
}

void
i18n_keep (void)
{
  if (strcmp (setlocale (LC_MESSAGES, NULL), "C") == 0)
    return;
  for (const char *volatile *message = __start_i18n_messages;
       message < __stop_i18n_messages; message++)
    *message = gettext (*message);
  for (int error = 1; error < I18N_ERRORS; error++)
    i18n_errors[error] = strerror (error);
}

#else

void
i18n_begin (void)
{
  setlocale (LC_MESSAGES, "C");
}

void
i18n_keep (void)
{
}

#endif

const char *
i18n_error (int error)
{
  if (error > 0 && error < I18N_ERRORS && i18n_errors[error] != NULL)
    return i18n_errors[error];
  return strerror (error);
}
