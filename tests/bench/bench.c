/* bench.c -- how fast is it?

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Usage: bench [--json]

   Measures the shepherd and herd that are found in PATH, and in the same
   run what there is to compare with.  Two more ways to call it are for
   services that are measured:

   bench --hello FIFO	write the time to FIFO, then sleep
   bench --talk LINES	write LINES lines of 100 bytes to standard output  */

#include <config.h>
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BENCH_LINES 2000000
#define BENCH_LINE 100		/* bytes, with its end */
#define BENCH_STAMP 20		/* bytes before each line of a log file */

/* Milliseconds since the time SINCE.  */
static double
bench_ms (double since)
{
  return (subject_now () - since) * 1000;
}

/* Run ARGV to its end.  The time, in ms.  */
static double
bench_run (const char *const *argv)
{
  double since = subject_now ();
  int status;

  waitpid (subject_run (argv, -1, -1), &status, 0);
  if (status != 0)
    report_failure ("%s failed", argv[0]);
  return bench_ms (since);
}

static void
bench_start_up (struct report *report)
{
  struct samples answer = { 0 }, loaded = { 0 }, loaded_100 = { 0 };
  struct samples reference = { 0 };
  const char *const guile[] = { "guile", "-q", "-c", "#t", NULL };

  for (int i = 0; i < 15; i++)
    {
      struct subject subject;
      subject_start (&subject, 0, "");
      while (subject_ask (subject.socket, "status", "root") == 0)
	subject_pause (subject.started, "answer");
      samples_add (&answer, bench_ms (subject.started));
      subject_await_loaded (&subject);
      samples_add (&loaded, bench_ms (subject.started));
      subject_stop (&subject);
      subject_start (&subject, 100, "");
      subject_await_loaded (&subject);
      samples_add (&loaded_100, bench_ms (subject.started));
      subject_stop (&subject);
      samples_add (&reference, bench_run (guile));
    }
  report_row (report, "exec to first answer", "ms", &answer, NULL, NULL);
  report_row (report, "exec to configuration loaded", "ms", &loaded,
	      "guile -c '#t'", &reference);
  report_row (report, "  with 100 services", "ms", &loaded_100,
	      "guile -c '#t'", &reference);
}

/* Start a server that answers whoever connects to PATH with SIZE bytes.  */
static pid_t
bench_echo (const char *path, size_t size)
{
  static char buffer[1 << 20];
  int fd = subject_socket (path, bind);

  if (listen (fd, 10) < 0)
    report_failure ("%s: %s", path, strerror (errno));
  pid_t pid = fork ();
  while (pid == 0)
    {
      int client = accept (fd, NULL, NULL);
      if (read (client, buffer, sizeof buffer) < 0
	  || write (client, buffer, size) < 0)
	_exit (1);
      close (client);
    }
  close (fd);
  return pid;
}

static void
bench_query (struct report *report, struct subject *subject,
	     const char *name)
{
  struct samples ours = { 0 }, theirs = { 0 };
  char echo[100];
  size_t size = subject_ask (subject->socket, "status", "root");

  snprintf (echo, sizeof echo, "%s/echo", subject->directory);
  pid_t pid = bench_echo (echo, size);
  for (int i = 0; i < 200; i++)
    {
      double since = subject_now ();
      subject_ask (subject->socket, "status", "root");
      samples_add (&ours, bench_ms (since) * 1000);
      since = subject_now ();
      subject_ask (echo, "status", "root");
      samples_add (&theirs, bench_ms (since) * 1000);
    }
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  report_row (report, name, "us", &ours, "echo server", &theirs);
}

static void
bench_status (struct report *report, int count)
{
  struct samples herd = { 0 }, reference = { 0 }, memory = { 0 };
  struct subject subject;
  char name[3][64];

  subject_start (&subject, count, "");
  subject_await_loaded (&subject);
  if (count > 0)
    subject_ask (subject.socket, "start", "all");
  samples_add (&memory, subject_memory (&subject));
  const char *const argv[] = { "herd", "-s", subject.socket, "status", NULL };
  const char *const nothing[] = { "true", NULL };
  for (int i = 0; i < 50; i++)
    {
      samples_add (&herd, bench_run (argv));
      samples_add (&reference, bench_run (nothing));
    }
  snprintf (name[0], 64, "herd status, %d services", count);
  snprintf (name[1], 64, "raw status query, %d services", count);
  snprintf (name[2], 64, "PSS, %d services running", count);
  report_row (report, name[0], "ms", &herd, "true(1)", &reference);
  bench_query (report, &subject, name[1]);
  report_row (report, name[2], "MB", &memory, NULL, NULL);
  subject_stop (&subject);
}

/* The bare loop: start COUNT processes, then stop them.  */
static void
bench_bare (int count, struct samples *start, struct samples *stop)
{
  static pid_t pids[1000];
  const char *const argv[] = { "sleep", "infinity", NULL };

  double since = subject_now ();
  for (int i = 0; i < count; i++)
    {
      pids[i] = vfork ();
      if (pids[i] == 0)
	{
	  execvp (argv[0], (char **) argv);
	  _exit (127);
	}
    }
  samples_add (start, bench_ms (since));
  since = subject_now ();
  for (int i = 0; i < count; i++)
    kill (pids[i], SIGTERM);
  for (int i = 0; i < count; i++)
    waitpid (pids[i], NULL, 0);
  samples_add (stop, bench_ms (since));
}

static void
bench_many (struct report *report, int count, int runs)
{
  struct samples start = { 0 }, stop = { 0 }, loop = { 0 }, ending = { 0 };
  char name[2][64];

  for (int i = 0; i < runs; i++)
    {
      struct subject subject;
      subject_start (&subject, count, "");
      subject_await_loaded (&subject);
      double since = subject_now ();
      subject_ask (subject.socket, "start", "all");
      samples_add (&start, bench_ms (since));
      since = subject_now ();
      subject_ask (subject.socket, "stop", "base");
      samples_add (&stop, bench_ms (since));
      subject_stop (&subject);
      bench_bare (count, &loop, &ending);
    }
  snprintf (name[0], 64, "start of %d services", count);
  snprintf (name[1], 64, "stop of %d services", count);
  report_row (report, name[0], "ms", &start, "vfork and exec", &loop);
  report_row (report, name[1], "ms", &stop, "kill and wait", &ending);
}

/* What the next process says through FIFO: its PID, and when it ran.  */
static pid_t
bench_hear (int fifo, double *when)
{
  char text[100];
  long pid;
  struct pollfd ready = { .fd = fifo, .events = POLLIN };

  if (poll (&ready, 1, 10000) != 1)
    report_failure ("no new process after 10 seconds");
  ssize_t n = read (fifo, text, sizeof text - 1);
  text[n > 0 ? n : 0] = '\0';
  if (sscanf (text, "%ld %lf", &pid, when) != 2)
    report_failure ("not understood: %s", text);
  return pid;
}

static void
bench_respawn (struct report *report, const char *self)
{
  struct samples ours = { 0 }, bare = { 0 };
  char fifo[64], configuration[5000];
  struct subject subject;
  double since, when;

  snprintf (fifo, sizeof fifo, "/tmp/shepherd-bench-fifo.%ld",
	    (long) getpid ());
  if (mkfifo (fifo, 0600) < 0)
    report_failure ("%s: %s", fifo, strerror (errno));
  int fd = open (fifo, O_RDWR | O_CLOEXEC);
  const char *const argv[] = { self, "--hello", fifo, NULL };
  snprintf (configuration, sizeof configuration,
	    "(register-services (list (service '(hello) #:respawn? #t"
	    " #:respawn-delay 0 #:respawn-limit '(100000 . 1)"
	    " #:start (make-forkexec-constructor '(\"%s\" \"--hello\" \"%s\"))"
	    " #:stop (make-kill-destructor))))\n", self, fifo);
  subject_start (&subject, 0, configuration);
  subject_await_loaded (&subject);
  subject_ask (subject.socket, "start", "hello");
  pid_t pid = bench_hear (fd, &when), own = subject_run (argv, -1, -1);
  bench_hear (fd, &when);
  for (int i = 0; i < 50; i++)
    {
      since = subject_now ();
      kill (pid, SIGKILL);
      pid = bench_hear (fd, &when);
      samples_add (&ours, (when - since) * 1000);
      since = subject_now ();
      kill (own, SIGKILL);
      waitpid (own, NULL, 0);
      own = subject_run (argv, -1, -1);
      bench_hear (fd, &when);
      samples_add (&bare, (when - since) * 1000);
    }
  kill (own, SIGKILL);
  waitpid (own, NULL, 0);
  subject_stop (&subject);
  unlink (fifo);
  report_row (report, "kill -9 to new process", "ms", &ours,
	      "wait, fork and exec", &bare);
}

/* The same lines through cat(1) to the file PATH.  */
static void
bench_cat (const char *self, const char *path, struct samples *rate,
	   struct samples *cpu)
{
  const char *const cat[] = { "cat", NULL };
  const char *const talk[] = { self, "--talk", "2000000", NULL };
  struct rusage usage;
  int ends[2], out = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			   0600);

  if (out < 0 || pipe2 (ends, O_CLOEXEC) < 0)
    report_failure ("%s: %s", path, strerror (errno));
  double since = subject_now ();
  pid_t reader = subject_run (cat, ends[0], out);
  pid_t writer = subject_run (talk, -1, ends[1]);
  close (ends[0]);
  close (ends[1]);
  close (out);
  wait4 (reader, NULL, 0, &usage);
  samples_add (rate, BENCH_LINES / 1e3 / bench_ms (since));
  samples_add (cpu, (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
		     + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
		     / 1e6) / BENCH_LINES * 1e9);
  waitpid (writer, NULL, 0);
}

static void
bench_log (struct report *report, const char *self)
{
  struct samples rate = { 0 }, cpu = { 0 }, cat = { 0 }, cat_cpu = { 0 };
  char configuration[5000], file[100];
  struct subject subject;
  struct stat status;

  for (int i = 0; i < 5; i++)
    {
      snprintf (configuration, sizeof configuration,
		"(register-services (list (service '(talk)"
		" #:start (make-forkexec-constructor"
		" '(\"%s\" \"--talk\" \"%d\")"
		" #:log-file (string-append (dirname (current-filename))"
		" \"/lines\"))"
		" #:stop (make-kill-destructor))))\n", self, BENCH_LINES);
      subject_start (&subject, 0, configuration);
      snprintf (file, sizeof file, "%s/lines", subject.directory);
      subject_await_loaded (&subject);
      double before = subject_cpu (&subject), since = subject_now ();
      subject_ask (subject.socket, "start", "talk");
      while (stat (file, &status) < 0 || status.st_size < (off_t) BENCH_LINES
	     * (BENCH_LINE + BENCH_STAMP))
	subject_pause (since, file);
      samples_add (&rate, BENCH_LINES / 1e3 / bench_ms (since));
      samples_add (&cpu, (subject_cpu (&subject) - before)
		   / BENCH_LINES * 1e9);
      bench_cat (self, file, &cat, &cat_cpu);
      subject_stop (&subject);
    }
  report_row (report, "log lines, millions a second", "M/s", &rate, "cat(1)",
	      &cat);
  report_row (report, "CPU for a log line", "ns", &cpu, "cat(1)", &cat_cpu);
}

_Noreturn static void
bench_hello (const char *fifo)
{
  int fd = open (fifo, O_WRONLY);

  dprintf (fd, "%ld %.9f", (long) getpid (), subject_now ());
  close (fd);
  for (;;)
    pause ();
}

static int
bench_talk (long lines)
{
  static char block[BENCH_LINE * 650];

  memset (block, 'x', sizeof block);
  for (size_t i = BENCH_LINE - 1; i < sizeof block; i += BENCH_LINE)
    block[i] = '\n';
  for (size_t left = lines * BENCH_LINE; left > 0;)
    {
      ssize_t n = write (STDOUT_FILENO, block,
			 left < sizeof block ? left : sizeof block);
      if (n <= 0 || n % BENCH_LINE != 0)
	return EXIT_FAILURE;
      left -= n;
    }
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  struct report report = { .json = false };
  static char self[4096];

  if (argc == 3 && strcmp (argv[1], "--hello") == 0)
    bench_hello (argv[2]);
  if (argc == 3 && strcmp (argv[1], "--talk") == 0)
    return bench_talk (atol (argv[2]));
  report.json = argc == 2 && strcmp (argv[1], "--json") == 0;
  if (argc != 1 + report.json || realpath ("/proc/self/exe", self) == NULL)
    report_failure ("usage: bench [--json]");
  signal (SIGPIPE, SIG_IGN);
  bench_start_up (&report);
  bench_status (&report, 0);
  bench_status (&report, 100);
  bench_many (&report, 100, 7);
  bench_many (&report, 1000, 5);
  bench_respawn (&report, self);
  bench_log (&report, self);
  if (report.json)
    puts ("\n]");
  return EXIT_SUCCESS;
}
