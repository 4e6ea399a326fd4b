# idle.sh -- with nothing to do, no system call
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

if ! strace -o trace true 2>/dev/null
then
  skip "strace is missing or not allowed"
fi
start_daemon <<'END'
(use-modules (shepherd service timer))
(define (seldom name)
  (service (list name)
    #:start (make-timer-constructor
             (calendar-event #:months '(12) #:days-of-month '(24)
                             #:hours '(18) #:minutes '(0))
             (command '("true")))
    #:stop (make-timer-destructor)))
(define (sleeper name)
  (service (list name)
    #:respawn? #t
    #:start (make-forkexec-constructor '("sleep" "1000"))
    #:stop (make-kill-destructor)))
(register-services (append (map seldom '(four five))
                           (map sleeper '(one two three))))
(start-in-the-background '(four five one two three))
END
eventually is_running three || die "no service"
eventually status_matches five '^  Timed service' || die "no timer"
# The kernel has one timer, for both.
check "there is one timer" equal 1 \
  "$(grep -l '^clockid: 0$' "/proc/$daemon/fdinfo/"* 2>/dev/null | wc -l)"

# What is free because of a collection just before leaves no garbage behind.  In
# pieces: the collector may take any word for a pointer, and keep one of them.
kilobytes ()
{
  awk '/^Private_Dirty:/ { print $2 }' "/proc/$daemon/smaps_rollup"
}
check "20 MB are taken" quietly herd eval root \
  "(module-define! the-root-module 'taken
     (list->vector (map (lambda (_) (make-vector 125000 1)) (iota 20))))"
check "and kept" test "$(kilobytes)" -gt 20000
check "they are free" quietly herd eval root \
  "(begin (vector-fill! taken #f) (gc))"
they_are_gone ()
{
  test "$(kilobytes)" -lt 12000
}
check "and go back when all is at rest" eventually they_are_gone

# Processor time in hundredths of a second.
ticks ()
{
  sed 's/.*) //' "/proc/$daemon/stat" | awk '{ print $12 + $13 }'
}

# Attaching interrupts the calls that wait, once: what ends within the first
# second does not count.
quiet_for ()
{
  timeout "$(($1 + 1))" strace -f -ttt -o trace -p "$daemon" 2>/dev/null
  test -s trace || die "strace cannot attach"
  awk 'NR == 1 { begin = $2 }
       / = / && $2 > begin + 1 && !/<detached/ { print; found = 1 }
       END { exit found }' trace
}
# The last answer may have left something to put away.
eventually quiet_for 1 || die "it never becomes quiet"
before=$(ticks)
check "no system call in 10 seconds" quiet_for 10
# Being traced costs a little.
used=$(($(ticks) - before))
check "no processor time either ($used ticks)" test $used -lt 5
check "the daemon ends" stop_daemon
finish
