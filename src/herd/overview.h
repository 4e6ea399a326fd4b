/* overview.h -- all services at a glance: `herd status'.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef OVERVIEW_H
#define OVERVIEW_H

#include "display.h"
#include "sexp.h"

/* Print the list SERVICES, by what they are up to.  0 or -ENOMEM.  */
int overview_display (const struct display *display,
		      const struct sexp *services);

#endif
