# crash-registered.sh -- services that came by commands, and a crash while loading
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/crash-lib.sh
. "${abs_top_srcdir:?}/tests/system/crash-lib.sh"

crash ()
{
  fault forgive "$daemon"
  before=$(crashes)
  kill -SEGV "$daemon"
  eventually crashed_again "$before"
  eventually thinks
}

# The configuration waits in the middle the first time.
cat > "$directory/config.scm" <<END
(define (sleeper name)
  (service (list name)
    #:start (make-forkexec-constructor '("sleep" "1000"))
    #:stop (make-kill-destructor)))
(define pid-file "$directory/patient.pid")
(register-services
 (list (sleeper 'early)
       (service '(patient)
         #:start (make-forkexec-constructor
                  (list "$worker" "patient" "daemon" "500" pid-file)
                  #:pid-file pid-file)
         #:stop (make-kill-destructor))))
(start-service (lookup-service 'early))
(call-with-output-file "$directory/begun" (const #t))
(let loop ()
  (unless (file-exists? "$directory/go")
    (sleep 0.05)
    (loop)))
(start-in-the-background '(patient))
(register-services (list (sleeper 'late)))
(start-service (lookup-service 'late))
(register-services (list (service '(value) #:start (lambda _ (make-hash-table)))))
(start-service (lookup-service 'value))
END
launch_daemon -c "$directory/config.scm" -s "$socket" -l "$log"
process=$daemon
eventually test -e begun
early=$(pid_of early)
touch go
fault forgive "$daemon"
kill -SEGV "$daemon"
check "a crash while the configuration is loaded: the rest is loaded, too" \
  eventually is_running late
check "what it had started goes on" equal "$early" "$(pid_of early)"
eventually thinks
check "what begins to start is not started twice" eventually is_running patient
check "there is one process" equal 1 "$(count patient)"

# Taking up waits there, too.
quietly herd stop late
rm go
for times in first second
do
  rm begun
  fault forgive "$daemon"
  before=$(crashes)
  kill -SEGV "$daemon"
  eventually test -e begun
  check "it crashes, and while it takes up: the $times time" \
    eventually crashed_again "$before"
done
touch go
eventually thinks
check "what was stopped is not started, however often it crashes" \
  is_stopped late
check "what ran is the same" equal "$early" "$(pid_of early)"

cat > more.scm <<'END'
(register-services
 (list (service '(loaded)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))
       (service '(loaded-idle) #:start (const #t))))
END
quietly herd load root "$directory/more.scm"
quietly herd start loaded
quietly herd eval root "(begin (register-services
  (list (service '(spoken)
          #:start (make-forkexec-constructor '(\"sleep\" \"1000\"))
          #:stop (make-kill-destructor))))
  (start-service (lookup-service 'spoken)))"
quietly herd disable loaded-idle
eventually is_running spoken
loaded=$(pid_of loaded)
spoken=$(pid_of spoken)
crash
check "what a command loaded goes on" equal "$loaded" "$(pid_of loaded)"
check "what does not run is still there, and disabled" \
  status_matches loaded-idle 'disabled'
check "what was only evaluated goes on" equal "$spoken" "$(pid_of spoken)"
check "and the log tells" logged 'spoken is not defined any more'
check "a value that cannot be kept is replaced" logged 'value of service value'
check "a loaded service stops" quietly herd stop loaded
check "and starts" quietly herd start loaded
check "one that was only evaluated stops" quietly herd stop spoken
check "its process has ended" eventually gone "$spoken"

# What ends at the same time as the daemon crashes is not missed.
loaded=$(pid_of loaded)
fault forgive "$daemon"
before=$(crashes)
kill -STOP "$daemon"
kill "$loaded"
kill -SEGV "$daemon"
kill -CONT "$daemon"
eventually crashed_again "$before"
check "an end during a crash is noticed" eventually is_stopped loaded

# A shutdown goes on.
cat > slow.scm <<'END'
(register-services
 (list (service '(slow)
         #:start (make-forkexec-constructor
                  '("sh" "-c" "trap '' TERM; > deaf; while :; do sleep 0.1; done")
                  #:directory (getcwd))
         #:stop (make-kill-destructor #:grace-period 2))))
END
quietly herd load root "$directory/slow.scm"
quietly herd start slow
slow=$(pid_of slow)
eventually test -e deaf
herd stop root > /dev/null 2>&1 &
eventually logged 'Stopping service slow'
fault forgive "$daemon"
kill -SEGV "$daemon"
check "a crash during shutdown: the daemon ends nevertheless" wait_for_daemon
check "it says that it goes on with that" logged 'Going on with the shutdown'
check "the service has ended" eventually gone "$slow"
check "all others, too" eventually gone "$early"
finish
