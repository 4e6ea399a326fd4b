/* config-template.c -- a first configuration for users.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "config-template.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "i18n.h"
#include "log-file.h"

/* TRANSLATORS: each line of a comment in Scheme begins with `;;'.  */
static const char *const config_template_texts[] =
{
  N_(";; init.scm -- configuration of your own shepherd\n"),
  "\n",
  N_(";; Services of yours go into this list, for example:\n"),
  ";;\n"
  ";;   (service '(my-agent)\n"
  ";;     #:documentation \"Keep my secrets at hand.\"\n"
  ";;     #:start (make-forkexec-constructor '(\"my-agent\" \"--wait\"))\n"
  ";;     #:stop (make-kill-destructor)\n"
  ";;     #:respawn? #t)\n"
  "(register-services\n"
  " (list))\n"
  "\n",
  N_(";; Go to the background.  Without this, shepherd stays where it is.\n"),
  "(perform-service-action root-service 'daemonize)\n"
  "\n",
  N_(";; Services to start when shepherd starts: their names.\n"),
  "(start-in-the-background '())\n"
};

static int
config_template_fill (int fd)
{
  const size_t count
    = sizeof config_template_texts / sizeof *config_template_texts;

  for (size_t i = 0; i < count; i++)
    {
      const char *text = _(config_template_texts[i]);
      size_t length = strlen (text);
      ssize_t n = write (fd, text, length);

      if (n < 0)
	return -errno;
      if ((size_t) n < length)
	return -ENOSPC;
    }
  return 0;
}

int
config_template_write (const char *file)
{
  int fd, rc;

  if (access (file, F_OK) == 0)
    return 0;
  log_file_make_directories (file, 0700);
  fd = open (file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0)
    return errno == EEXIST ? 0 : -errno;
  rc = config_template_fill (fd);
  if (close (fd) < 0 && rc == 0)
    rc = -errno;
  if (rc < 0)
    unlink (file);
  return rc;
}
