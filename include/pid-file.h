/* pid-file.h -- telling others our process ID.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef PID_FILE_H
#define PID_FILE_H

/* Make FILE hold the decimal PID of this process, without newline, mode
   0600, at once: readers see all of it or none.  0 or -errno.  Waits for the
   disk.  */
int pid_file_write (const char *file);

/* Remove FILE if it still names this process.  */
void pid_file_remove (const char *file);

#endif
