# crash-lib.sh -- for tests that crash the daemon; after lib.sh
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

PATH=${abs_top_builddir:?}/tests/system:$PATH
# shellcheck disable=SC2034  # for those who source this
worker=$abs_top_builddir/tests/system/worker

# shellcheck disable=SC2034  # for those who source this
wild_write="(begin (use-modules (system foreign) (rnrs bytevectors))
  (bytevector-u8-set! (pointer->bytevector (make-pointer 4096) 1) 0 1))"

# The daemon's PID as this shell sees it.
process=

# Some services that run and one that does not.
crash_configuration ()
{
  cat <<'END'
(register-services
 (list (service '(sleeper)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor)
         #:respawn? #t)
       (service '(orphan)
         #:start (make-forkexec-constructor
                  (list "sh" "-c" "sleep 1001 & echo $! > $0"
                        (string-append (getcwd) "/orphan.pid"))
                  #:pid-file (string-append (getcwd) "/orphan.pid"))
         #:stop (make-kill-destructor))
       (service '(once) #:start (const #t) #:one-shot? #t)
       (service '(idle) #:start (const #t))))
(start-in-the-background '(sleeper orphan once))
END
}

is_started ()
{
  is_running sleeper && is_running orphan && status_matches once 'one-shot'
}

services ()
{
  for service in sleeper orphan once idle
  do
    herd status "$service" | sed -n 's/ (.* ago)//;s/^  Main PID/&/p;s/^  It is/&/p'
  done
}

note_services ()
{
  eventually is_started || die "the services do not start"
  eventually test -n "$(pid_of orphan)" || die "orphan has no process"
  services=$(services)
}

services_unchanged ()
{
  equal "$services" "$(services)"
}

crashes ()
{
  grep -c 'shepherd crashed: ' "$log"
}

# crashed_again BEFORE: there was one more.
crashed_again ()
{
  test "$(crashes)" -gt "$1"
}

# The interpreter, not the core, answers.
thinks ()
{
  herd eval root '(+ 1 2)' 2>/dev/null | grep -q 3
}

# How many processes there are of worker.c that are called so.
count ()
{
  # shellcheck disable=SC2013  # words it is
  for child in $(cat "/proc/$process/task/"*/children)
  do
    tr '\0' ' ' < "/proc/$child/cmdline" && echo
  done 2>/dev/null | grep -c " $1 "
}
# Children of the daemon that it did not reap.
zombies ()
{
  # shellcheck disable=SC2013  # words it is
  for child in $(cat "/proc/$process/task/"*/children)
  do
    sed -n 's/^\([0-9]* (.*) Z\).*/\1/p' "/proc/$child/stat" 2>/dev/null
  done
}

no_zombies ()
{
  test -z "$(zombies)"
}

reported ()
{
  report=$(sed -n "s/.*A report is in '\(.*\)'\.\$/\1/p" "$log" | tail -n 1)
  test -n "$report" && test -s "$report"
}

# check_crash NAME COMMAND...: after COMMAND, the daemon has crashed and goes
# on as it was.
check_crash ()
{
  name=$1
  shift
  fault forgive "$process"
  before=$(crashes)
  "$@"
  check "$name: the daemon crashes and says so" \
    eventually crashed_again "$before"
  check "$name: it goes on" eventually thinks
  check "$name: it is the same process" fails daemon_ended
  check "$name: services are the same" services_unchanged
  check "$name: no zombie is left" eventually no_zombies
  check "$name: there is a report" reported
}
