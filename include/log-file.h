/* log-file.h -- opening log files.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef LOG_FILE_H
#define LOG_FILE_H

#include <sys/types.h>

/* Open PATH for appending, created with mode 0640, nonblocking (a FIFO that
   nobody reads is ENXIO) and close-on-exec.  Missing directories are made
   with DIRECTORY_MODE, less the umask; existing ones stay as they are.  The
   descriptor or -errno.  Waits for the disk.  */
int log_file_open (const char *path, mode_t directory_mode);

/* Make the directories that PATH is in.  0 or -errno.  */
int log_file_make_directories (const char *path, mode_t mode);

#endif
