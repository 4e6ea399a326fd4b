/* command.h -- what clients ask of the daemon.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef COMMAND_H
#define COMMAND_H

#include <stddef.h>

#include "text.h"

struct command
{
  const char *action, *service;
  char *const *arguments;
  size_t argument_count;

  /* Passed on as keyword arguments; NULL if not given.  */
  const char *name;
  const char *directory;
  const char **environment;	/* the first given first */
  size_t environment_count;
  const char *log_file;
  const char *user, *group;
};

/* Append COMMAND as the daemon expects it.  DIRECTORY is where the client
   works: relative file names are relative to it.  0, -ENOMEM, or -EILSEQ if
   a word is not valid UTF-8.  */
int command_write (struct text *out, const struct command *command,
		   const char *directory);

#endif
