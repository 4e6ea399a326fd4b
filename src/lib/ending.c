/* ending.c -- commands that end the daemon or the machine.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "ending.h"

#include <fcntl.h>
#include <unistd.h>

/* Actions of service root, and what they come to for a PID 1.  */
static const struct
{
  const char *action;
  enum shutdown_how how;
} endings[] =
{
  { "stop", SHUTDOWN_REBOOT },
  { "halt", SHUTDOWN_HALT },
  { "power-off", SHUTDOWN_POWER_OFF },
  { "kexec", SHUTDOWN_KEXEC }
};

bool
ending_kexec_loaded (void)
{
  char c = '0';
  int fd = open ("/sys/kernel/kexec_loaded", O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return false;
  if (read (fd, &c, 1) != 1)
    c = '0';
  close (fd);
  return c == '1';
}

bool
ending_find (const struct sexp *action, const struct sexp *service, bool init,
	     enum shutdown_how *how)
{
  const size_t count = init ? sizeof endings / sizeof *endings : 1;

  if (!sexp_is_symbol (service, "root")
      && !sexp_is_symbol (service, "shepherd"))
    return false;
  for (size_t i = 0; i < count; i++)
    if (sexp_is_symbol (action, endings[i].action))
      {
	*how = init ? endings[i].how : SHUTDOWN_EXIT;
	return *how != SHUTDOWN_KEXEC || ending_kexec_loaded ();
      }
  return false;
}
