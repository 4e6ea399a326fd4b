/* ending.h -- commands that end the daemon or the machine.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef ENDING_H
#define ENDING_H

#include <stdbool.h>

#include "message.h"
#include "sexp.h"

/* Does ACTION of SERVICE end the daemon?  Then *HOW tells in which way; a
   PID 1, INIT, obeys more of these, for it ends the machine.  */
bool ending_find (const struct sexp *action, const struct sexp *service,
		  bool init, enum shutdown_how *how);

#endif
