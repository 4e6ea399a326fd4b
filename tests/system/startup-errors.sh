# startup-errors.sh -- what keeps shepherd from starting, and what does not
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

errors=$directory/errors
echo > "$directory/empty.scm"

# Start it in the foreground; it must not stay there.
refused ()
{
  exits 1 timeout "$deadline" \
    shepherd -c "$directory/empty.scm" "$@" > "$output" 2> "$errors"
}

# refuses SENTENCE MESSAGE OPTION...
refuses ()
{
  what=$1
  message=$2
  shift 2
  check "$what" refused "$@"
  check "$what, saying so" \
    equal "shepherd: error: $message" "$(cat "$errors")"
}

mkdir -m 755 "$directory/open"
refuses "a socket directory that others can enter is refused" \
  "$directory/open: socket directory has insecure permissions
shepherd: hint: Only you may have access to it: 'chmod 700 $directory/open', or \
choose another with '--socket'." \
  -s "$directory/open/socket" -l "$log"
refuses "a missing socket directory is refused" \
  "cannot access directory of socket '$directory/none/socket': No such file or directory" \
  -s "$directory/none/socket" -l "$log"
check "no log is opened before the socket" fails test -e "$log"

echo text > "$socket_directory/file"
refuses "a file in the place of the socket is refused" \
  "while opening socket '$socket_directory/file': bind: Address already in use" \
  -s "$socket_directory/file" -l "$log"
check "it is still there" equal text "$(cat "$socket_directory/file")"

# Weak spot: without its log or PID file, a process neither served nor ended.
touch "$directory/file"
refuses "a log file that cannot be opened is refused" \
  "cannot open log file '$directory/file/log': Not a directory" \
  -s "$socket" -l "$directory/file/log"
check "then no socket is left" fails test -e "$socket"
check "a log file whose directory cannot be made is refused" \
  refused -s "$socket" -l /sys/none/log
check "with what kept it from being made" matches \
  "^shepherd: error: cannot open log file '/sys/none/log': (Operation not \
permitted|Permission denied|Read-only file system)\$" "$(cat "$errors")"
mkfifo "$directory/fifo"
refuses "a log FIFO that nobody reads is refused" \
  "cannot open log file '$directory/fifo': nobody reads that FIFO" \
  -s "$socket" -l "$directory/fifo"

refuses "a PID file that cannot be written is refused" \
  "cannot write PID to '$directory/file/pid': Not a directory" \
  -s "$socket" -l "$log" --pid="$directory/file/pid"
check "then no socket is left either" fails test -e "$socket"

long=$socket_directory/$(printf '%0100d' 0)
refuses "a socket name that is too long is refused" \
  "while opening socket '$long': bind: File name too long" \
  -s "$long" -l "$log"

start_daemon < "$directory/empty.scm"
refuses "a second instance is refused" \
  "shepherd instance already listening on '$socket'" \
  -s "$socket" -l "$log.2"
check "the first one still answers" answers

# A dead one leaves its socket behind.
kill -KILL "$daemon"
wait "$daemon"
check "a stale socket is there" test -S "$socket"
: > "$log"
start_daemon < "$directory/empty.scm"
check "a stale socket is replaced" answers
check "an orderly stop" exits 0 stop_daemon
check "removes the socket" fails test -e "$socket"

: > "$log"
socket=$directory/open/socket
start_daemon --insecure < "$directory/empty.scm"
check "--insecure accepts such a directory" answers
check "it stops as well" exits 0 stop_daemon

: > "$log"
socket=relative
chmod 700 "$directory"
start_daemon < "$directory/empty.scm"
check "a relative socket is in the working directory" \
  test -S "$directory/relative"
check "it stops" exits 0 stop_daemon
check "and removes that socket" fails test -e "$directory/relative"

finish
