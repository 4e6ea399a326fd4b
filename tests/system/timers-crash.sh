# timers-crash.sh -- timers go on after a crash of the daemon
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

begin=$(date +%s)
start_daemon <<END
(use-modules (shepherd service timer))
(define (timer name event action . options)
  (service (list name)
    #:start (apply make-timer-constructor event action options)
    #:stop (make-timer-destructor)
    #:actions (list timer-trigger-action)))
(define every-second (calendar-event #:seconds (iota 60)))
(define seldom (cron-string->calendar-event "0 18 24 12 *"))
(register-services
  (list (timer 'tick every-second (command '("sh" "-c" "echo tick >> $directory/ticks"))
               #:occurrences 1000000)
        (timer 'code every-second
               (lambda ()
                 (call-with-output-file "code" (const #t))))
        (timer 'long seldom
               (command '("/bin/sh" "-c" "while test -e go; do sleep 0.1; done
                                          echo it said goodbye; exit 7")
                        #:directory "$directory"
                        #:environment-variables
                        (list "SECRET=sesame" "PATH=$PATH"))
               #:occurrences 5)
        (timer 'limited seldom (command '("sleep" "1000"))
               #:max-duration 3)
        (timer-service)))
(start-in-the-background '(tick code long limited))
END

child_of ()
{
  herd status "$1" | sed -n 's/^  Child process: \([0-9]*\)$/\1/p'
}
shows ()
{
  herd status "$1" | grep -q -E -e "$2"
}
has_child ()
{
  test -n "$(child_of "$1")"
}
crash ()
{
  rm -f code
  kill -SEGV "$daemon"
  eventually herd status code >/dev/null 2>&1
}

touch go
quietly herd schedule timer at 04:05:06 -N once -- /bin/sh -c 'echo once ran'
eventually shows code 'Completed in' || die "no timer"
quietly herd trigger long
quietly herd trigger limited
eventually has_child long || die "no process"
eventually has_child limited || die "no process"
pid=$(child_of long)
limited=$(child_of limited)
since=$(herd status long | sed -n 's/.*\(since [0-9:]*\).*/\1/p' | head -n 1)

crash
check "it crashed" eventually logged 'Going on after a crash'
check "timers are timers" eventually shows long '^  Timed service'
check "the process is the same" equal "$pid" "$(child_of long)"
check "since the same time" equal "$since" \
  "$(herd status long | sed -n 's/.*\(since [0-9:]*\).*/\1/p' | head -n 1)"
check "Scheme code is called again" eventually test -e code
check "commands run again" eventually shows tick 'Process exited successfully'
check "a process that takes too long is ended" \
  eventually shows limited 'Process terminated with signal 15'
check "that one" gone "$limited"
check "timers made by commands wait" shows once '04:05:06'
check "can be triggered" equal "Triggering timer." "$(herd trigger once)"
check "do what they should" eventually logged 'once ran$'
check "and are forgotten then" eventually fails quietly herd status once

crash
check "once more" eventually shows long '^  Timed service'
check "the process is still the same" equal "$pid" "$(child_of long)"
rm go
check "its end is noticed, with its status" \
  eventually shows long 'Process exited with code 7 after'
check "its last words are shown" eventually shows long ' it said goodbye$'
check "past runs are those before the crashes, too" \
  shows limited 'Process terminated with signal 15'
check "no occurrence happened twice" \
  test "$(wc -l < ticks)" -le $(($(date +%s) - begin))
check "the environment is nowhere to be seen" \
  fails grep -q -r sesame "$log" "$output"
check "a stop is a stop" exits 0 herd stop tick
check "the daemon ends" stop_daemon
finish
