# threads.sh -- threads that user code creates, and signals among them
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

threads_of ()
{
  find "/proc/$1/task" -mindepth 1 -maxdepth 1 | wc -l
}

# Without any: the core, two spawners, the logger, its writer, Guile.
start_daemon <<'CONFIG'
#t
CONFIG
check "no thread is there without need" equal 6 "$(threads_of "$daemon")"

# Those of the collector: SIGRTMIN+5 and SIGRTMIN+6.
for signal in 39 40
do
  kill "-$signal" "$daemon"
done
check "the collector's signals, sent by others, do not stop the interpreter" \
  exits 0 timeout "$deadline" herd -s "$socket" eval root '(gc)'
check "it stops" exits 0 stop_daemon

# A collection stops these threads very often.
: > "$log"
start_daemon <<'CONFIG'
(use-modules (ice-9 threads))
(define (collect)
  (make-vector 1000)
  (collect))
(call-with-new-thread collect)
(call-with-new-thread collect)
CONFIG
check "user code may create threads" test "$(threads_of "$daemon")" -ge 8
kill -TERM "$daemon"
check "SIGTERM is orderly while the collector stops threads" \
  exits 0 wait_for_daemon
check "services were stopped first" logged 'Stopping service root'

finish
