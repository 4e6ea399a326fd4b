/* room.c -- what all parts of the core use.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later  */

#include <config.h>

#include "room.h"

#include <stdarg.h>

epoll_data_t
room_data (enum room_tag tag, uint64_t id)
{
  return (epoll_data_t) { .u64 = (uint64_t) tag << ROOM_TAG_SHIFT | id };
}

int
room_watch (struct core *core, int fd, uint32_t events, enum room_tag tag,
	    uint64_t id)
{
  return poller_set (core->epoll_fd, fd, events, room_data (tag, id));
}

int
room_rewatch (struct core *core, int fd, uint32_t events, enum room_tag tag,
	      uint64_t id)
{
  return poller_change (core->epoll_fd, fd, events, room_data (tag, id));
}

struct message *
room_number (struct core *core, enum message_kind kind, uint64_t id,
	     int64_t a, int64_t b)
{
  struct message *message = message_number (kind, id, a, b);
  if (message == NULL && core->spare_count > 0)
    {
      struct number_message *spare
	= (struct number_message *) core->spares[--core->spare_count];
      *spare = (struct number_message) { { kind, NULL }, id, a, b };
      message = &spare->header;
    }
  return message;
}

void
room_tell (struct core *core, struct message *message)
{
  mailbox_post (core->options.to_interpreter, message);
  core->alert = true;
}

void
room_tell_logger (struct core *core, struct message *message)
{
  mailbox_post (core->options.to_logger, message);
  core->told_logger = true;
}

void
room_log (struct core *core, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  room_tell_logger (core, message_line (format, arguments));
  va_end (arguments);
}

void
room_check (struct core *core, int result, const char *format,
	    const char *service)
{
  if (result < 0)
    room_log (core, format, service, i18n_error (-result));
}

bool
room_is_due (const struct core *core, int64_t deadline)
{
  return deadline != 0 && deadline <= core->now;
}
