# spawn-failures.sh -- a program that cannot be run fails the start, with its step and reason
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

touch not-executable
start_daemon <<END
;; A directory of PATH that is closed to us would be another reason.
(default-environment-variables '("PATH=/usr/bin:/bin"))
(define (run name . arguments)
  (service (list name)
    #:start (apply make-forkexec-constructor arguments)
    #:stop (make-kill-destructor)))
(register-services
 (list (run 'missing '("/does/not/exist" "--option"))
       (run 'not-found '("no-such-program-anywhere"))
       (run 'forbidden '("$directory/not-executable"))
       (run 'nowhere '("sleep" "1000") #:directory "/\\x00/"
            #:log-file "$directory/nowhere.log")
       (run 'limited '("sleep" "1000") #:resource-limits '((nofile 1 many))
            #:log-file "$directory/limited.log")
       (service '(deaf)
         #:start
         (lambda _
           (let ((port (open-input-file "/dev/null")))
             (close-port port)
             (fork+exec-command '("sleep" "1000") #:extra-ports (list port)
                                #:log-file "$directory/deaf.log"))))
       (run 'homeless '("sleep" "1000") #:directory "/no/such/directory")
       (run 'stranger '("sleep" "1000") #:user "nobody-of-that-name")))
END
refused ()
{
  service=$1
  program=$2
  reason=$3
  status=0
  herd start "$service" > out 2>&1 || status=$?
  check "herd start $service exits with 1" equal 1 "$status"
  check "$service: its answer names the program" matches "$program" "$(cat out)"
  check "$service: its answer names the reason" matches "$reason" "$(cat out)"
  check "$service: so does the log, in one line" logged "$program.*$reason"
  check "$service is stopped" is_stopped "$service"
  check "$service failed" matches '^ ! '"$service"'$' "$(herd status)"
}
# Weak spot: what failed before exec looked like a start.
refused missing /does/not/exist 'No such file or directory'
check "the step is named" matches exec "$(cat out)"
refused not-found no-such-program-anywhere 'No such file or directory'
refused forbidden not-executable 'Permission denied'
refused homeless /no/such/directory 'No such file or directory'
check "the step is named" matches directory "$(cat out)"
refused stranger nobody-of-that-name '.'

# What the core does not take leaves nothing behind.
left ()
{
  herd eval root "(map (lambda (table) (hash-count (const #t) table))
    (list (@@ (shepherd process) spawning) (@@ (shepherd requests) pending)))"
  find "/proc/$daemon/fd" | wc -l
}
before=$(left)
for service in nowhere limited deaf nowhere limited deaf
do
  check "herd start $service is refused" fails herd start "$service" 2>out
done
check "nothing is left of it" equal "$before" "$(left)"
check "the daemon ends" stop_daemon
finish
