/* status.h -- all about one service: `herd status SERVICE'.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef STATUS_H
#define STATUS_H

#include "display.h"
#include "sexp.h"

/* Print SERVICE.  LOGS: also its recent messages, and the runs and alarms of
   a timer.  */
void status_display (const struct display *display,
		     const struct sexp *service, bool logs);

#endif
