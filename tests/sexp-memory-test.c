/* sexp-memory-test.c -- Scheme data when memory runs out.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The linker sends all allocations of the program through this file.  */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sexp.h"

/* The number of the allocation that fails, 0 for none; how many there were
   since the count was reset.  */
static int fail_at, allocations;

void *__real_malloc (size_t size);
void *__real_calloc (size_t count, size_t size);
void *__real_realloc (void *block, size_t size);
void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t count, size_t size);
void *__wrap_realloc (void *block, size_t size);

void *
__wrap_malloc (size_t size)
{
  return ++allocations == fail_at ? NULL : __real_malloc (size);
}

void *
__wrap_calloc (size_t count, size_t size)
{
  return ++allocations == fail_at ? NULL : __real_calloc (count, size);
}

void *
__wrap_realloc (void *block, size_t size)
{
  return ++allocations == fail_at ? NULL : __real_realloc (block, size);
}

/* A datum of many kinds that needs several blocks.  */
static char *
make_datum (void)
{
  struct text text = TEXT_EMPTY;
  for (int i = 0; i < 100; i++)
    text_append_string (&text, "(a \"b\" #\\c #u8(1) 'd 1.5 #{e f}# #x1F ");
  for (int i = 0; i < 100; i++)
    text_append_char (&text, ')');
  return text_steal (&text);
}

START_TEST (whichever_allocation_fails_it_is_told)
{
  char *datum = make_datum ();
  int n = 0, made;

  do
    {
      struct sexp_tree *tree;
      struct text out = TEXT_EMPTY;

      allocations = 0;
      fail_at = ++n;
      int rc = sexp_parse (datum, strlen (datum), &tree);
      int parsed = allocations;
      if (rc == 0)
	sexp_write (&out, sexp_root (tree));
      made = allocations;
      fail_at = 0;

      ck_assert_int_eq (rc, parsed >= n ? -ENOMEM : 0);
      ck_assert (rc == 0 || tree == NULL);
      ck_assert_int_eq (out.failed, rc == 0 && made >= n);
      text_free (&out);
      sexp_free (tree);
    }
  while (made >= n);
  ck_assert_int_gt (n, 5);
  free (datum);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("sexp-memory");
  TCase *test = tcase_create ("memory");

  tcase_add_test (test, whichever_allocation_fails_it_is_told);
  suite_add_tcase (suite, test);

  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
