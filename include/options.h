/* options.h -- the command lines of all our programs.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A program describes itself and its options in constant tables; the parser
   understands --name=VALUE, --name VALUE, unambiguous prefixes, -xVALUE,
   -x VALUE, clusters of short options and `--'.  Options and other words mix
   freely.  --help, --usage and --version come by themselves.  */

#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum option_argument
{
  OPTION_PLAIN,			/* takes no argument */
  OPTION_ARGUMENT,		/* needs one */
  OPTION_OPTIONAL		/* --name or --name=VALUE */
};

struct option_spec
{
  const char *name;		/* long name, or NULL */
  char letter;			/* short name, or 0 */
  enum option_argument argument;
  const char *placeholder;	/* of the argument in --help; NULL if none;
				   not yet translated, as all below */
  const char *description;	/* for --help; NULL for a second name of the
				   option before it */
  int key;			/* given to HANDLE */
};

struct option_program
{
  const char *name;
  const char *arguments;	/* syntax of the other words, or "" */
  const char *description;
  const struct option_spec *options;	/* ended by an empty one */
  bool takes_words;

  /* Called for each option in order.  VALUE is NULL without argument.
     Returns 0 to go on; anything else ends the parsing with that result.  */
  int (*handle) (int key, const char *value, void *closure);

  FILE *output;			/* for --help and so on; NULL: stdout */
  FILE *errors;			/* NULL: stderr */
};

/* What options_parse returns if the program is to go on.  */
#define OPTIONS_GO_ON (-1)

/* Parse ARGV.  The words that are no options are moved to its front, from
   ARGV[1] on, and *WORDS is set to their number.  Returns OPTIONS_GO_ON, or
   the status to exit with: all was said already.  */
int options_parse (const struct option_program *program, int argc,
		   char **argv, int *words, void *closure);

#endif
