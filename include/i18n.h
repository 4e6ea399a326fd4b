/* i18n.h -- messages in the user's language, where gettext is at hand.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef I18N_H
#define I18N_H

#ifdef ENABLE_NLS
# include <libintl.h>
# define _(message) gettext (message)
# define P_(one, many, number) ngettext (one, many, number)
#else
# define _(message) (message)
# define P_(one, many, number) ((number) == 1 ? (one) : (many))
#endif

/* Marks a string of a constant table for translation later.  */
#define N_(message) message

#endif
