/* sexp-test.c -- the scanner, the parser and the writer of Scheme data.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sexp.h"

/* Data, and how Guile 3.0 writes them after reading them (NULL: the same).  */
static const struct { const char *text, *written; } valid[] = {
  { "(a b c)", NULL },
  { "()", NULL },
  { "( a . b )", "(a . b)" },
  { "(a . (b . (c . ())))", "(a b c)" },
  { "(a . #(1 2))", NULL },
  { "( . a)", "a" },
  { "[a [b] c]", "(a (b) c)" },
  { "(a .b)", NULL },
  { "(a. b)", NULL },
  { "(a . #;b c)", "(a . c)" },
  { "(a . b #;c)", "(a . b)" },
  { "(#;a b)", "(b)" },
  { "(#;#;a b c)", "(c)" },
  { "(#;(x (y)) #;'z b)", "(b)" },
  { "#;a (b)", "(b)" },
  { "#;#;a b (c)", "(c)" },
  { "'#;a (b)", "(quote (b))" },
  { "#;'#;a b (c)", "(c)" },
  { "(a ; comment ) \" \n b)", "(a b)" },
  { "; first ( \n(a)", "(a)" },
  { "(a #| b #| c ) |# \" |# d)", "(a d)" },
  { "#|#|#||#|#|#(a)", "(a)" },
  { "#| | # ||#()", "()" },
  { "\"a\\n\\t\\\"\\\\b\"", "\"a\\n\\t\\\"\\\\b\"" },
  { "\"\\a\\b\\v\\f\\r\\0\\x7f\\x1b\"", "\"\\a\\b\\v\\f\\r\\x00\\x7f\\x1b\"" },
  { "\"\\x41;b\"", "\"A;b\"" },
  { "\"\\u00e9\\U0020ac\\|\\(\"", "\"\xc3\xa9\xe2\x82\xac|(\"" },
  { "\"a\\\n  b\"", "\"a  b\"" },
  { "\";#|('\"", NULL },
  { "#{a b}#", NULL },
  { "#{a}b}#", "#{a\\x7d;b}#" },
  { "#{a}}#", "#{a\\x7d;}#" },
  { "#{a\\x20;\\}#b}#", "#{a \\x7d;#b}#" },
  { "#{}#", NULL },
  { "(#:name foo #:#{a b}# #: c)", "(#:name foo #:#{a b}# #:c)" },
  { "('a `(b ,c ,@d))",
    "((quote a) (quasiquote (b (unquote c) (unquote-splicing d))))" },
  { "(#'a #`(b #,c #,@d))",
    "((syntax a) (quasisyntax (b (unsyntax c) (unsyntax-splicing d))))" },
  { "#(1 #t #false \"x\")", "#(1 #t #f \"x\")" },
  { "#vu8(1 2 3)", NULL },
  { "#u8(1)", NULL },
  { "#2((a) (b))", NULL },
  { "#1@2(a)", NULL },
  { "(#f32(1.5) #f #F #t #true)", "(#f32(1.5) #f #f #t #t)" },
  { "(#\\a #\\( #\\) #\\; #\\\" #\\space #\\x41 #\\newline #\\SOH)",
    "(#\\a #\\( #\\) #\\; #\\\" #\\space #\\A #\\newline #\\soh)" },
  { "(#\\ )", "(#\\space)" },
  { "(#\\x #\\101 #\\\xc3\xa9 #\\null)", "(#\\x #\\A #\\\xc3\xa9 #\\nul)" },
  { "(1 -2 +3 1.5 -.5 1e3 1/2 +inf.0 -inf.0 +nan.0 #x1F #b-11 #*0110 #nil)",
    "(1 -2 3 1.5 -.5 1e3 1/2 +inf.0 -inf.0 +nan.0 31 -3 #*0110 #nil)" },
  { "(- + ... .. -a +a .a -> a'b a|b |a {x} \\a a,b a`b :a a:)", NULL },
  { "(99999999999999999999999999 9223372036854775807 -9223372036854775808)",
    NULL },
  { "(\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x91)", NULL },
  { "(a\fb\rc\td)", "(a b c d)" },
  { "(shepherd-command (version 0) (action start) (service root)"
    " (arguments (\"x\" #:n 1)) (directory \"/\"))", NULL },
};

/* Data that only a delimiter, or the end of the input, completes.  */
static const char *const atoms[] = {
  "foo", "12", "#t", "#true", "#x1F", "#\\a", "#\\space", "'foo", "#:foo",
  "-", "#;a b", "|a", "\xc3\xa9", "; x\n a", "#*01", "#f", "#\\\xc3\xa9",
};

/* What no further bytes can make right.  The last byte is the wrong one.  */
static const char *const wrong[] = {
  ")", "]", "(]", "[)", "(a (b ]", "(')", "(a #;)", "(`,)", "(,@)", "(#,@)",
  "(, )", "#<",
  "#.", "#!", "#~", "#$", "#[", "#)", "# ", "#a", "#z", "#\"", "#\xc3", "\xff",
  "\x80", "(a \xc3(", "\"\xe2\x82\"", "\xc0", "\xe0\x9f", "\xed\xa0",
  "\xf0\x8f", "\xf4\x90", "\xf5", "#u8 ", "#u8)", "#1\"", "#:)", "#')",
};

/* What the scanner finds complete but is no datum.  */
static const char *const invalid[] = {
  "#1:1000000(a)", "#2:1000:1000(a)",	/* Guile would make room at once */
  "(a . )", "(a . b c)", "(a . b . c)", "#(a . b)", "\"\\q\"", "\"\\x4\"",
  "\"\\ud800\"", "\"\\Uffffff\"", "#\\foo ", "#:\"a\"", "#:(a)", "#tfoo ",
  "#nix ", "#{\\xzz;}#",  "#x ", "#*012 ", "#\\xd800000000000000000 ",
};

static enum sexp_scan_result
scan_all (const char *text, size_t length, size_t *used)
{
  struct sexp_scanner scanner;
  sexp_scan_init (&scanner);
  return sexp_scan (&scanner, text, length, used);
}

/* Scan LENGTH bytes of TEXT in two pieces, then one byte at a time: the
   results must agree.  */
static enum sexp_scan_result
scan_pieces (const char *text, size_t length, size_t cut, size_t *used)
{
  struct sexp_scanner two, single;
  enum sexp_scan_result result, other = SEXP_MORE;
  size_t first, second = 0, count = 0;

  sexp_scan_init (&two);
  result = sexp_scan (&two, text, cut, &first);
  if (result == SEXP_MORE)
    result = sexp_scan (&two, text + cut, length - cut, &second);

  sexp_scan_init (&single);
  for (size_t i = 0; i < length && other == SEXP_MORE; i++)
    {
      size_t n;
      other = sexp_scan (&single, text + i, 1, &n);
      count += n;
    }
  ck_assert_int_eq (result, other);
  ck_assert_uint_eq (first + second, count);
  *used = count;
  return result;
}

START_TEST (every_proper_prefix_of_a_datum_needs_more)
{
  const char *text = valid[_i].text;
  size_t length = strlen (text), used;

  for (size_t i = 0; i < length; i++)
    {
      ck_assert_msg (scan_all (text, i, &used) == SEXP_MORE,
		     "\"%.*s\"", (int) i, text);
      ck_assert_uint_eq (used, i);
    }
  for (size_t i = 0; i <= length; i++)
    {
      ck_assert_msg (scan_pieces (text, length, i, &used) == SEXP_COMPLETE,
		     "%s", text);
      ck_assert_uint_eq (used, length);
    }
}
END_TEST

START_TEST (a_datum_ends_where_it_ends_whatever_follows)
{
  static const char *const after[] = { " ", ")", "x", "\"", "#<", "\xff" };
  char buffer[512];
  size_t length = strlen (valid[_i].text), used;

  for (size_t i = 0; i < sizeof after / sizeof *after; i++)
    {
      strcpy (buffer, valid[_i].text);
      strcat (buffer, after[i]);
      ck_assert_int_eq (scan_all (buffer, strlen (buffer), &used),
			SEXP_COMPLETE);
      ck_assert_uint_eq (used, length);
    }
}
END_TEST

START_TEST (a_datum_is_written_as_guile_writes_it)
{
  const char *expected = valid[_i].written;
  struct sexp_tree *tree;
  struct text out = TEXT_EMPTY;

  if (expected == NULL)
    expected = valid[_i].text;
  ck_assert_int_eq (sexp_parse (valid[_i].text, strlen (valid[_i].text),
				&tree), 0);
  sexp_write (&out, sexp_root (tree));
  ck_assert_str_eq (text_string (&out), expected);
  sexp_free (tree);

  /* What was written reads as the same.  */
  char *first = text_steal (&out);
  ck_assert_int_eq (sexp_parse (first, strlen (first), &tree), 0);
  sexp_write (&out, sexp_root (tree));
  ck_assert_str_eq (text_string (&out), first);
  sexp_free (tree);
  text_free (&out);
  free (first);
}
END_TEST

START_TEST (an_atom_is_complete_at_a_delimiter_or_the_end)
{
  static const char delimiters[] = " \n\t\r\f()[]\";";
  struct sexp_scanner scanner;
  size_t length = strlen (atoms[_i]), used;

  sexp_scan_init (&scanner);
  ck_assert_int_eq (sexp_scan (&scanner, atoms[_i], length, &used), SEXP_MORE);
  ck_assert_int_eq (sexp_scan_end (&scanner), SEXP_COMPLETE);
  for (const char *d = delimiters; *d; d++)
    {
      sexp_scan_init (&scanner);
      ck_assert_int_eq (sexp_scan (&scanner, atoms[_i], length, &used),
			SEXP_MORE);
      ck_assert_int_eq (sexp_scan (&scanner, d, 1, &used), SEXP_COMPLETE);
      ck_assert_uint_eq (used, 0);
    }
}
END_TEST

START_TEST (an_error_is_found_at_its_byte)
{
  size_t length = strlen (wrong[_i]), used;
  ck_assert_msg (scan_all (wrong[_i], length - 1, &used) == SEXP_MORE,
		 "%s", wrong[_i]);
  for (size_t i = 0; i <= length; i++)
    ck_assert_msg (scan_pieces (wrong[_i], length, i, &used) == SEXP_ERROR,
		   "%s", wrong[_i]);
}
END_TEST

START_TEST (the_end_inside_a_datum_is_an_error)
{
  const char *text = valid[_i].text;
  for (size_t i = 0; i < strlen (text); i++)
    {
      struct sexp_scanner scanner;
      size_t used;
      sexp_scan_init (&scanner);
      sexp_scan (&scanner, text, i, &used);
      /* `#;a (b)' cut after `#;a ' still lacks a datum, too.  */
      ck_assert_int_eq (sexp_scan_end (&scanner), SEXP_ERROR);
    }
}
END_TEST

START_TEST (what_is_no_datum_is_refused)
{
  struct sexp_tree *tree;
  ck_assert_msg (sexp_parse (invalid[_i], strlen (invalid[_i]), &tree)
		 == -EINVAL, "%s", invalid[_i]);
  ck_assert_ptr_null (tree);
}
END_TEST

START_TEST (a_nul_byte_is_an_error)
{
  size_t used;
  ck_assert_int_eq (scan_all ("(a \0 b)", 7, &used), SEXP_ERROR);
  ck_assert_int_eq (scan_all ("\"\0\"", 3, &used), SEXP_ERROR);
}
END_TEST

START_TEST (nothing_but_space_and_comments_is_blank)
{
  struct sexp_scanner scanner;
  size_t used;
  const char *text = "  ; x\n #| y |# ";

  sexp_scan_init (&scanner);
  ck_assert (sexp_scan_blank (&scanner));
  sexp_scan (&scanner, text, strlen (text), &used);
  ck_assert (sexp_scan_blank (&scanner));
  sexp_scan (&scanner, "a", 1, &used);
  ck_assert (!sexp_scan_blank (&scanner));
}
END_TEST

static char *
repeat (const char *open, size_t times, const char *middle, const char *close)
{
  struct text text = TEXT_EMPTY;
  for (size_t i = 0; i < times; i++)
    text_append_string (&text, open);
  text_append_string (&text, middle);
  for (size_t i = 0; i < times; i++)
    text_append_string (&text, close);
  return text_steal (&text);
}

START_TEST (depth_is_bounded)
{
  static const struct { const char *open, *middle, *close; } shapes[] = {
    { "(", "", ")" }, { "[", "a", "]" }, { "'", "a ", "" }, { "#(", "", ")" },
    { "#;", "a ", "b " }, { "(a . ", "b", ")" }, { "(#2(", "", "))" },
    { "#'", "a ", "" },
  };
  struct sexp_tree *tree;
  size_t each = strcmp (shapes[_i].open, "(#2(") == 0 ? 2 : 1;
  char *text = repeat (shapes[_i].open, SEXP_DEPTH_MAX / each,
		       shapes[_i].middle, shapes[_i].close);
  ck_assert_int_eq (sexp_parse (text, strlen (text), &tree), 0);
  struct text out = TEXT_EMPTY;
  sexp_write (&out, sexp_root (tree));
  ck_assert (!out.failed);
  text_free (&out);
  sexp_free (tree);
  free (text);

  text = repeat (shapes[_i].open, SEXP_DEPTH_MAX / each + 1,
		 shapes[_i].middle, shapes[_i].close);
  ck_assert_int_eq (sexp_parse (text, strlen (text), &tree), -EINVAL);
  free (text);
}
END_TEST

START_TEST (comments_nest_without_a_bound)
{
  size_t used;
  char *text = repeat ("#|", 100000, " ( \" ", "|#");
  ck_assert_int_eq (scan_all (text, strlen (text), &used), SEXP_MORE);
  free (text);
}
END_TEST

START_TEST (accessors_find_properties_and_survive_their_absence)
{
  static const char text[]
    = "(service (version 0 1) (provides (a b)) (respawn? #f) (n 42) x"
      " (delay 0.1) (none) . #nil)";
  static const char record[]
    = "(service (version 0 1) (provides (a b)) (respawn? #f) (n 42) x"
      " (delay 0.1) (more +inf.0) (big 99999999999999999999) (none)"
      " (half #i-1/2) (least -9223372036854775808)"
      " (beyond 9223372036854775808))";
  struct sexp_tree *tree;

  ck_assert_int_eq (sexp_parse (text, strlen (text), &tree), 0);
  ck_assert (!sexp_is_record (sexp_root (tree), "service"));
  sexp_free (tree);

  ck_assert_int_eq (sexp_parse (record, strlen (record), &tree), 0);
  const struct sexp *s = sexp_root (tree);
  ck_assert (sexp_is_record (s, "service"));
  ck_assert (!sexp_is_record (s, "timer"));
  ck_assert_uint_eq (sexp_length (sexp_property (s, "provides")), 2);
  ck_assert_str_eq (sexp_text (sexp_nth (sexp_property (s, "provides"), 1)),
		    "b");
  ck_assert (!sexp_is_true (sexp_property (s, "respawn?")));
  ck_assert (sexp_property (s, "respawn?") != NULL);
  ck_assert_int_eq (sexp_integer (sexp_property (s, "n"), 7), 42);
  ck_assert_int_eq (sexp_integer (sexp_property (s, "missing"), 7), 7);
  ck_assert_int_eq (sexp_integer (sexp_property (s, "big"), 7), 7);
  ck_assert (sexp_real (sexp_property (s, "delay"), 0) == 0.1);
  ck_assert (isinf (sexp_real (sexp_property (s, "more"), 0)));
  ck_assert (sexp_real (sexp_property (s, "n"), 0) == 42);
  ck_assert (sexp_real (sexp_property (s, "half"), 0) == -0.5);
  ck_assert (sexp_real (sexp_property (s, "provides"), 7) == 7);
  ck_assert (sexp_integer (sexp_property (s, "least"), 7) == INT64_MIN);
  ck_assert_int_eq (sexp_integer (sexp_property (s, "beyond"), 7), 7);
  ck_assert_ptr_null (sexp_property (s, "none"));
  ck_assert_ptr_null (sexp_property (NULL, "n"));
  ck_assert_ptr_null (sexp_nth (s, 100));
  ck_assert_ptr_null (sexp_car (sexp_car (s)));
  ck_assert (!sexp_is_true (NULL));
  ck_assert (!sexp_is_list (NULL));
  sexp_free (tree);
}
END_TEST

START_TEST (display_shows_contents)
{
  static const char text[] = "(\"a\\nb\" #\\c (sym #{d e}# #:k) #(\"v\") 1)";
  struct sexp_tree *tree;
  struct text out = TEXT_EMPTY;

  ck_assert_int_eq (sexp_parse (text, strlen (text), &tree), 0);
  sexp_display (&out, sexp_root (tree));
  ck_assert_str_eq (text_string (&out), "(a\nb c (sym d e #:k) #(v) 1)");
  text_free (&out);
  sexp_free (tree);
}
END_TEST

START_TEST (texts_can_be_had_in_another_encoding)
{
  static const char text[] = "(\xc3\xa9t\xc3\xa9 \"na\xc3\xaf" "f \xe2\x80\x94"
    " \xe2\x82\xac\" (#:\xc3\xa9 . #(\"\xc3\xa9\")) a)";
  struct sexp_tree *tree;
  struct text out = TEXT_EMPTY;

  ck_assert_int_eq (sexp_parse (text, strlen (text), &tree), 0);
  sexp_encode (tree, "no such encoding");
  sexp_encode (tree, "ISO-8859-1");
  sexp_write (&out, sexp_root (tree));
  /* What the encoding lacks is spelled otherwise; how, depends.  */
  ck_assert_msg (strncmp (text_string (&out), "(\xe9t\xe9 \"na\xef" "f ", 11)
		 == 0, "%s", text_string (&out));
  ck_assert_ptr_nonnull (strstr (text_string (&out), "EUR\""));
  ck_assert_ptr_nonnull (strstr (text_string (&out),
				 "\" (#:\xe9 . #(\"\xe9\")) a)"));
  text_free (&out);
  sexp_free (tree);
}
END_TEST

START_TEST (any_name_can_be_written_as_a_symbol)
{
  static const struct { const char *name, *written; } names[] = {
    { "root", "root" }, { "a b", "#{a b}#" }, { "", "#{}#" },
    { ".", "#{.}#" }, { "...", "..." }, { "..", ".." }, { "1+", "#{1+}#" },
    { "-1", "#{-1}#" }, { "-", "-" }, { "+a", "+a" }, { "#a", "#{#a}#" },
    { "a(b)", "#{a\\x28;b\\x29;}#" }, { "a}#b", "#{a\\x7d;#b}#" },
    { "a\nb", "#{a\\xa;b}#" }, { "a\\b c", "#{a\\x5c;b c}#" },
    { "'a", "#{'a}#" }, { "\xc3\xa9", "\xc3\xa9" }, { "a'b", "a'b" },
    { "+inf.0", "#{+inf.0}#" }, { "+i", "#{+i}#" }, { "a@b.c", "a@b.c" },
  };
  struct sexp_tree *tree;
  struct text out = TEXT_EMPTY;

  sexp_write_symbol (&out, names[_i].name, strlen (names[_i].name));
  ck_assert_str_eq (text_string (&out), names[_i].written);
  ck_assert_int_eq (sexp_parse (out.bytes, out.length, &tree), 0);
  ck_assert (sexp_is_symbol (sexp_root (tree), names[_i].name));
  sexp_free (tree);
  text_free (&out);
}
END_TEST

START_TEST (random_bytes_never_upset_the_parser)
{
  static const char alphabet[] = "()[]#|;'`,@{}\\\"ab1.:xu \n\t-+\xc3\xa9";
  uint32_t seed = 12345;

  for (int round = 0; round < 20000; round++)
    {
      char text[24];
      size_t length = 1 + (size_t) round % sizeof text, used;
      for (size_t i = 0; i < length; i++)
	{
	  seed = seed * 1664525 + 1013904223;
	  text[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
	}
      scan_pieces (text, length, length / 2, &used);

      /* Exact size, so that a memory checker sees any reading past it.  */
      char *copy = malloc (length);
      ck_assert_ptr_nonnull (copy);
      memcpy (copy, text, length);
      struct sexp_tree *tree;
      if (sexp_parse (copy, length, &tree) == 0)
	{
	  struct text out = TEXT_EMPTY;
	  sexp_write (&out, sexp_root (tree));
	  struct sexp_tree *again;
	  ck_assert_msg (sexp_parse (out.bytes, out.length, &again) == 0,
			 "%.*s -> %s", (int) length, text, out.bytes);
	  sexp_free (again);
	  text_free (&out);
	  sexp_free (tree);
	}
      free (copy);
    }
}
END_TEST

#define COUNT(array) ((int) (sizeof (array) / sizeof *(array)))

int
main (void)
{
  Suite *suite = suite_create ("sexp");
  TCase *test = tcase_create ("sexp");

  tcase_add_loop_test (test, every_proper_prefix_of_a_datum_needs_more,
		       0, COUNT (valid));
  tcase_add_loop_test (test, a_datum_ends_where_it_ends_whatever_follows,
		       0, COUNT (valid));
  tcase_add_loop_test (test, a_datum_is_written_as_guile_writes_it,
		       0, COUNT (valid));
  tcase_add_loop_test (test, the_end_inside_a_datum_is_an_error,
		       0, COUNT (valid));
  tcase_add_loop_test (test, an_atom_is_complete_at_a_delimiter_or_the_end,
		       0, COUNT (atoms));
  tcase_add_loop_test (test, an_error_is_found_at_its_byte, 0, COUNT (wrong));
  tcase_add_loop_test (test, what_is_no_datum_is_refused, 0, COUNT (invalid));
  tcase_add_test (test, a_nul_byte_is_an_error);
  tcase_add_test (test, nothing_but_space_and_comments_is_blank);
  tcase_add_loop_test (test, depth_is_bounded, 0, 8);
  tcase_add_test (test, comments_nest_without_a_bound);
  tcase_add_test (test, accessors_find_properties_and_survive_their_absence);
  tcase_add_test (test, display_shows_contents);
  tcase_add_test (test, texts_can_be_had_in_another_encoding);
  tcase_add_loop_test (test, any_name_can_be_written_as_a_symbol, 0, 21);
  tcase_add_test (test, random_bytes_never_upset_the_parser);
  suite_add_tcase (suite, test);

  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
