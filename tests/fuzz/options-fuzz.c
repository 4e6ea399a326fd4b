/* options-fuzz.c -- command lines, and the commands that herd makes of them.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Each input is a command line, its words on lines of their own.  */

#include <config.h>

#include "fuzz.h"

#include <string.h>

#include "herd/command.h"
#include "options.h"
#include "sexp.h"

#define WORDS_MAX 64

/* What was parsed.  */
struct parsed
{
  struct command command;
  const char *environment[WORDS_MAX];
  const char *bytes;		/* of all words */
  size_t size;
  int handled;
};

static const struct option_spec options[] = {
  { "socket", 's', OPTION_ARGUMENT, "FILE", "a file", 's' },
  { "silent", 'S', OPTION_PLAIN, NULL, "no output", 'S' },
  { "quiet", 0, OPTION_PLAIN, NULL, NULL, 'S' },
  { "service-name", 'N', OPTION_ARGUMENT, "NAME", "a name", 'N' },
  { "environment-variable", 'E', OPTION_ARGUMENT, "VARIABLE", "more", 'E' },
  { "working-directory", 'd', OPTION_ARGUMENT, "DIRECTORY", "where", 'd' },
  { "log-file", 0, OPTION_ARGUMENT, "FILE", "what", 'l' },
  { "log-history", 'n', OPTION_ARGUMENT, "NUMBER", "how many", 'n' },
  { "user", 0, OPTION_ARGUMENT, "USER", "who", 'u' },
  { "group", 0, OPTION_ARGUMENT, "GROUP", "which", 'g' },
  { "pid", 'p', OPTION_OPTIONAL, "FILE", "maybe", 'p' },
  { NULL, 'I', OPTION_PLAIN, NULL, "only a letter", 'I' },
  { 0 }
};

/* VALUE must be a word or the end of one.  */
static int
handle (int key, const char *value, void *closure)
{
  struct parsed *parsed = closure;
  struct command *command = &parsed->command;
  const struct option_spec *option = options;
  while (option->key != key)
    option++;
  fuzz_expect (option->argument != OPTION_PLAIN || value == NULL);
  fuzz_expect (option->argument != OPTION_ARGUMENT || value != NULL);
  fuzz_expect (value == NULL
	       || (value >= parsed->bytes
		   && value <= parsed->bytes + parsed->size));
  fuzz_expect (++parsed->handled <= (int) parsed->size);
  if (key == 'N')
    command->name = value;
  else if (key == 'd')
    command->directory = value;
  else if (key == 'l')
    command->log_file = value;
  else if (key == 'u')
    command->user = value;
  else if (key == 'g')
    command->group = value;
  else if (key == 'E')
    command->environment[command->environment_count++] = value;
  return key == 'n' && *value == 'x' ? 3 : 0;
}

/* Make ARGV of BYTES, which end with NUL.  How many words.  */
static int
split (char *bytes, size_t size, char *argv[WORDS_MAX])
{
  int argc = 0;
  argv[argc++] = (char *) "fuzz";
  for (char *word = bytes; word < bytes + size && argc < WORDS_MAX - 1;)
    {
      argv[argc++] = word;
      word += strcspn (word, "\n");
      *word++ = '\0';
    }
  argv[argc] = NULL;
  return argc;
}

/* What herd sends must be what the user said.  */
static void
check_command (struct parsed *parsed, char **words, int count)
{
  struct text text = TEXT_EMPTY;
  struct sexp_tree *tree;
  struct command *command = &parsed->command;
  command->action = words[0];
  command->service = words[1];
  command->arguments = words + 2;
  command->argument_count = (size_t) count - 2;
  if (command_write (&text, command, "/home/alice") == 0)
    {
      fuzz_expect (sexp_parse (text.bytes, text.length, &tree) == 0);
      const struct sexp *root = sexp_root (tree);
      const struct sexp *arguments = sexp_property (root, "arguments");
      fuzz_expect (sexp_is_record (root, "shepherd-command"));
      fuzz_expect (sexp_is_symbol (sexp_property (root, "action"), words[0]));
      fuzz_expect (sexp_is_symbol (sexp_property (root, "service"), words[1]));
      fuzz_expect (sexp_is_list (arguments) && sexp_length (root) == 6);
      for (int i = 2; i < count; i++, arguments = sexp_cdr (arguments))
	fuzz_expect (strcmp (sexp_text (sexp_car (arguments)), words[i]) == 0);
      sexp_free (tree);
    }
  text_free (&text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
  static FILE *null;
  if (null == NULL)
    null = fuzz_null ();
  struct option_program program = {
    .name = "fuzz", .arguments = "WORD...", .description = "try options",
    .options = options, .handle = handle, .output = null, .errors = null,
    .takes_words = (fuzz_seed (bytes, size) >> 8) % 8 != 0
  };
  char *copy = malloc (size + 1), *argv[WORDS_MAX];
  fuzz_expect (copy != NULL);
  memcpy (copy, bytes, size);
  copy[size] = '\0';
  struct parsed parsed = { .bytes = copy, .size = size };
  parsed.command.environment = parsed.environment;
  int words = 0, argc = split (copy, size, argv);
  int rc = options_parse (&program, argc, argv, &words, &parsed);
  fuzz_expect (words >= 0 && words < argc);
  fuzz_expect (rc >= OPTIONS_GO_ON && rc <= 3);
  if (rc == OPTIONS_GO_ON && words >= 2)
    check_command (&parsed, argv + 1, words);
  free (copy);
  return 0;
}
