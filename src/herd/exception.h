/* exception.h -- exceptions of the daemon as Guile's print-exception shows
   them.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef EXCEPTION_H
#define EXCEPTION_H

#include "sexp.h"

/* Append the text, without a newline at its end, for the exception with
   that KEY and list of ARGUMENTS.  Where Guile gives up for arguments that
   do not fit the key, key and arguments are shown as they are.  */
void exception_describe (struct text *out, const struct sexp *key,
			 const struct sexp *arguments);

#endif
