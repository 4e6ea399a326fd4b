/* start-options.c -- how shepherd is to be started.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "start-options.h"

#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "default-socket.h"
#include "i18n.h"
#include "options.h"
#include "report.h"

enum start_key
{
  START_CONFIG, START_SOCKET, START_LOG_FILE, START_SYSLOG, START_PID,
  START_INSECURE, START_SILENT
};

static const struct option_spec start_specs[] =
{
  { "config", 'c', OPTION_ARGUMENT, N_("FILE"),
    N_("read configuration from FILE"), START_CONFIG },
  { "socket", 's', OPTION_ARGUMENT, N_("FILE"),
    N_("listen for commands on FILE"), START_SOCKET },
  { "logfile", 'l', OPTION_ARGUMENT, N_("FILE"),
    N_("log to FILE"), START_LOG_FILE },
  { "syslog", 0, OPTION_OPTIONAL, N_("FILE"),
    N_("log to the syslog socket FILE or /dev/log"), START_SYSLOG },
  { "pid", 0, OPTION_OPTIONAL, N_("FILE"),
    N_("write the PID to FILE or standard output"), START_PID },
  { "insecure", 'I', OPTION_PLAIN, NULL,
    N_("do not check the directory of the socket"), START_INSECURE },
  { "silent", 'S', OPTION_PLAIN, NULL,
    N_("write nothing to standard output"), START_SILENT },
  { "quiet", 0, OPTION_PLAIN, NULL, NULL, START_SILENT },
  { NULL, 0, OPTION_PLAIN, NULL, NULL, 0 }
};

/* STRING, unless memory was out for it.  */
static char *
start_check (char *string)
{
  if (string != NULL)
    return string;
  report_error (stderr, "shepherd", _("out of memory"));
  exit (EXIT_FAILURE);
}

/* A string of its own, for as long as the process lives.  */
static char *
start_format (const char *format, ...)
{
  char *result;
  va_list arguments;

  va_start (arguments, format);
  if (vasprintf (&result, format, arguments) < 0)
    result = NULL;
  va_end (arguments);
  return start_check (result);
}

const char *
start_options_absolute (const char *file)
{
  char directory[PATH_MAX];

  if (file[0] == '/' || getcwd (directory, sizeof directory) == NULL)
    return file;
  return start_format ("%s%s%s", directory, directory[1] ? "/" : "", file);
}

/* Complain unless OPTION got a VALUE to work with.  */
static int
start_need (const char *option, const char *value)
{
  if (value != NULL && *value != '\0')
    return 0;
  report_error (stderr, "shepherd", _("option '%s' needs a file name"),
		option);
  return EXIT_FAILURE;
}

static int
start_handle (int key, const char *value, void *closure)
{
  struct start_options *options = closure;

  switch (key)
    {
    case START_CONFIG:
      options->config_file = value;
      return start_need ("--config", value);
    case START_SOCKET:
      options->socket_file = value;
      return start_need ("--socket", value);
    case START_LOG_FILE:
      options->log_file = value;
      return start_need ("--logfile", value);
    case START_SYSLOG:
      options->syslog = true;
      if (value != NULL && *value != '\0')
	options->syslog_file = value;
      break;
    case START_PID:
      options->pid = true;
      options->pid_file = value != NULL && *value != '\0' ? value : NULL;
      break;
    case START_INSECURE:
      options->insecure = true;
      break;
    case START_SILENT:
      options->silent = true;
      break;
    }
  return 0;
}

/* Environment variable NAME, or NULL when it says nothing.  */
static const char *
start_environment (const char *name)
{
  const char *value = getenv (name);

  return value != NULL && *value != '\0' ? value : NULL;
}

static const char *
start_home (void)
{
  const char *home = start_environment ("HOME");
  const struct passwd *entry;

  if (home != NULL)
    return home;
  entry = getpwuid (getuid ());
  return entry != NULL ? start_format ("%s", entry->pw_dir) : "/";
}

/* The directory that environment variable NAME tells, or else SUFFIX below
   the home directory.  */
static const char *
start_user_directory (const char *name, const char *suffix)
{
  const char *directory = start_environment (name);

  return directory != NULL ? directory
    : start_format ("%s/%s", start_home (), suffix);
}

static void
start_default_socket (struct start_options *options)
{
  struct text directory = TEXT_EMPTY, file = TEXT_EMPTY;

  default_socket_directory (&directory);
  options->socket_directory = start_check (text_steal (&directory));
  if (options->socket_file != NULL)
    return;
  default_socket (&file);
  options->socket_file = start_check (text_steal (&file));
}

static void
start_default_config (struct start_options *options)
{
  if (options->config_file != NULL)
    return;
  options->config_default = true;
  if (getuid () == 0)
    options->config_file = SYSCONFDIR "/shepherd.scm";
  else
    options->config_file
      = start_format ("%s/shepherd/init.scm",
		      start_user_directory ("XDG_CONFIG_HOME", ".config"));
}

static void
start_default_log (struct start_options *options)
{
  if (options->init && options->log_file == NULL)
    options->syslog = true;
  if (options->syslog)
    options->log_file = NULL;
  else if (options->log_file == NULL)
    {
      options->log_default = true;
      options->log_file
	= start_format ("%s/shepherd/shepherd.log",
			start_user_directory ("XDG_STATE_HOME",
					      ".local/state"));
    }
  if (options->log_file != NULL)
    options->log_file = start_options_absolute (options->log_file);
  if (options->syslog_file == NULL)
    options->syslog_file = "/dev/log";
}

int
start_options_parse (struct start_options *options, int argc, char **argv)
{
  /* The kernel gives an init the words that it does not know itself: they
     must not keep the machine from starting.  */
  struct option_program program = {
    .name = "shepherd",
    .arguments = "",
    .description = N_("Start and supervise services."),
    .options = start_specs,
    .handle = start_handle
  };
  int words = 0, status;

  *options = (struct start_options) { .init = getpid () == 1 };
  program.takes_words = options->init;
  status = options_parse (&program, argc, argv, &words, options);
  if (status != OPTIONS_GO_ON && !(options->init && status > 0))
    return status;
  start_default_socket (options);
  start_default_config (options);
  start_default_log (options);
  if (options->pid_file != NULL)
    options->pid_file = start_options_absolute (options->pid_file);
  return START_OPTIONS_GO_ON;
}
