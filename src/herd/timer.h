/* timer.h -- timers, in the status of their service.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   VALUE is the datum (timer (version 0) ...).  */

#ifndef TIMER_H
#define TIMER_H

#include <stdint.h>

#include "display.h"
#include "sexp.h"

/* What the timer does since when; SINCE is when its service started.  */
void timer_display_state (const struct display *display,
			  const struct sexp *value, int64_t since);

/* What it runs.  */
void timer_display_action (const struct display *display,
			   const struct sexp *value);

/* What it did.  */
void timer_display_past (const struct display *display,
			 const struct sexp *value);

/* What it will do.  */
void timer_display_future (const struct display *display,
			   const struct sexp *value);

#endif
