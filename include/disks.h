/* disks.h -- letting go of file systems at the end.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef DISKS_H
#define DISKS_H

/* Unmount all that can be, and make the rest read-only.  For a PID 1 that has
   no other processes: it closes its own files, too.  */
void disks_let_go (void);

#endif
