/* subject.c -- a shepherd to measure, as a user's daemon.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char subject_services[] =
  "(define (name i)\n"
  "  (string->symbol (string-append \"s\" (number->string i))))\n"
  "(define names (map name (iota count)))\n"
  "(register-services\n"
  " (cons* (service '(base)) (service '(all) #:requirement names)\n"
  "        (map (lambda (name)\n"
  "               (service (list name) #:requirement '(base)\n"
  "                 #:start (make-forkexec-constructor"
  " '(\"sleep\" \"infinity\"))\n"
  "                 #:stop (make-kill-destructor)))\n"
  "             names)))\n";

double
subject_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

void
subject_pause (double since, const char *what)
{
  if (subject_now () > since + 60)
    report_failure ("%s: nothing after a minute", what);
  nanosleep (&(struct timespec) { .tv_nsec = 50000 }, NULL);
}

pid_t
subject_run (const char *const *argv, int in, int out)
{
  pid_t pid = fork ();

  if (pid < 0)
    report_failure ("fork: %s", strerror (errno));
  if (pid > 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  dup2 (in >= 0 ? in : null, STDIN_FILENO);
  dup2 (out >= 0 ? out : null, STDOUT_FILENO);
  execvp (argv[0], (char **) argv);
  fprintf (stderr, "bench: %s: %s\n", argv[0], strerror (errno));
  _exit (127);
}

void
subject_start (struct subject *subject, int count, const char *more)
{
  const char *const argv[] = { "shepherd", "-S", "-s", subject->socket,
    "-c", subject->configuration, "-l", subject->log, NULL };
  char *directory = subject->directory;

  strcpy (directory, "/tmp/shepherd-bench.XXXXXX");
  if (mkdtemp (directory) == NULL)
    report_failure ("mkdtemp: %s", strerror (errno));
  snprintf (subject->socket, 96, "%s/socket", directory);
  snprintf (subject->log, 96, "%s/log", directory);
  snprintf (subject->configuration, 96, "%s/init.scm", directory);
  FILE *file = fopen (subject->configuration, "we");
  if (file == NULL)
    report_failure ("%s: %s", subject->configuration, strerror (errno));
  if (count > 0)
    fprintf (file, "(define count %d)\n%s", count, subject_services);
  fputs (more, file);
  fclose (file);
  subject->started = subject_now ();
  subject->pid = subject_run (argv, -1, -1);
}

void
subject_await_loaded (struct subject *subject)
{
  static char text[65536];

  for (double since = subject_now ();; subject_pause (since, "configuration"))
    {
      int fd = open (subject->log, O_RDONLY | O_CLOEXEC);
      ssize_t n = fd >= 0 ? read (fd, text, sizeof text - 1) : -1;
      close (fd);
      text[n > 0 ? n : 0] = '\0';
      if (strstr (text, "successfully loaded") != NULL)
	return;
    }
}

int
subject_socket (const char *path,
		int (*attach) (int, const struct sockaddr *, socklen_t))
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  strncpy (address.sun_path, path, sizeof address.sun_path - 1);
  if (attach (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

size_t
subject_ask (const char *socket, const char *action, const char *service)
{
  static char reply[1 << 22];
  char command[256];
  size_t length = 0;
  ssize_t n;
  int fd = subject_socket (socket, connect);

  if (fd < 0)
    return 0;
  n = snprintf (command, sizeof command, "(shepherd-command (version 0) "
		"(action %s) (service %s) (arguments ()) (directory \"/\"))",
		action, service);
  if (write (fd, command, n) != n)
    report_failure ("writing a command: %s", strerror (errno));
  while ((n = read (fd, reply + length, sizeof reply - 1 - length)) > 0)
    length += n;
  close (fd);
  reply[length] = '\0';
  if (length == 0 || strstr (reply, "(result #f)") != NULL)
    report_failure ("%s %s failed: %.400s", action, service, reply);
  return length;
}

double
subject_memory (const struct subject *subject)
{
  char name[64], text[4096];
  double kilobytes = 0;

  snprintf (name, sizeof name, "/proc/%ld/smaps_rollup", (long) subject->pid);
  int fd = open (name, O_RDONLY | O_CLOEXEC);
  ssize_t n = read (fd, text, sizeof text - 1);
  close (fd);
  text[n > 0 ? n : 0] = '\0';
  const char *found = strstr (text, "\nPss:");
  sscanf (found ? found : "", " Pss: %lf kB", &kilobytes);
  return kilobytes / 1024;
}

double
subject_cpu (const struct subject *subject)
{
  struct timespec used = { .tv_sec = 0 };
  clockid_t clock;

  if (clock_getcpuclockid (subject->pid, &clock) == 0)
    clock_gettime (clock, &used);
  return used.tv_sec + used.tv_nsec / 1e9;
}

void
subject_stop (struct subject *subject)
{
  const char *const remove[] = { "rm", "-rf", subject->directory, NULL };

  kill (subject->pid, SIGTERM);
  waitpid (subject->pid, NULL, 0);
  waitpid (subject_run (remove, -1, -1), NULL, 0);
}
