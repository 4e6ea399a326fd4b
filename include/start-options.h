/* start-options.h -- how shepherd is to be started.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#ifndef START_OPTIONS_H
#define START_OPTIONS_H

#include <stdbool.h>

struct start_options
{
  const char *config_file;
  bool config_default;		/* nobody asked for CONFIG_FILE */
  const char *socket_file;
  const char *socket_directory;	/* the default one, to be created */
  const char *log_file;		/* absolute; NULL: syslog */
  bool log_default;
  const char *syslog_file;
  bool syslog;
  bool pid;			/* tell our PID, to PID_FILE or standard output */
  const char *pid_file;		/* absolute, or NULL */
  bool insecure, silent;
  bool init;			/* getpid () == 1 */
};

/* What start_options_parse returns if the program is to go on.  */
#define START_OPTIONS_GO_ON (-1)

/* Fill OPTIONS from the command line, the environment and the defaults.
   Returns START_OPTIONS_GO_ON, or the status to exit with.  Strings live as
   long as the process.  */
int start_options_parse (struct start_options *options, int argc,
			 char **argv);

/* FILE, seen from the root directory: the working directory may change.  */
const char *start_options_absolute (const char *file);

#endif
