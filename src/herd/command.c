/* command.c -- what clients ask of the daemon.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "command.h"

#include <errno.h>
#include <string.h>

#include "sexp.h"

static void
write_string (struct text *out, const char *string)
{
  sexp_write_string (out, string, strlen (string));
}

/* Append #:KEYWORD "VALUE", unless VALUE is NULL.  */
static void
write_option (struct text *out, const char *keyword, const char *value)
{
  if (value == NULL)
    return;
  text_printf (out, " #:%s ", keyword);
  write_string (out, value);
}

/* The same for a file, whose name is made absolute.  */
static void
write_file_option (struct text *out, const char *keyword, const char *file,
		   const char *directory)
{
  if (file == NULL || file[0] == '/')
    {
      write_option (out, keyword, file);
      return;
    }
  struct text name = TEXT_EMPTY;
  text_append_string (&name, directory);
  if (name.length == 0 || name.bytes[name.length - 1] != '/')
    text_append_char (&name, '/');
  text_append_string (&name, file);
  out->failed |= name.failed;
  write_option (out, keyword, text_string (&name));
  text_free (&name);
}

static void
write_arguments (struct text *out, const struct command *command,
		 const char *directory)
{
  size_t start = out->length;

  for (size_t i = 0; i < command->argument_count; i++)
    {
      text_append_char (out, ' ');
      write_string (out, command->arguments[i]);
    }
  if (command->name != NULL)
    {
      text_append_string (out, " #:name ");
      sexp_write_symbol (out, command->name, strlen (command->name));
    }
  write_file_option (out, "directory", command->directory, directory);
  if (command->environment_count > 0)
    {
      text_append_string (out, " #:extra-environment-variables (");
      for (size_t i = command->environment_count; i-- > 0; )
	{
	  write_string (out, command->environment[i]);
	  text_append_string (out, i > 0 ? " " : ")");
	}
    }
  write_file_option (out, "log-file", command->log_file, directory);
  write_option (out, "user", command->user);
  write_option (out, "group", command->group);
  if (!out->failed && out->length > start)
    out->bytes[start] = '(';
  else
    text_append_char (out, '(');
  text_append_char (out, ')');
}

int
command_write (struct text *out, const struct command *command,
	       const char *directory)
{
  size_t start = out->length, used;
  struct sexp_scanner scanner;

  text_append_string (out, "(shepherd-command (version 0) (action ");
  sexp_write_symbol (out, command->action, strlen (command->action));
  text_append_string (out, ") (service ");
  sexp_write_symbol (out, command->service, strlen (command->service));
  text_append_string (out, ") (arguments ");
  write_arguments (out, command, directory);
  text_append_string (out, ") (directory ");
  write_string (out, directory);
  text_append_string (out, "))");
  if (out->failed)
    return -ENOMEM;

  /* Only bytes that are no UTF-8 can make it an invalid datum.  */
  sexp_scan_init (&scanner);
  if (sexp_scan (&scanner, out->bytes + start, out->length - start, &used)
      != SEXP_COMPLETE)
    return -EILSEQ;
  return 0;
}
