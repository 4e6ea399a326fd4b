/* ending.h -- commands that end the daemon or the machine.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef ENDING_H
#define ENDING_H

#include <stdbool.h>

#include "message.h"
#include "sexp.h"

/* Is a kernel loaded that kexec would start?  Sysfs answers from memory: this
   does not wait for a disk.  */
bool ending_kexec_loaded (void);

/* Does ACTION of SERVICE end the daemon?  Then *HOW tells in which way; a
   PID 1, INIT, obeys more of these, for it ends the machine, and kexec only
   if a kernel is loaded.  */
bool ending_find (const struct sexp *action, const struct sexp *service,
		  bool init, enum shutdown_how *how);

#endif
