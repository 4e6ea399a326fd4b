/* log.h -- what happened to all services: `herd log'.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef LOG_H
#define LOG_H

#include "display.h"
#include "sexp.h"

/* Print the status changes of the list SERVICES, oldest first.  How many
   there were, or -ENOMEM.  */
long log_display (const struct display *display, const struct sexp *services);

#endif
