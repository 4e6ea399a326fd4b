/* main.c -- shepherd, from exec to the interpreter.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   Start-up has phases: the process and its options; the socket and the log,
   whose absence ends anything but a PID 1; the rooms, after which the core
   answers clients; then Guile, in this thread, to the end.  A PID 1 goes on
   whatever happens.  */

#include <config.h>

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config-template.h"
#include "control-socket.h"
#include "core-only.h"
#include "core.h"
#include "crash-report.h"
#include "crash.h"
#include "daemonize.h"
#include "early-boot.h"
#include "i18n.h"
#include "inherit.h"
#include "interpreter.h"
#include "log-file.h"
#include "logger.h"
#include "pid-file.h"
#include "rehearsal.h"
#include "report.h"
#include "root-state.h"
#include "start-options.h"
#include "thread.h"

enum
{
  MAIN_SHUTDOWN_TIMEOUT = 30,	/* seconds */
  MAIN_RETRY_DELAY = 2		/* seconds */
};

/* Everything that lives as long as the process.  */
struct shepherd
{
  struct start_options options;
  struct mailbox inbox;		/* the interpreter's */
  struct mailbox to_logger;
  struct quiescence quiescence;	/* the logger's */
  struct watch watch;
  struct core *core;
  struct logger *logger;
  struct bridge bridge;
  char *inheritance;		/* of an earlier image, or NULL */
  bool bound;			/* the socket's file is ours */
};

/* Leave no files behind that say that we run.  */
static void
main_clean_up (const struct shepherd *shepherd)
{
  if (shepherd->bound)
    unlink (shepherd->options.socket_file);
  if (shepherd->options.pid_file != NULL)
    pid_file_remove (shepherd->options.pid_file);
}

/* Nothing can be done about what was just reported.  */
static void
main_give_up (const struct shepherd *shepherd)
{
  if (shepherd->options.init)
    return;
  main_clean_up (shepherd);
  /* Other threads may run: not `exit'.  */
  _exit (EXIT_FAILURE);
}

/* The user's locale, for who reads standard error.  */
static void
main_set_locale (void)
{
  setlocale (LC_ALL, "");
  i18n_begin ();
}

/* File names and texts are UTF-8 from now on, also where nobody set a locale.
   One of another encoding has no words to offer that its users could read in
   a log.  */
static void
main_settle_locale (void)
{
  if (strcmp (nl_langinfo (CODESET), "UTF-8") != 0)
    {
      setlocale (LC_ALL, "C");
      setlocale (LC_CTYPE, "C.UTF-8");
    }
  i18n_keep ();
}

static void
main_prepare_process (void)
{
  /* Inherited from who started us, this would have the kernel reap.  */
  signal (SIGCHLD, SIG_DFL);
  signal (SIGPIPE, SIG_IGN);
  thread_forget_signals ();
  thread_block_signals ();
  early_boot_mount ();
  early_boot_open_standard ();
  early_boot_close_on_exec ();
  if (getpid () != 1)
    prctl (PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
}

/* Take over from an earlier image of this process if there was one, and get
   ready for one to come.  */
static void
main_inherit (struct shepherd *shepherd, char **argv)
{
  const char *text = getenv (INHERIT_VARIABLE);
  int fd = text != NULL ? atoi (text) : -1, rc;

  unsetenv (INHERIT_VARIABLE);
  /* /proc/self/exe was executed; ps is not to call us that.  */
  if (fd >= 0)
    prctl (PR_SET_NAME, "shepherd", 0L, 0L, 0L);
  rc = inherit_begin (fd);
  if (rc < 0 && fd >= 0)
    {
      report_error (stderr, "shepherd",
		    _("cannot take over from the process before: %s"),
		    strerror (-rc));
      rc = inherit_begin (-1);
    }
  if (rc == 0)
    rc = crash_prepare (argv);
  /* If this fails, a crash is only not reported.  */
  crash_report_open ();
  if (rc == 0)
    rc = crash_begin (&shepherd->watch);
  if (rc < 0)
    report_error (stderr, "shepherd", _("cannot prepare for a crash: %s"),
		  strerror (-rc));
}

/* The control socket's descriptor.  */
static int
main_open_socket (struct shepherd *shepherd)
{
  struct start_options *options = &shepherd->options;
  int fd = inherit_next (0, INHERIT_LISTEN);

  if (fd >= 0)
    {
      options->socket_file = start_options_absolute (options->socket_file);
      shepherd->bound = true;
      return fd;
    }
  if (control_socket_check_directory (options->socket_file,
				      options->socket_directory,
				      options->insecure) < 0)
    main_give_up (shepherd);
  fd = control_socket_open (options->socket_file, options->init);
  if (fd < 0)
    {
      main_give_up (shepherd);
      return control_socket_open_nowhere ();
    }
  options->socket_file = start_options_absolute (options->socket_file);
  shepherd->bound = true;
  return fd;
}

/* Why the log file PATH could not be opened, as ERROR says in few words.  */
static const char *
main_log_error (const char *path, int error)
{
  struct stat status;

  if (error == ENXIO && stat (path, &status) == 0 && S_ISFIFO (status.st_mode))
    return _("nobody reads that FIFO");
  return strerror (error);
}

/* The log file's descriptor, or -1 for syslog.  */
static int
main_open_log (struct shepherd *shepherd)
{
  struct start_options *options = &shepherd->options;
  int fd;

  if (options->log_file == NULL)
    return -1;
  fd = log_file_open (options->log_file,
		      options->log_default ? 0700 : 0777);
  if (fd < 0)
    {
      report_error (stderr, "shepherd", _("cannot open log file '%s': %s"),
		    options->log_file, main_log_error (options->log_file, -fd));
      main_give_up (shepherd);
      options->log_file = NULL;
      options->syslog = true;
    }
  return fd < 0 ? -1 : fd;
}

/* Make the rooms, which know each other's mailboxes.  */
static int
main_make_rooms (struct shepherd *shepherd, int listen_fd, int log_fd)
{
  const struct start_options *options = &shepherd->options;
  struct core_options core_options = {
    .listen_fd = listen_fd,
    .socket_file = options->socket_file,
    .init = options->init,
    .to_interpreter = &shepherd->inbox,
    .to_logger = &shepherd->to_logger,
    .logger = &shepherd->quiescence,
    .watch = &shepherd->watch,
    .interrupt = interpreter_interrupt,
    .reexec = crash_reexec,
    .shutdown_timeout = MAIN_SHUTDOWN_TIMEOUT
  };
  struct logger_options logger_options = {
    .log_fd = log_fd,
    .log_path = options->log_file != NULL ? options->log_file : "",
    .syslog_path = options->syslog_file,
    .silent = options->silent || options->syslog,
    .image_fd = inherit_next (0, INHERIT_LOG_IMAGE),
    .inbox = &shepherd->to_logger,
    .to_interpreter = &shepherd->inbox,
    .quiescence = &shepherd->quiescence
  };
  int rc = mailbox_open (&shepherd->inbox);

  if (rc == 0)
    rc = mailbox_open (&shepherd->to_logger);
  if (rc == 0)
    rc = core_new (&core_options, &shepherd->core);
  if (rc < 0)
    return rc;
  logger_options.to_core = core_mailbox (shepherd->core);
  return logger_new (&logger_options, &shepherd->logger);
}

/* The init has no rooms, and may not end: try again later, when there may be
   memory for them.  Meanwhile ctrl-alt-del restarts the machine.  No client
   is to wait for a core that does not come.  */
static _Noreturn void
main_start_over (const struct shepherd *shepherd, int listen_fd)
{
  const struct timespec delay = { .tv_sec = MAIN_RETRY_DELAY };
  sigset_t keys;

  /* An image with something to take over does as after any crash.  */
  if (inherit_is_successor ())
    abort ();
  close (listen_fd);
  main_clean_up (shepherd);
  sigemptyset (&keys);
  sigaddset (&keys, SIGINT);
  for (;;)
    {
      if (sigtimedwait (&keys, NULL, &delay) == SIGINT)
	{
	  sync ();
	  reboot (RB_AUTOBOOT);
	}
      crash_start_over ();
    }
}

static void
main_start_rooms (struct shepherd *shepherd, int listen_fd, int log_fd)
{
  int rc = main_make_rooms (shepherd, listen_fd, log_fd);

  if (rc == 0)
    crash_set_rooms (shepherd->core, shepherd->logger);
  if (rc == 0 && inherit_is_successor ())
    shepherd->inheritance = core_inheritance (shepherd->core);
  else if (rc == 0)
    rc = root_state_publish (core_mailbox (shepherd->core),
			     shepherd->options.log_file);
  if (rc == 0)
    rc = daemonize_start_threads (shepherd->core, shepherd->logger);
  if (rc == 0)
    return;
  report_error (stderr, "shepherd", _("cannot start: %s"), strerror (-rc));
  main_give_up (shepherd);
  main_start_over (shepherd, listen_fd);
}

static void
main_write_pid (const struct shepherd *shepherd)
{
  const struct start_options *options = &shepherd->options;
  int rc = 0;

  if (!options->pid)
    return;
  if (options->pid_file != NULL)
    rc = pid_file_write (options->pid_file);
  else if (dprintf (STDOUT_FILENO, "%d", (int) getpid ()) < 0)
    rc = -errno;
  if (rc == 0)
    return;
  if (options->pid_file != NULL)
    report_error (stderr, "shepherd", _("cannot write PID to '%s': %s"),
		  options->pid_file, strerror (-rc));
  else
    report_error (stderr, "shepherd",
		  _("cannot write PID to standard output: %s"),
		  strerror (-rc));
  main_give_up (shepherd);
}

static void
main_write_template (const struct start_options *options)
{
  int rc;

  if (!options->config_default || getuid () == 0)
    return;
  rc = config_template_write (options->config_file);
  if (rc < 0)
    report_error (stderr, "shepherd", _("cannot create '%s': %s"),
		  options->config_file, strerror (-rc));
}

static void
main_log (struct shepherd *shepherd, const char *line)
{
  mailbox_send (&shepherd->to_logger,
		message_text (MESSAGE_LOG_LINE, 0, LOG_LINE_STDOUT, line,
			      strlen (line)));
}

/* Tell what happened to the images before.  */
static void
main_report_crash (struct shepherd *shepherd)
{
  char summary[512], name[PATH_MAX], line[PATH_MAX + 64];

  while (crash_report_take (shepherd->options.log_file, summary,
			    sizeof summary, name, sizeof name))
    {
      main_log (shepherd, summary);
      snprintf (line, sizeof line, _("A report is in '%s'."), name);
      if (name[0] != '\0')
	main_log (shepherd, line);
    }
}

/* Give the logger some time to write what it has.  */
static void
main_flush_log (struct shepherd *shepherd)
{
  struct message *message;
  bool flushed = false;

  mailbox_send (&shepherd->to_logger,
		message_number (MESSAGE_LOG_FLUSH, UINT64_MAX, 0, 0));
  while (!flushed && mailbox_wait (&shepherd->inbox, 2000))
    while ((message = mailbox_next (&shepherd->inbox)) != NULL)
      {
	flushed = flushed || message->kind == MESSAGE_LOG_ANSWER;
	message_free (message);
      }
}

/* The interpreter is gone.  */
static _Noreturn void
main_end (struct shepherd *shepherd)
{
  main_log (shepherd, _("The interpreter ended."));
  /* Whoever looks after services cannot just end.  A new image may fare
     better; if not, the third one does without the interpreter.  */
  if (shepherd->options.init || inherit_is_successor ())
    abort ();
  main_flush_log (shepherd);
  report_error (stderr, "shepherd", _("the interpreter ended"));
  main_clean_up (shepherd);
  _exit (EXIT_FAILURE);
}

/* The interpreter is not to be had, for REASON: have the core do what it can
   alone, where there is no one else to look after services.  */
static _Noreturn void
main_do_without (struct shepherd *shepherd, const char *reason)
{
  char line[PATH_MAX + 256];

  snprintf (line, sizeof line, _("Cannot load the interpreter: %s"), reason);
  main_log (shepherd, line);
  if (shepherd->options.init || inherit_is_successor ())
    {
      main_log (shepherd, _("Going on without it; 'herd reexec root' tries"
			    " again."));
      inherit_set_flags (INHERIT_CORE_ONLY, true);
      core_only_run (&shepherd->inbox, core_mailbox (shepherd->core),
		     shepherd->inheritance, shepherd->options.init);
    }
  main_flush_log (shepherd);
  report_error (stderr, "shepherd", _("cannot load the interpreter: %s"),
		reason);
  main_clean_up (shepherd);
  _exit (EXIT_FAILURE);
}

int
main (int argc, char **argv)
{
  static struct shepherd shepherd;
  struct start_options *options = &shepherd.options;
  const struct bridge_door *door;
  const char *reason;
  int status, rc, listen_fd, log_fd;

  main_set_locale ();
  if (argc == 2 && strcmp (argv[1], REHEARSAL_OPTION) == 0)
    {
      main_settle_locale ();
      return rehearsal_run ();
    }
  main_prepare_process ();
  status = start_options_parse (options, argc, argv);
  if (status != START_OPTIONS_GO_ON)
    return status;
  main_inherit (&shepherd, argv);
  rc = early_boot_catch_ctrl_alt_del ();
  if (rc < 0)
    report_error (stderr, "shepherd", _("ctrl-alt-del: %s"), strerror (-rc));
  listen_fd = main_open_socket (&shepherd);
  log_fd = main_open_log (&shepherd);
  main_settle_locale ();
  main_start_rooms (&shepherd, listen_fd, log_fd);
  if (!inherit_is_successor ())
    {
      main_write_pid (&shepherd);
      main_write_template (options);
    }
  main_report_crash (&shepherd);
  if (inherit_flags () & INHERIT_CORE_ONLY)
    {
      main_log (&shepherd, _("Too many crashes: going on without the"
			     " interpreter; 'herd reexec root' tries again."));
      core_only_run (&shepherd.inbox, core_mailbox (shepherd.core),
		     shepherd.inheritance, options->init);
    }

  door = interpreter_load (&reason);
  if (door == NULL)
    main_do_without (&shepherd, reason);
  shepherd.bridge = (struct bridge) {
    .core = shepherd.core,
    .logger = shepherd.logger,
    .inbox = &shepherd.inbox,
    .watch = &shepherd.watch,
    .config_file = options->config_file,
    .socket_file = options->socket_file,
    .log_file = options->log_file,
    .silent = options->silent,
    .syslog = options->syslog,
    .init = options->init,
    .pid_file = options->pid_file,
    .inheritance = shepherd.inheritance,
    .reason = inherit_reason () == INHERIT_CRASH ? "crash" : "reexec"
  };
  door->run (&shepherd.bridge);
  main_end (&shepherd);
}
