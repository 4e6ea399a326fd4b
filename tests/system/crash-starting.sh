# crash-starting.sh -- a crash, and another, in the middle of a start
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/crash-lib.sh
. "${abs_top_srcdir:?}/tests/system/crash-lib.sh"

start_daemon <<END
(define (daemon name delay)
  (let ((pid-file (string-append "$directory/" (symbol->string name) ".pid")))
    (service (list name)
      #:start (make-forkexec-constructor
               (list "$worker" (symbol->string name) "daemon" delay pid-file)
               #:pid-file pid-file #:pid-file-timeout 30)
      #:stop (make-kill-destructor))))
(register-services
 (list (daemon 'slow "3000")
       (service '(waits)
         #:start (lambda _
                   (let loop ()
                     (unless (file-exists? "$directory/go")
                       (sleep 0.1)
                       (loop)))
                   (fork+exec-command (list "$worker" "waits" "idle")))
         #:stop (make-kill-destructor))))
END
process=$daemon

crash ()
{
  fault forgive "$daemon"
  before=$(crashes)
  kill -SEGV "$daemon"
  eventually crashed_again "$before"
  eventually thinks
}
has_process ()
{
  test "$(count "$1")" -gt 0
}

herd start slow > slow.out 2>&1 &
client=$!
herd start waits > waits.out 2>&1 &
waits=$!
eventually has_process slow
eventually status_matches waits 'starting'
crash
crash
check "the client is told" fails wait "$client"
check "by a clear word" grep -q 'Interrupted: shepherd crashed' slow.out
wait "$waits"
check "a start that was under way is gone on with" eventually is_running slow
check "by the process that it began with" equal 1 "$(count slow)"
check "which is the one that the service names" \
  equal "$(cat slow.pid)" "$(pid_of slow)"
check "other starts begin anew" status_matches waits 'starting'
touch go
check "and end" eventually is_running waits
check "with one process" equal 1 "$(count waits)"
crash
check "and all that is kept" is_running slow
check "in both" is_running waits
check "the daemon ends as usual" stop_daemon
finish
