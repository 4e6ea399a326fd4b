/* default-socket-test.c -- where daemon and clients meet.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "default-socket.h"

static uid_t user;

uid_t __wrap_getuid (void);

uid_t
__wrap_getuid (void)
{
  return user;
}

static void
set (const char *variable, const char *value)
{
  if (value != NULL)
    setenv (variable, value, 1);
  else
    unsetenv (variable);
}

static const struct
{
  uid_t user;
  const char *socket, *runtime;	/* variables; NULL: unset */
  const char *directory, *file;
} cases[] = {
  { 0, NULL, NULL, RUNSTATEDIR "/shepherd", RUNSTATEDIR "/shepherd/socket" },
  { 0, NULL, "/x", RUNSTATEDIR "/shepherd", RUNSTATEDIR "/shepherd/socket" },
  { 0, "s", "/x", RUNSTATEDIR "/shepherd", "s" },
  { 1000, NULL, NULL, "/run/user/1000/shepherd",
    "/run/user/1000/shepherd/socket" },
  { 1000, "", "", "/run/user/1000/shepherd",
    "/run/user/1000/shepherd/socket" },
  { 1000, NULL, "/x", "/x/shepherd", "/x/shepherd/socket" },
  { 1000, "/s", "/x", "/x/shepherd", "/s" },
};

START_TEST (user_and_environment_tell_the_socket)
{
  struct text directory = TEXT_EMPTY, file = TEXT_EMPTY;

  user = cases[_i].user;
  set ("SHEPHERD_SOCKET", cases[_i].socket);
  set ("XDG_RUNTIME_DIR", cases[_i].runtime);
  default_socket_directory (&directory);
  default_socket (&file);
  ck_assert_str_eq (text_string (&directory), cases[_i].directory);
  ck_assert_str_eq (text_string (&file), cases[_i].file);
  text_free (&directory);
  text_free (&file);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("default-socket");
  TCase *test = tcase_create ("default-socket");

  tcase_add_loop_test (test, user_and_environment_tell_the_socket, 0,
		       sizeof cases / sizeof *cases);
  suite_add_tcase (suite, test);

  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
