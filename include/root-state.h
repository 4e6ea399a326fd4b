/* root-state.h -- what clients see before Scheme runs.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef ROOT_STATE_H
#define ROOT_STATE_H

#include "mailbox.h"

/* Publish to TO_CORE service root, which is starting; LOG_FILE may be
   NULL.  0 or -errno.  */
int root_state_publish (struct mailbox *to_core, const char *log_file);

#endif
