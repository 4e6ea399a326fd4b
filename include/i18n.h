/* i18n.h -- messages in the user's language.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A message is marked where it stands, as a whole sentence:

     _("text")             translated at once: in client programs, and in the
			   daemon's main thread.  Takes locks, and may read
			   the catalogue.
     P_("one", "many", n)  likewise, in the form that goes with the number n
     N_("text")            in a table of constants, for _ to translate later
     R_("text")            in the rooms, which must not wait: translated by
			   i18n_keep before their threads run

   Handlers of signals say nothing.  What programs tell each other in symbols
   and fields is no message; the strings in a reply's `messages' are.  `make
   update-po' finds the marks.  */

#ifndef I18N_H
#define I18N_H

#ifdef ENABLE_NLS
# include <libintl.h>
# define _(message) gettext (message)
# define P_(one, many, number) ngettext (one, many, number)
# define R_(message) i18n_kept (message, I18N_KEEP (message))
#else
# define _(message) (message)
# define P_(one, many, number) ((number) == 1 ? (one) : (many))
# define R_(message) (message)
#endif

#define N_(message) message

/* A variable in the section that i18n_keep goes through.  */
#define I18N_KEEP(message)						\
  (__extension__ ({							\
    static const char *volatile i18n_message				\
      __attribute__ ((section ("i18n_messages"))) = message;		\
    i18n_message; }))

/* The TRANSLATION; has the compiler check MESSAGE, if it is a format.  */
static inline const char * __attribute__ ((format_arg (1)))
i18n_kept (const char *message, const char *translation)
{
  (void) message;
  return translation;
}

/* Set LC_MESSAGES as the environment asks, and have messages translated by
   catalogues below the directory that the variable TEXTDOMAINDIR names or,
   without it, by those that are installed.  */
void i18n_begin (void);

/* Translate the messages of the rooms and of i18n_error, once the locale is
   what it stays.  Before there are threads.  */
void i18n_keep (void);

/* What `strerror' says, for the rooms: reads no file.  */
const char *i18n_error (int error);

#endif
