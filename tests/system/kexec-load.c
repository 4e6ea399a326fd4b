/* kexec-load.c -- have the kernel load another one, for kexec.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Usage: kexec-load KERNEL INITRAMFS COMMAND-LINE  */

#include <config.h>

#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int
main (int argc, char **argv)
{
  if (argc != 4)
    errx (2, "usage: KERNEL INITRAMFS COMMAND-LINE");
  int kernel = open (argv[1], O_RDONLY | O_CLOEXEC);
  int initramfs = open (argv[2], O_RDONLY | O_CLOEXEC);

  if (kernel < 0 || initramfs < 0)
    err (1, "%s", argv[kernel < 0 ? 1 : 2]);
  if (syscall (SYS_kexec_file_load, kernel, initramfs, strlen (argv[3]) + 1,
	       argv[3], 0UL) < 0)
    err (1, "kexec_file_load");
  return 0;
}
