/* command.c -- the shape of a command.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "command.h"

#include <errno.h>

/* The X of element INDEX of LIST, if that is (NAME X); else NULL.  */
static const struct sexp *
command_field (const struct sexp *list, size_t index, const char *name)
{
  const struct sexp *field = sexp_nth (list, index);
  if (!sexp_is_list (field) || sexp_length (field) != 2
      || !sexp_is_symbol (sexp_car (field), name))
    return NULL;
  return sexp_nth (field, 1);
}

int
command_parse (struct command *command, const char *text, size_t length)
{
  int result = sexp_parse (text, length, &command->tree);
  if (result < 0)
    return result;
  const struct sexp *root = sexp_root (command->tree);
  command->action = command_field (root, 2, "action");
  command->service = command_field (root, 3, "service");
  command->arguments = command_field (root, 4, "arguments");
  if (sexp_is_record (root, "shepherd-command") && sexp_is_list (root)
      && sexp_length (root) == 6 && command->action != NULL
      && command->service != NULL && sexp_is_list (command->arguments)
      && command_field (root, 5, "directory") != NULL)
    return 0;
  sexp_free (command->tree);
  return -EINVAL;
}

void
command_free (struct command *command)
{
  sexp_free (command->tree);
}
