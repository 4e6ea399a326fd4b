/* command.h -- the shape of a command.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef COMMAND_H
#define COMMAND_H

#include "sexp.h"

/* A command; the data belong to TREE.  */
struct command
{
  struct sexp_tree *tree;
  const struct sexp *action, *service, *arguments;
};

/* Read the LENGTH bytes of TEXT, one datum.  0, -EINVAL if it is no command
   of a version that we know, or -ENOMEM.  On success free COMMAND.  */
int command_parse (struct command *command, const char *text, size_t length);

void command_free (struct command *command);

#endif
