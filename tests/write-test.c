/* write-test.c -- the C writer against Guile's own.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Defines %datum->text, as inside shepherd, and loads the SRFI-64 tests in
   write-property.scm, whose last value says whether all went well.  */

#include <config.h>

#include <locale.h>
#include <stdlib.h>

#include "../src/guile/primitive.h"

/* That of the tests is the only thread.  */
bool
bridge_is_waiter (void)
{
  return true;
}

static void *
run (void *result)
{
  const struct primitive *p = write_primitives;
  SCM passed;

  write_initialize ();
  for (; p->name != NULL; p++)
    scm_c_define_gsubr (p->name, p->required, p->optional, 0, p->function);
  passed = scm_c_primitive_load (WRITE_PROPERTY_FILE);
  *(int *) result = scm_is_eq (passed, SCM_BOOL_T) ? EXIT_SUCCESS
    : EXIT_FAILURE;
  return NULL;
}

int
main (void)
{
  int result = EXIT_FAILURE;

  setlocale (LC_ALL, "");
  scm_with_guile (run, &result);
  return result;
}
