# user-fork.sh -- configurations that fork by themselves
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'END'
(define (in-child thunk)
  (let ((pid (primitive-fork)))
    (if (zero? pid)
        (begin
          (thunk)
          (primitive-_exit 0))
        pid)))
(register-services
 (list (service '(execs)
         #:start (lambda _
                   (in-child
                    (lambda ()
                      (exec-command '("sleep" "1000")))))
         #:stop (make-kill-destructor))
       (service '(meddles)
         #:start (lambda _
                   (in-child
                    (lambda ()
                      (catch #t
                        (lambda ()
                          (start-service (lookup-service 'execs)))
                        (lambda (key . arguments)
                          (call-with-output-file "caught"
                            (lambda (port)
                              (write arguments port)))))))))))
END

check "a child may become another program" quietly herd start execs
child=$(pid_of execs)
executes_sleep ()
{
  grep -q '^sleep' "/proc/$child/cmdline"
}
check "which is the one asked for" eventually executes_sleep
blocked=$(sed -n 's/^SigBlk:[[:space:]]*//p' "/proc/$child/status")
check "with no signal blocked" equal 0000000000000000 "$blocked"
quietly herd stop execs
check "and it ends when the service is stopped" eventually gone "$child"

check "a child that acts for shepherd starts" quietly herd start meddles
check "it is told that it cannot" \
  eventually grep -qs 'no scheduler runs here' caught
check "its end is noticed" eventually is_stopped meddles
check "the daemon goes on" quietly herd start execs
child=$(pid_of execs)
eventually executes_sleep
check "shepherd does not become another program" fails \
  herd eval root '(exec-command (list "true"))'
check "but says so" answers
quietly herd stop root
wait_for_daemon
check "nothing is left" eventually gone "$child"
finish
