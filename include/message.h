/* message.h -- what the rooms of shepherd say to each other.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   A message is one heap block (some own further blocks).  The sender
   allocates it, the receiver frees it with message_free; between the two
   nobody else may look at it.  See mailbox.h for how they travel.  */

#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct spawn_plan;

enum message_kind
{
  /* To the core.  */
  MESSAGE_PUBLISH,		/* interpreter: publish_message */
  MESSAGE_FORGET,		/* interpreter: text_message, a canonical name */
  MESSAGE_REPLY,		/* interpreter: text_message, ID is the client */
  MESSAGE_REPLY_SERVICE,	/* interpreter: text_message, ID is the client;
				   TEXT is the name of a service, whose status
				   is the result, a NUL, and the messages, a
				   list */
  MESSAGE_CLOSE_CLIENT,		/* interpreter: number_message, ID is the client */
  MESSAGE_SPAWN,		/* interpreter: spawn_message */
  MESSAGE_SPAWN_DONE,		/* spawner: spawn_message, outcome filled in */
  MESSAGE_SPAWN_LATER,		/* spawner: spawn_message, to be sent again when
				   others have landed */
  MESSAGE_KILL,			/* interpreter: number_message, A pid, B signal */
  MESSAGE_KILL_PATIENTLY,	/* the same: to know of a failure is enough */
  MESSAGE_WATCH_PROCESS,	/* interpreter: number_message, A pid */
  MESSAGE_SHUTDOWN_BEGINS,	/* interpreter: number_message, A an enum
				   shutdown_how; it is stopping services, for
				   which it has B seconds; 0: the core is to do
				   so */
  MESSAGE_SHUTDOWN,		/* interpreter: number_message, A an enum shutdown_how */
  MESSAGE_REEXEC,		/* interpreter: number_message, ID the client to
				   be answered by a new image of the program,
				   or 0 */
  MESSAGE_RINGS,		/* logger: rings_message */
  MESSAGE_FLUSHED,		/* logger: number_message, everything is written */

  /* To the interpreter.  */
  MESSAGE_COMMAND,		/* core: text_message, ID client, NUMBER uid */
  MESSAGE_CLIENT_GONE,		/* core: number_message, ID client; it does not
				   wait for its reply */
  MESSAGE_SPAWNED,		/* core: number_message, ID plan, A pid */
  MESSAGE_SPAWN_FAILED,		/* core: number_message, ID plan, A step, B errno */
  MESSAGE_EXITED,		/* core: number_message, A pid, B wait status */
  MESSAGE_KILLED,		/* core: number_message, ID request, A errno or 0 */
  MESSAGE_SIGNAL,		/* core: number_message, A signal number */
  MESSAGE_SOCKET_DELETED,	/* core: number_message */
  MESSAGE_LOG_HISTORY,		/* logger: text_message, ID request,
				   TEXT a datum ((SECONDS . "LINE") ...) */
  MESSAGE_LOG_ANSWER,		/* logger: number_message, ID request, A errno or 0 */

  /* To the logger.  */
  MESSAGE_LOG_LINE,		/* anyone: text_message, one or more lines;
				   NUMBER is a set of enum log_line_flags */
  MESSAGE_LOG_ATTACH,		/* core, interpreter: log_attach_message */
  MESSAGE_LOG_DETACH_RING,	/* interpreter: number_message, ID the ring */
  MESSAGE_LOG_QUERY,		/* interpreter: number_message, ID request, A ring */
  MESSAGE_LOG_ROTATE,		/* interpreter: log_rotate_message */
  MESSAGE_LOG_COLLECT,		/* core: number_message; answered by MESSAGE_RINGS */
  MESSAGE_LOG_FLUSH,		/* core: answered by MESSAGE_FLUSHED to the core;
				   interpreter (ID > 0): by MESSAGE_LOG_ANSWER */

  MESSAGE_LOG_JOB,		/* between the logger and its writer: a job of
				   src/logger/job.h */

  /* To any thread.  */
  MESSAGE_PARK,			/* end the thread's function, keeping its state,
				   so that the process may fork (daemonize) */
  MESSAGE_COUNT
};

struct message
{
  enum message_kind kind;
  struct message *next;		/* for the mailbox, or whoever holds it */
};

struct number_message
{
  struct message header;
  uint64_t id;
  int64_t a, b;
};

struct text_message
{
  struct message header;
  uint64_t id;
  int64_t number;
  size_t length;		/* bytes of TEXT, UTF-8, a NUL follows */
  char text[];
};

/* A service's published state.  The text a client sees is
   HEAD "(recent-messages (...))" TAIL: HEAD lacks the closing parenthesis
   of the service datum, TAIL has it.  */
enum publish_flags
{
  PUBLISH_CUSTOM_STATUS = 1	/* the service defines an action `status':
				   the core must not answer for it */
};

struct publish_message
{
  struct message header;
  unsigned int flags;		/* set of enum publish_flags */
  uint64_t ring;		/* ring of recent lines, 0 for none */
  const char *name;		/* canonical name; all point into BYTES */
  const char *names;		/* all provided names, NUL-separated, an empty
				   one ends the list; the first is NAME */
  const char *head;
  const char *tail;
  const char *saved;		/* datum for a successor, "" if none */
  char bytes[];
};

struct spawn_message
{
  struct number_message answer;	/* what the message becomes in the end */
  struct spawn_plan *plan;	/* owned by the message until then */
};

/* The rings that changed since the last MESSAGE_LOG_COLLECT.  */
struct ring_text
{
  uint64_t ring;
  char *text;			/* malloc'ed datum ((SECONDS . "LINE") ...),
				   newest first; NULL: the ring is gone */
};

struct rings_message
{
  struct message header;
  size_t count;
  struct ring_text *rings;	/* malloc'ed; owned by the message */
};

enum log_line_flags
{
  LOG_LINE_STDOUT = 1		/* also to standard output, unstamped,
				   unless shepherd is silent */
};

struct log_attach_message
{
  struct message header;
  int fd;			/* read end, O_NONBLOCK; the logger closes it */
  int file_fd;			/* opened log file, or -1; the logger closes it
				   (it may already hold the same path, then it
				   closes this at once) */
  uint64_t ring;		/* where recent lines go; 0: nowhere */
  unsigned int history;		/* lines kept in the ring */
  bool bare;			/* lines bring their stamps with them */
  const char *path;		/* absolute name of the log file; without FILE_FD
				   of the system log's socket, or "", the
				   daemon's own log */
  const char *prefix;		/* before each line in the daemon's log:
				   "sshd[17] "; "" for files */
  char bytes[];
};

struct log_rotate_message
{
  struct number_message answer;	/* what the message becomes; has the ID */
  const char *path;		/* file that a source writes to */
  const char *rotated;		/* its new name */
  char bytes[];
};

enum shutdown_how
{
  SHUTDOWN_EXIT,		/* not PID 1: end with status 0 */
  SHUTDOWN_REBOOT,
  SHUTDOWN_HALT,
  SHUTDOWN_POWER_OFF,
  SHUTDOWN_KEXEC
};

/* Make a message.  All return NULL when memory is out.  With a NULL TEXT,
   message_text leaves LENGTH zero bytes to be filled in.  */
struct message *message_number (enum message_kind kind, uint64_t id,
				int64_t a, int64_t b);
struct message *message_text (enum message_kind kind, uint64_t id,
			      int64_t number, const char *text, size_t length);
struct message *message_line (const char *format, va_list arguments)
  __attribute__ ((format (printf, 1, 0)));	/* of the log, not too long */
struct message *message_publish (unsigned int flags, uint64_t ring,
				 const char *names, size_t names_length,
				 const char *head, const char *tail,
				 const char *saved);
struct message *message_log_attach (int fd, int file_fd, uint64_t ring,
				    unsigned int history, const char *path,
				    const char *prefix);
struct message *message_log_rotate (uint64_t id, const char *path,
				    const char *rotated);
struct message *message_spawn (enum message_kind kind,
			       struct spawn_plan *plan);

/* Free MESSAGE and what it owns, descriptors included.  NULL is fine.  */
void message_free (struct message *message);

#endif
