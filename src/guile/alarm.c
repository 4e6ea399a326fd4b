/* alarm.c -- waiting for a time of the wall clock.

   Copyright (C) 2026 The Shepherd authors
   SPDX-License-Identifier: GPL-3.0-or-later

   The kernel wakes us when the time comes, also if it came while the machine
   slept, and when somebody sets the clock; until then nothing happens.  */

#include <config.h>

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "primitive.h"

static SCM
prim_open_alarm (void)
{
  int fd = timerfd_create (CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

  if (fd < 0)
    primitive_raise ("%open-alarm", errno);
  return scm_from_int (fd);
}

static SCM
prim_set_alarm (SCM descriptor, SCM time)
{
  struct itimerspec setting = { 0 };
  int fd = scm_to_int (descriptor);

  if (scm_is_true (time))
    {
      int64_t ns = scm_to_int64 (time);

      /* All zeros would mean no alarm.  */
      if (ns <= 0)
	ns = 1;
      setting.it_value.tv_sec = ns / 1000000000;
      setting.it_value.tv_nsec = ns % 1000000000;
    }
  if (timerfd_settime (fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
		       &setting, NULL) == 0)
    return SCM_BOOL_T;
  if (errno != ECANCELED)
    primitive_raise ("%set-alarm", errno);
  return SCM_BOOL_F;
}

static SCM
prim_read_alarm (SCM descriptor)
{
  uint64_t count;
  ssize_t got = read (scm_to_int (descriptor), &count, sizeof count);

  if (got == sizeof count)
    return scm_from_utf8_symbol ("due");
  if (errno == ECANCELED)
    return scm_from_utf8_symbol ("clock-set");
  if (errno != EAGAIN && errno != EINTR)
    primitive_raise ("%read-alarm", errno);
  return SCM_BOOL_F;
}

const struct primitive alarm_primitives[] =
{
  { "%open-alarm", 0, 0, prim_open_alarm,
    "Return a new descriptor that becomes readable as @code{%set-alarm}\n"
    "says.  Raise @code{system-error}." },
  { "%set-alarm", 2, 0, prim_set_alarm,
    "Have the alarm @var{fd} become readable when the wall clock shows\n"
    "@var{time}, in nanoseconds since the Epoch, or is set; never, if that is\n"
    "@code{#f}.  Return false if the clock was set just now." },
  { "%read-alarm", 1, 0, prim_read_alarm,
    "Return why the alarm @var{fd} is readable: @code{due} or\n"
    "@code{clock-set}; or @code{#f} if it is not." },
  { NULL, 0, 0, NULL, NULL }
};
