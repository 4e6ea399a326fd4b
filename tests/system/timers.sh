# timers.sh -- services that act at certain times
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

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
  (list (timer 'tick every-second
               (command '("/bin/sh" "-c" "echo tick; exit 3")))
        (timer 'filed every-second
               (command '("/bin/sh" "-c" "echo to a file"))
               #:log-file "$directory/timer.log")
        (timer 'code every-second (lambda () (display "code ran\\n")))
        (timer 'broken every-second (lambda () (throw 'oops current-module)))
        (timer 'missing seldom (command '("/no/such/program")))
        (timer 'long seldom
               (command '("/bin/sh" "-c" "sleep 1000 & echo \$! > child; wait")
                        #:directory "$directory"))
        (timer 'short seldom (command '("sleep" "1000")) #:max-duration 1/2)
        (timer 'twice every-second (const #t) #:occurrences 2)
        (timer 'never (calendar-event #:months '(2) #:days-of-month '(30))
               (const #t))
        (timer-service)))
(start-in-the-background '(tick filed code broken missing long short twice))
END

shows ()
{
  herd status "$1" | grep -q -E -e "$2"
}

check "a command is run every second, and status tells" \
  eventually shows tick '^  [-0-9]* [:0-9]* Process exited with code 3 after'
check "what it prints is in the log, with its name" logged '\[sh\] tick$'
check "and in the status of the timer" eventually shows tick ' tick$'
check "alarms to come are listed" shows tick '^Upcoming timer alarms:$'
check "with a log file, it is there" \
  eventually grep -q -E '^[-0-9]+ [:0-9]+ to a file$' "$directory/timer.log"
check "status names that file" shows filed "Log file: $directory/timer.log"
check "Scheme code is called" eventually shows code 'Completed in '
check "what it prints is logged" logged 'code ran$'
check "its exceptions are shown, whatever their arguments" \
  eventually shows broken 'Exception thrown after .*oops'
check "and logged" logged \
  "Exception caught while calling action of timer 'broken': \\(oops #<"

check "after its occurrences a timer is stopped" eventually is_stopped twice
check "which is logged" \
  logged "Finished last occurrence of timer 'twice'\\.$"

check "timers are a section of their own" \
  equal "Running timers:" "$(herd status | sed -n 's/timers:$/timers:/p')"

check "the next alarm is on Christmas Eve" shows long '^  .*Dec 24 18:00:00'
check "trigger acts at once" \
  equal "Triggering timer." "$(herd trigger long)"
check "status shows the process" eventually shows long '^  Child process: [0-9]'
check "it runs" eventually test -s child
check "a stop terminates its group" exits 0 herd stop long
check "all of it" eventually gone "$(cat child)"
check "which is logged" \
  logged "Terminating timer 'long' with 1 process running\\.$"
check "trigger does nothing when it is stopped" equal \
  "Attempted to trigger a timer that is not running; doing nothing." \
  "$(herd trigger long)"

quietly herd trigger short
check "a process may take so long and no longer" \
  eventually shows short 'Process terminated with signal 15 after'
quietly herd trigger missing
check "a program that cannot be run is a run that failed" \
  eventually shows missing \
  'cannot run "/no/such/program": exec failed: No such file or directory'
check "a timer that would never act cannot be started" \
  exits 1 quietly herd start never
check "the reason is told" grep -q "No matching event for timer 'never'" out

# at(1)
check "a command is scheduled" exits 0 quietly herd schedule timer \
  at 03:04:05 -N alarm -E A=b --log-file=alarm.log -d "$directory" -- \
  sh -c 'echo "$A"; pwd'
check "by a service that waits" eventually shows alarm '03:04:05'
check "that can be triggered" exits 0 quietly herd trigger alarm
check "runs with what was asked for" \
  eventually sh -c "grep -q ' b$' alarm.log && grep -q ' $directory$' alarm.log"
check "and is gone when done" \
  eventually fails quietly herd status alarm

mistake ()
{
  exits 1 quietly herd schedule timer "$@" && cat out
}
context="herd: error: exception caught while executing 'schedule' on service \
'timer':"
check "no such time" equal "$context
25:00: invalid calendar time specification" "$(mistake at 25:00 -- true)"
check "no time" equal "$context
Timer spec lacks 'at TIME'." "$(mistake true)"
check "no command" equal "$context
Timer spec lacks a command to run." "$(mistake at 12:00)"
quietly herd schedule timer at 03:00 -N one -- true
check "a name in use is refused" \
  matches 'one: there is a service of that name already' \
  "$(mistake at 03:00 -N one -- true)"
quietly herd stop timer
check "stopping the service forgets its timers" exits 1 quietly herd status one

# Only what is used is loaded.
loaded ()
{
  test "$(herd eval root "(->bool (resolve-module '$1 #f #:ensure #f))" \
            | tail -n 1)" = "#t"
}
check "dates of SRFI 19 are not loaded for timers" \
  fails loaded "(srfi srfi-19)"
check "while timers are" loaded "(shepherd timer)"
check "the daemon ends" stop_daemon

# Mistakes in a configuration: each is told, the rest of it is there.
rm -f "$log"
start_daemon <<'END'
(use-modules (shepherd service timer))
(cron-string->calendar-event "61 * * * *")
(calendar-event #:hours '(24))
(calendar-event #:days-of-week '(someday))
(make-timer-constructor "noon" (const #t))
(command '())
(register-services (list (service '(good) #:start (const #t))))
END
says ()
{
  grep -q -F -e "$1" "$output"
}
check "a cron field is told, with what was expected" says \
  'config.scm:2:1: error: "61 * * * *": invalid minutes cron field: "61": expected 0-59'
check "a value out of range" says \
  'config.scm:3:1: error: calendar-event: hours: 24: value out of range (0-23)'
check "a day of the week" says \
  'config.scm:4:1: error: calendar-event: someday: invalid day of week'
check "no event" says \
  "In call to 'make-timer-constructor', value \"noon\" of argument 'event'"
check "an empty command" says \
  "In call to 'command', value () of argument 'arguments'"
check "what is right is registered" quietly herd start good
check "the daemon ends" stop_daemon

# Without timers there is nothing to pay.
rm -f "$log"
start_daemon <<'END'
(register-services (list (service '(good) #:start (const #t))))
END
check "without timers nothing of them is loaded" \
  fails loaded "(shepherd timer)"
check "nor calendars" fails loaded "(shepherd calendar)"
check "the daemon ends" stop_daemon
finish
