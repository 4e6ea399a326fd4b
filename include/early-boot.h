/* early-boot.h -- making the process and the machine fit to work in.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef EARLY_BOOT_H
#define EARLY_BOOT_H

/* As PID 1 and root, mount the kernel's file systems where they are
   missing: /proc and /sys; /dev, unless it holds devices already; and an
   empty file system on /run.  Only empty directories on which nothing is
   mounted are used; failures are ignored.  Does nothing for others.  */
void early_boot_mount (void);

/* Make sure that descriptors 0 to 2 are open: the console as PID 1,
   /dev/null otherwise.  */
void early_boot_open_standard (void);

/* Mark all descriptors from 3 on as close-on-exec.  */
void early_boot_close_on_exec (void);

/* As PID 1, have the kernel send SIGINT for ctrl-alt-del in place of
   rebooting at once.  0 or -errno; what containers answer is no error.  */
int early_boot_catch_ctrl_alt_del (void);

#endif
