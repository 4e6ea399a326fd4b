/* probe.c -- one measurement

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Standard input is the FIFO to which a service writes the time when it runs
   and which it keeps open until it ends.  A COMMAND is words; or -PID, that is
   kill PID; or
   @SOCKET@FILE, that is send FILE to SOCKET, which can be a port of 127.0.0.1,
   and read the reply to its end; or @SOCKET@FILE@open, read it up to where the
   other side falls silent.

   probe boot MARKS COMMAND DAEMON...
	start DAEMON in a session of its own; the ms until so many services
	run, or where MARKS is 0, until COMMAND succeeds
   probe time TIMES MARKS COMMAND
	so many TIMES, the ms until COMMAND has ended and so many services
	more run; or where MARKS is -1, none at all
   probe cycle CYCLES SECONDS COMMAND [STOP]
	do COMMAND so many times, but not for longer than that, and if there
	is STOP, start and stop a service so: how often, and how often a second  */

#include <config.h>

#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROBE_DEADLINE 60	/* seconds for all that a probe does */
#define PROBE_SILENCE 500	/* ms after which a reply is whole */

static double
probe_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

/* Start ARGV, in a new session or ours.  */
static pid_t
probe_start (char **argv, bool session)
{
  pid_t pid = vfork ();

  if (pid != 0)
    return pid;
  if (session)
    setsid ();
  int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  dup2 (null, 0);
  dup2 (null, 1);
  execvp (argv[0], argv);
  _exit (127);
}

/* Send the text in FILE to the socket NAME and read the reply; whether there
   was any.  */
static bool
probe_exchange (const char *name, const char *file, bool stays_open)
{
  static char text[1 << 16];
  static size_t expected;
  struct sockaddr_un file_name = { .sun_family = AF_UNIX };
  struct sockaddr_in port = { .sin_family = AF_INET,
    .sin_port = htons (atoi (name)),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  bool local = port.sin_port == 0;
  struct pollfd fd = { .events = POLLIN,
    .fd = socket (local ? AF_UNIX : AF_INET, SOCK_STREAM, 0) };
  int in = open (file, O_RDONLY | O_CLOEXEC);
  ssize_t n = read (in, text, sizeof text);
  size_t length = 0;

  close (in);
  strncpy (file_name.sun_path, name, sizeof file_name.sun_path - 1);
  bool whole = connect (fd.fd, local ? (struct sockaddr *) &file_name
			: (struct sockaddr *) &port,
			local ? sizeof file_name : sizeof port) < 0
    || send (fd.fd, text, n, MSG_NOSIGNAL) != n;
  while (!whole)
    {
      /* The first reply tells how long the next ones are.  */
      bool learning = stays_open && expected == 0 && length > 0;
      if (poll (&fd, 1, learning ? PROBE_SILENCE : -1) == 0)
	expected = length;
      else if ((n = read (fd.fd, text, sizeof text)) > 0)
	length += n;
      whole = n <= 0 || (expected > 0 && length >= expected);
    }
  close (fd.fd);
  return length > 0;
}

/* Whether COMMAND succeeds.  */
static bool
probe_command (const char *command)
{
  bool raw = command[0] == '@';
  char *copy = strdup (command + raw), *words[4096], *next = copy;
  size_t count = 0;
  int status = 1;

  while (count < 4095
	 && (words[count] = strsep (&next, raw ? "@" : " ")) != NULL)
    count++;
  words[count] = NULL;
  if (command[0] == '-')
    status = kill (-atol (command), SIGKILL);
  else if (raw)
    status = !probe_exchange (words[0], words[1], count > 2);
  else
    waitpid (probe_start (words, false), &status, 0);
  free (copy);
  return status == 0;
}

/* Have COMMAND done, if not NULL, and wait until MARKS more services run; or
   where that is -1, none.  The time then.  */
static double
probe_until (const char *command, int marks)
{
  double mark = 0, end;

  if (command != NULL && !probe_command (command))
    errx (EXIT_FAILURE, "this failed: %.60s", command);
  end = command != NULL ? probe_now () : 0;
  while (marks > 0)
    if (read (STDIN_FILENO, &mark, sizeof mark) != sizeof mark)
      usleep (50);		/* no service has it open */
    else if (marks-- > 0 && mark > end)
      end = mark;
  if (marks < 0 && read (STDIN_FILENO, &mark, sizeof mark) != 0)
    errx (EXIT_FAILURE, "a service started that was to end: %.60s", command);
  return marks < 0 ? probe_now () : end;
}

static void
probe_boot (int marks, const char *command, char **daemon)
{
  double begin = probe_now ();

  probe_start (daemon, true);
  while (marks == 0 && !probe_command (command))
    usleep (100);
  double end = marks > 0 ? probe_until (NULL, marks) : probe_now ();
  printf ("%f\n", (end - begin) * 1e3);
}

static void
probe_time (int times, int marks, const char *command)
{
  if (times > 1)
    probe_until (command, marks);	/* and learn how long a reply is */
  while (times-- > 0)
    {
      double begin = probe_now ();
      printf ("%f\n", (probe_until (command, marks) - begin) * 1e3);
    }
}

static void
probe_cycle (int cycles, double seconds, const char *start, const char *stop)
{
  double begin = probe_now (), now = begin;
  int done = 0;

  for (; done < cycles && now < begin + seconds; done++)
    {
      now = probe_until (start, stop != NULL);
      if (stop != NULL)
	now = probe_until (stop, -1);
    }
  printf ("%d %f\n", done, done / (now - begin));
}

int
main (int argc, char **argv)
{
  const char *what = argc > 1 ? argv[1] : "";

  alarm (PROBE_DEADLINE);
  if (strcmp (what, "boot") == 0 && argc > 4)
    probe_boot (atoi (argv[2]), argv[3], argv + 4);
  else if (strcmp (what, "time") == 0 && argc == 5)
    probe_time (atoi (argv[2]), atoi (argv[3]), argv[4]);
  else if (strcmp (what, "cycle") == 0 && argc >= 5)
    probe_cycle (atoi (argv[2]), atof (argv[3]), argv[4], argv[5]);
  else
    errx (EXIT_FAILURE, "see the usage in %s", __FILE__);
  return EXIT_SUCCESS;
}
