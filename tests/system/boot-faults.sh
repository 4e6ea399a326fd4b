# boot-faults.sh -- a system call that fails at the start ends nothing badly
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

# deadline: 600 seconds
command -v strace >/dev/null || skip "no strace"
strace -o trace -e trace=getpid -e inject=getpid:error=EPERM:when=1 true \
  2>/dev/null || skip "strace cannot trace here"

echo > config.scm

# traced CALL ERRNO NTH [PROGRAM...]: run shepherd, by way of PROGRAM, in place
# of this process, with that failure in its main thread.
traced ()
{
  call=$1
  fault=$2
  nth=$3
  shift 3
  exec "$@" strace -D -o trace -e trace="$call" \
    -e inject="$call:error=$fault:when=$nth" \
    shepherd -c config.scm -s "$socket" -l "$log" > "$output" 2>&1 </dev/null
}

injected ()
{
  grep -q INJECTED trace 2>/dev/null
}

ended_or_answers ()
{
  daemon_ended || answers
}

# A daemon says what is wrong and ends, or does without.
start_with_failure ()
{
  rm -f "$log" "$socket" trace
  (traced "$1" "$2" "$3" env) &
  daemon=$!
  eventually ended_or_answers || return 1
  # Also when it answers, its interpreter may still have to fail.
  daemon_ended || herd stop root > /dev/null 2>&1
  status=0
  wait_for_daemon 2>/dev/null || status=$?
  test "$status" -eq 0 || { test "$status" -lt 128 && test -s "$output"; }
}

# PID 1 answers, even if it has to start over; or has no socket, and said why.
stays ()
{
  ! daemon_ended && { timeout 5 herd -s "$socket" status > /dev/null 2>&1 \
    || grep -q "error: while opening socket" "$output"; }
}

start_init_with_failure ()
{
  rm -f "$log" "$socket" trace
  # shellcheck disable=SC2086  # a list of words
  (traced "$1" "$2" "$3" unshare $namespace_options) &
  daemon=$!
  eventually stays
  result=$?
  clean_up
  daemon=
  return "$result"
}

# How the kernel tells that a PID namespace was restarted.
press_keys ()
{
  init=$(cat "/proc/$daemon/task/$daemon/children")
  kill -INT "${init% }" && exits 129 wait_for_daemon
}

count=0
# each_failure FUNCTION CALL ERRNO: each call of that kind fails once.
each_failure ()
{
  nth=1
  while test $nth -le 12
  do
    check "$1: $2 fails ($3, $nth)" "$1" "$2" "$3" $nth
    injected || break
    count=$((count + 1))
    nth=$((nth + 1))
  done
}

deadline=30
for fault in pipe2:EMFILE pipe2:ENFILE epoll_create1:EMFILE \
  epoll_create1:ENOMEM epoll_ctl:ENOMEM epoll_ctl:ENOSPC eventfd2:EMFILE \
  memfd_create:EMFILE memfd_create:ENOMEM clone3:EAGAIN clone3:ENOMEM \
  socket:EMFILE socket:ENOBUFS bind:EACCES bind:EADDRINUSE listen:EADDRINUSE \
  signalfd4:EMFILE signalfd4:ENODEV timerfd_create:EMFILE \
  fallocate:ENOSPC fallocate:ENOMEM ftruncate:ENOMEM inotify_init1:EMFILE \
  inotify_add_watch:ENOSPC prctl:EPERM close_range:ENOSYS fcntl:EMFILE
do
  each_failure start_with_failure "${fault%:*}" "${fault#*:}"
done

# shellcheck disable=SC2086  # a list of words
if unshare $namespace_options true 2>/dev/null
then
  for fault in pipe2:EMFILE epoll_create1:ENOMEM eventfd2:EMFILE \
    clone3:EAGAIN socket:EMFILE bind:EADDRINUSE signalfd4:EMFILE \
    timerfd_create:EMFILE
  do
    each_failure start_init_with_failure "${fault%:*}" "${fault#*:}"
  done

  # One that lasts.
  rm -f "$log" "$socket" trace
  # shellcheck disable=SC2086
  (traced epoll_create1 ENOMEM 1+ unshare $namespace_options) &
  daemon=$!
  check "PID 1 without memory says so" eventually printed \
    "error: cannot start: Cannot allocate memory"
  check "and goes on trying" eventually \
    sh -c "grep -c 'cannot start' '$output' | grep -q '[2-9]'"
  check "clients hear at once that nobody listens" \
    exits 1 quietly timeout "$deadline" herd -s "$socket" status
  check "ctrl-alt-del restarts the machine" press_keys
fi
echo "$count failures"
finish
