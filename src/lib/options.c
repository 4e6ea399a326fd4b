/* options.c -- the command lines of all our programs.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "options.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "i18n.h"
#include "report.h"

/* Column where descriptions start.  */
#define DESCRIPTION_COLUMN 30

enum { KEY_HELP = INT_MIN, KEY_USAGE, KEY_VERSION };

static const struct option_spec common_options[] = {
  { "help", 0, OPTION_PLAIN, NULL, N_("display this help and exit"),
    KEY_HELP },
  { "usage", 0, OPTION_PLAIN, NULL, N_("display a short usage message"
				       " and exit"), KEY_USAGE },
  { "version", 0, OPTION_PLAIN, NULL, N_("display version information"
					 " and exit"), KEY_VERSION },
  { 0 }
};

/* What is being parsed.  */
struct parse
{
  const struct option_program *program;
  FILE *output, *errors;
  int argc, next;		/* NEXT: index of the next word */
  char **argv;
  int words;			/* words kept so far */
  void *closure;
};

static bool
is_end (const struct option_spec *option)
{
  return option->name == NULL && option->letter == 0;
}

/* Loop over the options of PROGRAM, then the common ones.  */
static const struct option_spec *
first_option (const struct option_program *program)
{
  return is_end (program->options) ? common_options : program->options;
}

static const struct option_spec *
next_option (const struct option_spec *option)
{
  bool common = (option >= common_options
		 && option < common_options + 3);
  if (!is_end (++option))
    return option;
  return common ? NULL : common_options;
}

#define for_each_option(option, program) \
  for (const struct option_spec *option = first_option (program); \
       option != NULL; option = next_option (option))

/* The columns that TEXT takes, in the user's encoding.  */
static int
columns (const char *text)
{
  mbstate_t state = { 0 };
  int sum = 0;
  wchar_t c;

  for (size_t left = strlen (text), used; left > 0; text += used, left -= used)
    {
      used = mbrtowc (&c, text, left, &state);
      if (used <= left)
	sum += wcwidth (c) < 0 ? 1 : wcwidth (c);
      else
	{
	  used = 1;		/* not a character */
	  sum++;
	}
    }
  return sum;
}

/* What stands for other words than options, at the end of a line.  */
static void
print_arguments (const struct option_program *program, FILE *port)
{
  if (program->arguments[0] != '\0')
    fprintf (port, " %s", _(program->arguments));
  putc ('\n', port);
}

static void
print_help (const struct option_program *program, FILE *port)
{
  fprintf (port, _("%s [OPTIONS...]"), program->name);
  print_arguments (program, port);
  fprintf (port, "%s\n", _(program->description));
  for_each_option (option, program)
    {
      int column = (option->letter
		    ? fprintf (port, "  -%c", option->letter)
		    : fprintf (port, "    "));
      if (option->name != NULL)
	column += fprintf (port, "%s--%s", option->letter ? ", " : "  ",
			   option->name);
      if (option->placeholder != NULL)
	{
	  const char *word = _(option->placeholder);
	  column += columns (word) - (int) strlen (word)
	    + fprintf (port,
		       option->argument == OPTION_OPTIONAL
		       ? "[=%s]" : option->name ? "=%s" : " %s", word);
	}
      if (option->description == NULL)
	putc ('\n', port);
      else if (column >= DESCRIPTION_COLUMN)
	fprintf (port, "\n%*s%s\n", DESCRIPTION_COLUMN, "",
		 _(option->description));
      else
	fprintf (port, "%*s%s\n", DESCRIPTION_COLUMN - column, "",
		 _(option->description));
    }
  putc ('\n', port);
#ifdef PACKAGE_BUGREPORT
  if (PACKAGE_BUGREPORT[0] != '\0')
    fprintf (port, _("Report bugs to: %s.\n"), _(PACKAGE_BUGREPORT));
#endif
#if 0				/* that is */
  N_("the place where you got this from")
#endif
#ifdef PACKAGE_URL
  if (PACKAGE_URL[0] != '\0')
    fprintf (port, _("%s home page: <%s>.\n"), PACKAGE_NAME, PACKAGE_URL);
#endif
}

static void
print_usage (const struct option_program *program, FILE *port)
{
  bool flags = false;

  fputs (program->name, port);
  for_each_option (option, program)
    if (option->letter && option->argument != OPTION_ARGUMENT)
      {
	fprintf (port, flags ? "%c" : " [-%c", option->letter);
	flags = true;
      }
  if (flags)
    putc (']', port);
  for_each_option (option, program)
    if (option->letter && option->argument == OPTION_ARGUMENT)
      fprintf (port, " [-%c %s]", option->letter,
	       _(option->placeholder));
  for_each_option (option, program)
    if (option->name != NULL && option->placeholder == NULL)
      fprintf (port, " [--%s]", option->name);
    else if (option->name != NULL)
      fprintf (port, (option->argument == OPTION_OPTIONAL
		      ? " [--%s[=%s]]" : " [--%s=%s]"),
	       option->name, _(option->placeholder));
  fputs (" [--]", port);
  print_arguments (program, port);
}

static void
print_version (const struct option_program *program, FILE *port)
{
  fprintf (port, "%s (%s) %s\n", program->name, PACKAGE_NAME,
	   PACKAGE_VERSION);
  fputs (_("Copyright (C) 2026 The Shepherd authors\n"
	   "License GPLv3+: GNU GPL version 3 or later"
	   " <https://gnu.org/licenses/gpl.html>.\n"
	   "This is free software: you are free to change"
	   " and redistribute it.\n"
	   "There is NO WARRANTY, to the extent permitted by law.\n"), port);
}

static int
run (struct parse *parse, const struct option_spec *option, const char *value)
{
  const struct option_program *program = parse->program;
  switch (option->key)
    {
    case KEY_HELP:
      print_help (program, parse->output);
      break;
    case KEY_USAGE:
      print_usage (program, parse->output);
      break;
    case KEY_VERSION:
      print_version (program, parse->output);
      break;
    default:
      {
	int rc = program->handle (option->key, value, parse->closure);
	return rc == 0 ? OPTIONS_GO_ON : rc;
      }
    }
  return fflush (parse->output) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
complain (struct parse *parse, const char *message, const char *option,
	  int length, bool hint)
{
  report_error (parse->errors, parse->program->name, message, length, option);
  if (hint)
    report_hint (parse->errors, parse->program->name, _("Try '--help'."));
  return EXIT_FAILURE;
}

/* The next word, if an option may take it as its argument.  */
static const char *
take_value (struct parse *parse)
{
  if (parse->next >= parse->argc)
    return NULL;
  const char *word = parse->argv[parse->next];
  if (word[0] == '-' && word[1] != '\0')
    return NULL;
  parse->next++;
  return word;
}

/* Find the long option whose name is, or begins with, the LENGTH bytes at
   NAME.  */
static const struct option_spec *
find_long (const struct option_program *program, const char *name,
	   size_t length, bool *ambiguous)
{
  const struct option_spec *found = NULL;

  *ambiguous = false;
  for_each_option (option, program)
    if (option->name != NULL && strncmp (option->name, name, length) == 0)
      {
	if (option->name[length] == '\0')
	  {
	    *ambiguous = false;
	    return option;
	  }
	if (found != NULL && found->key != option->key)
	  *ambiguous = true;
	found = option;
      }
  return found;
}

static int
parse_long (struct parse *parse, const char *word)
{
  const char *value = strchr (word, '=');
  size_t length = value != NULL ? (size_t) (value - word) : strlen (word);
  bool ambiguous;
  const struct option_spec *option
    = find_long (parse->program, word + 2, length - 2, &ambiguous);

  if (value != NULL)
    value++;
  if (ambiguous)
    return complain (parse, _("option '%.*s' is ambiguous"), word,
		     (int) length, true);
  if (option == NULL)
    return complain (parse, _("unknown option '%.*s'"), word, (int) length,
		     true);
  if (option->argument == OPTION_PLAIN && value != NULL)
    return complain (parse, _("option '%.*s' takes no argument"), word,
		     (int) length, true);
  if (option->argument == OPTION_ARGUMENT && value == NULL)
    value = take_value (parse);
  if (option->argument == OPTION_ARGUMENT && value == NULL)
    return complain (parse, _("option '%.*s' requires an argument"), word,
		     (int) length, true);
  return run (parse, option, value);
}

/* WORD is a cluster such as -abc, or -xVALUE.  */
static int
parse_short (struct parse *parse, const char *word)
{
  int rc = OPTIONS_GO_ON;
  for (const char *letter = word + 1; *letter && rc == OPTIONS_GO_ON; letter++)
    {
      const struct option_spec *found = NULL;
      char name[] = { '-', *letter, '\0' };
      for_each_option (option, parse->program)
	if (option->letter == *letter)
	  found = option;
      if (found == NULL)
	return complain (parse, _("unknown option '%.*s'"), name, 2, false);
      if (found->argument != OPTION_ARGUMENT)
	{
	  rc = run (parse, found, NULL);
	  continue;
	}
      const char *value = letter[1] ? letter + 1 : take_value (parse);
      if (value == NULL)
	return complain (parse, _("option '%.*s' requires an argument"),
			 name, 2, true);
      return run (parse, found, value);
    }
  return rc;
}

static int
parse_word (struct parse *parse, char *word)
{
  if (parse->program->takes_words)
    {
      parse->argv[++parse->words] = word;
      return OPTIONS_GO_ON;
    }
  report_error (parse->errors, parse->program->name,
		_("unexpected argument '%s'"), word);
  print_help (parse->program, parse->output);
  fflush (parse->output);
  return EXIT_FAILURE;
}

int
options_parse (const struct option_program *program, int argc, char **argv,
	       int *words, void *closure)
{
  struct parse parse = {
    .program = program,
    .output = program->output ? program->output : stdout,
    .errors = program->errors ? program->errors : stderr,
    .argc = argc, .argv = argv, .next = 1, .closure = closure
  };
  bool only_words = false;
  int rc = OPTIONS_GO_ON;

  while (parse.next < argc && rc == OPTIONS_GO_ON)
    {
      char *word = argv[parse.next++];
      if (only_words || word[0] != '-' || word[1] == '\0')
	rc = parse_word (&parse, word);
      else if (strcmp (word, "--") == 0)
	only_words = true;
      else if (word[1] == '-')
	rc = parse_long (&parse, word);
      else
	rc = parse_short (&parse, word);
    }
  *words = parse.words;
  return rc;
}
