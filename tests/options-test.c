/* options-test.c -- the parser of command lines.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "text.h"

static const struct option_spec specs[] = {
  { "socket", 's', OPTION_ARGUMENT, "FILE", "use FILE as the socket", 's' },
  { "silent", 'S', OPTION_PLAIN, NULL, "say nothing", 'S' },
  { "quiet", 0, OPTION_PLAIN, NULL, NULL, 'S' },
  { "insecure", 'I', OPTION_PLAIN, NULL, "check less", 'I' },
  { "pid", 0, OPTION_OPTIONAL, "FILE", "write the PID", 'p' },
  { "pidgin", 0, OPTION_PLAIN, NULL, "coo", 'P' },
  { "sib", 0, OPTION_PLAIN, NULL, "one name", 'x' },
  { "sibling", 0, OPTION_PLAIN, NULL, "the other", 'x' },
  { "environment-variable", 'E', OPTION_ARGUMENT, "ENVIRONMENT",
    "set a variable", 'E' },
  { 0 }
};

static struct text seen;

static int
note (int key, const char *value, void *closure)
{
  ck_assert_ptr_eq (closure, &seen);
  text_printf (&seen, "%c%s%s ", key, value ? "=" : "", value ? value : "");
  return strcmp (value ? value : "", "stop") == 0 ? 7 : 0;
}

/* Parse the words of LINE, which are separated by single spaces.  Return
   "RESULT: OPTIONS| WORDS|OUTPUT|ERRORS".  */
static char *
parse (const char *line, bool takes_words)
{
  char *copy = strdup (line), *argv[32] = { (char *) "prog" };
  char *output, *errors;
  size_t output_size, errors_size;
  int argc = 1, words;
  struct text result = TEXT_EMPTY;

  for (char *word = strtok (copy, " "); word; word = strtok (NULL, " "))
    argv[argc++] = word;
  struct option_program program = {
    .name = "prog", .arguments = takes_words ? "WORD..." : "",
    .description = "Do nothing.", .options = specs,
    .takes_words = takes_words, .handle = note,
    .output = open_memstream (&output, &output_size),
    .errors = open_memstream (&errors, &errors_size)
  };
  text_clear (&seen);
  int rc = options_parse (&program, argc, argv, &words, &seen);
  fclose (program.output);
  fclose (program.errors);
  text_printf (&result, "%d: %s|", rc, text_string (&seen));
  for (int i = 1; i <= words && rc == OPTIONS_GO_ON; i++)
    text_printf (&result, " %s", argv[i]);
  text_printf (&result, "|%s|%s", output, errors);
  free (output);
  free (errors);
  free (copy);
  return text_steal (&result);
}

static const struct { const char *line, *expected; } lines[] = {
  { "", "-1: |||" },
  { "a b c", "-1: | a b c||" },
  { "--socket=x", "-1: s=x |||" },
  { "--socket=x=y", "-1: s=x=y |||" },
  { "--socket=", "-1: s= |||" },
  { "--socket x y", "-1: s=x | y||" },
  { "--socket -", "-1: s=- |||" },
  { "--so x", "-1: s=x |||" },
  { "-s x", "-1: s=x |||" },
  { "-sx", "-1: s=x |||" },
  { "-s -", "-1: s=- |||" },
  { "-SI", "-1: S I |||" },
  { "-SIsx y", "-1: S I s=x | y||" },
  { "-ISs x", "-1: I S s=x |||" },
  { "a -S b", "-1: S | a b||" },
  { "a -- -S --bogus", "-1: | a -S --bogus||" },
  /* Weak spot: a lone - ended in a backtrace.  */
  { "-", "-1: | -||" },
  { "eval root -", "-1: | eval root -||" },
  { "--pid", "-1: p |||" },
  { "--pid x", "-1: p | x||" },
  { "--pid=x", "-1: p=x |||" },
  { "--quiet", "-1: S |||" },
  { "--si", "1: |||prog: error: option '--si' is ambiguous\n"
    "prog: hint: Try '--help'.\n" },
  { "--sib", "-1: x |||" },
  { "--sibl", "-1: x |||" },
  { "--s=3", "1: |||prog: error: option '--s' is ambiguous\n"
    "prog: hint: Try '--help'.\n" },
  { "--bogus", "1: |||prog: error: unknown option '--bogus'\n"
    "prog: hint: Try '--help'.\n" },
  { "a --bogus=1", "1: |||prog: error: unknown option '--bogus'\n"
    "prog: hint: Try '--help'.\n" },
  { "-Z", "1: |||prog: error: unknown option '-Z'\n" },
  { "eval root -1", "1: |||prog: error: unknown option '-1'\n" },
  { "-SZ", "1: S |||prog: error: unknown option '-Z'\n" },
  /* Weak spot: a long option without its argument was accepted.  */
  { "--socket", "1: |||prog: error: option '--socket' requires an argument\n"
    "prog: hint: Try '--help'.\n" },
  { "--socket --silent",
    "1: |||prog: error: option '--socket' requires an argument\n"
    "prog: hint: Try '--help'.\n" },
  { "-s", "1: |||prog: error: option '-s' requires an argument\n"
    "prog: hint: Try '--help'.\n" },
  { "-s -S", "1: |||prog: error: option '-s' requires an argument\n"
    "prog: hint: Try '--help'.\n" },
  { "--insecure=yes",
    "1: |||prog: error: option '--insecure' takes no argument\n"
    "prog: hint: Try '--help'.\n" },
  { "-s stop -S", "7: s=stop |||" },
};

START_TEST (a_line_is_understood)
{
  char *result = parse (lines[_i].line, true);
  ck_assert_str_eq (result, lines[_i].expected);
  free (result);
}
END_TEST

START_TEST (help_has_its_layout)
{
  static const char expected[] =
    "0: ||prog [OPTIONS...] WORD...\n"
    "Do nothing.\n"
    "  -s, --socket=FILE           use FILE as the socket\n"
    "  -S, --silent                say nothing\n"
    "      --quiet\n"
    "  -I, --insecure              check less\n"
    "      --pid[=FILE]            write the PID\n"
    "      --pidgin                coo\n"
    "      --sib                   one name\n"
    "      --sibling               the other\n"
    "  -E, --environment-variable=ENVIRONMENT\n"
    "                              set a variable\n"
    "      --help                  display this help and exit\n"
    "      --usage                 display a short usage message and exit\n"
    "      --version               display version information and exit\n"
    "\n";
  char *result = parse ("a --help", true);
  ck_assert (strncmp (result, expected, strlen (expected)) == 0);
  free (result);
}
END_TEST

START_TEST (descriptions_are_aligned_by_columns_not_bytes)
{
  static const struct option_spec options[] = {
    { "file", 'f', OPTION_ARGUMENT, "F\xc3\x89", "accented", 'f' },
    { "wide", 'w', OPTION_ARGUMENT, "\xe6\xaa\x94", "wide", 'w' },
    { "wrong", 'x', OPTION_ARGUMENT, "\xff\xff", "no characters", 'x' },
    { 0 }
  };
  char *output, *argv[] = { (char *) "prog", (char *) "--help", NULL };
  size_t size;
  int words;
  struct option_program program = {
    .name = "prog", .arguments = "", .description = "Do nothing.",
    .options = options, .handle = note,
    .output = open_memstream (&output, &size)
  };
  setlocale (LC_CTYPE, "C.UTF-8");
  ck_assert_int_eq (options_parse (&program, 2, argv, &words, &seen), 0);
  fclose (program.output);
  ck_assert_ptr_nonnull (strstr (output, "\n"
    "  -f, --file=F\xc3\x89               accented\n"
    "  -w, --wide=\xe6\xaa\x94               wide\n"
    "  -x, --wrong=\xff\xff              no characters\n"));
  free (output);
}
END_TEST

START_TEST (usage_is_one_line)
{
  char *result = parse ("--usage", true);
  ck_assert_str_eq (result,
		    "0: ||prog [-SI] [-s FILE] [-E ENVIRONMENT]"
		    " [--socket=FILE] [--silent] [--quiet] [--insecure]"
		    " [--pid[=FILE]] [--pidgin] [--sib] [--sibling]"
		    " [--environment-variable=ENVIRONMENT]"
		    " [--help] [--usage] [--version] [--] WORD...\n|");
  free (result);
}
END_TEST

START_TEST (version_names_program_and_package)
{
  char *result = parse ("--vers", true);
  const char *expected = "0: ||prog (" PACKAGE_NAME ") " PACKAGE_VERSION "\n";
  ck_assert (strncmp (result, expected, strlen (expected)) == 0);
  free (result);
}
END_TEST

/* Weak spot: the exit status was 0.  */
START_TEST (a_word_too_many_prints_the_help_and_fails)
{
  static const char *const given[] = { "foo", "--pid foo", "-", "-- -S" };
  static const char *const words[] = { "foo", "foo", "-", "-S" };
  char error[80];
  char *result = parse (given[_i], false);

  snprintf (error, sizeof error, "|prog: error: unexpected argument '%s'\n",
	    words[_i]);
  ck_assert_ptr_nonnull (strstr (result, "|prog [OPTIONS...]\nDo nothing.\n"));
  ck_assert_ptr_nonnull (strstr (result, error));
  ck_assert (strncmp (result, "1: ", 3) == 0);
  free (result);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("options");
  TCase *test = tcase_create ("options");

  tcase_add_loop_test (test, a_line_is_understood, 0,
		       sizeof lines / sizeof *lines);
  tcase_add_test (test, help_has_its_layout);
  tcase_add_test (test, descriptions_are_aligned_by_columns_not_bytes);
  tcase_add_test (test, usage_is_one_line);
  tcase_add_test (test, version_names_program_and_package);
  tcase_add_loop_test (test, a_word_too_many_prints_the_help_and_fails, 0, 4);
  suite_add_tcase (suite, test);

  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
