# repl.sh -- sessions of the REPL
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/repl-lib.sh
. "${abs_top_srcdir:?}/tests/system/repl-lib.sh"

start_daemon_with_repl <<END
(define (loaded? name)
  (->bool (resolve-module name #f #:ensure #f)))
(register-services
 (list (service '(talker)
         #:start (lambda _
                   (display "started by ")
                   (display (loaded? '(system repl repl)))
                   (newline)
                   #t))
       (service '(process)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))))
END

check "the daemon's own user alone can connect" \
  equal 600 "$(stat -c %a "$repl")"
herd start talker > /dev/null
check "Guile's REPL is not loaded before somebody connects" \
  logged 'started by #f'

shows ()
{
  grep -q -E -e "$1" transcript
}

# The example of the manual.
check "a session goes as documented" \
  equal "\$1 = 5
\$2 = running" "$(session <<'END'
(+ 2 3)
(use-modules (shepherd service))
(service-status root-service)
,q
END
)"
check "a client is logged" logged 'Accepting REPL connection\.$'
check "it is a service" logged 'Service repl-client-1 has been started\.$'
check "which vanishes with it" eventually fails quietly herd status repl-client-1
forgotten ()
{
  test "$(herd eval root '(hash-count (const #t)
                            (@@ (shepherd service repl) clients))' \
            | tail -n 1)" = 0
}
check "and is forgotten" eventually forgotten

check "the end of input ends a session, once all is said" \
  equal "= 0 = last " \
  "$(printf "(sleep 0.2)\n'last" | session \
       | sed -n 's/^\$[0-9]* //p' | tr '\n' ' ')"

# Errors.
session > transcript <<'END'
(define (f x) (+ 1 (car x)))
(define (g x) (+ 1 (f x)))
(g 1)
(+ 1 1)
,bt
,locals
,error-message
(define (deep n) (if (zero? n) (car n) (+ 1 (deep (- n 1)))))
(deep 500)
(unbound)
(let 1)
)
END
check "an error shows where it was" \
  shows '^     1:19  0 \(f 1\)$'
check "and from where" shows '^     2:19  1 \(g _\)$'
check "and what" equal 3 \
  "$(grep -c 'In procedure car: Wrong type argument' transcript)"
check "and the session goes on, at the same level" \
  shows '^\$[0-9]+ = 2$'
check "the stack can be looked at afterwards" equal 2 \
  "$(grep -c '0 (f 1)' transcript)"
check "and a frame" shows '^  (No local|Local) variables'
check "of many frames, the innermost are shown" \
  equal 20 "$(grep -c '(deep [0_])' transcript)"
check "a warning is shown" \
  shows "warning: possibly unbound variable .unbound'"
check "and the error that it warned of" \
  shows '^Unbound variable: unbound$'
check "a form that is no form is refused" \
  shows 'let: bad let in form \(let 1\)$'
check "what cannot be read is refused" \
  shows '^While reading expression:$'
session > transcript <<'END'
(throw 'odd 1 2)
(raise-exception 'odder)
(error "With irritants:" 'a "b")
(with-exception-handler (lambda (exception) (car exception)) (lambda () (car 1)))
'there
END
check "any exception is shown" \
  shows "Throw to key .odd' with args .\(1 2\)'"
check "any object, too" shows 'odder'
check "and irritants" shows '^With irritants: a "b"$'
check "an error while an error is handled is one" \
  shows '^\$[0-9]+ = there$'

# Meta-commands.
session > transcript <<'END'
,help
,use (shepherd service)
,describe start-service
,time (sleep 0.3)
,module
,pretty-print '(a b)
,in (srfi srfi-1) (fold + 0 '(1 2 4))
,break car
,trace (car '(1))
,profile 1
,no-such-command
,load "no-such-file"
,expand (unless 1 2)
,L elisp
(+ 20 2)
,L scheme
END
check ",help helps" shows '^Command Groups:$'
check ",describe describes" \
  shows '^Start what @var\{service\} requires'
check ",time waits, and tells how long" \
  shows '^;; (0\.[3-9]|[1-9])[0-9.]*s real time'
check ",module tells which one" shows '^\(shepherd-user\)$'
check ",pretty-print prints" shows '\(a b\)$'
check ",in looks into modules" shows '= 7$'
check "what would stop everybody is not available" equal 3 \
  "$(grep -c 'This command is not available here' transcript)"
check "an unknown command is refused" \
  shows '^Unknown meta command: no-such-command$'
check "an error in a command is shown" \
  shows 'No such file or directory'
check ",expand expands" shows '= \(if \(.*not\) 1\) 2\)$'
check "there are other languages" shows '= 22$'

# Sessions share their module.
dial 7 one
dial 8 two
check "several clients at once are served" \
  equal "repl-client-6 repl-client-7" \
  "$(herd status | sed -n 's/.*\(repl-client-.*\)/\1/p' | tr '\n' ' ' | sed 's/ $//')"
tell 7 '(define shared 41)' '(display "only for one")'
eventually said one 'only for one'
tell 8 '(+ 1 shared)'
check "what one defines, the other sees" eventually said two '= 42$'
tell 7 ',module (guile-user)' '(module-name (current-module))'
eventually said one 'guile-user'
tell 8 '(module-name (current-module))'
check "a change of module concerns one alone" \
  eventually said two '= \(shepherd-user\)$'
check "and so does what is printed" fails said two 'only for one'
check "which is not logged" fails in_log 'only for one'
tell 8 '(begin (sleep 1000) 1)'
tell 7 '(begin (sleep 0.1) (quote slept))'
check "who sleeps does not keep others waiting" eventually said one '= slept$'
tell 7 '(use-modules (shepherd service))' \
     '(start-service (lookup-service (quote talker)))' \
     '(begin (start-service (lookup-service (quote process))) 1)' \
     '(service-canonical-name (current-service))'
check "code runs for the client's service" eventually said one '= repl-client-6$'
check "messages come to whom they concern" \
  said one 'Service process has been started\.$'
check "services can be started" is_running process
tell 7 '(begin (stop-service (lookup-service (quote process))) 1)'
check "and stopped" eventually is_stopped process
tell 7 '(register-services (list (service (quote (loud)) #:start (lambda _ (display "loud\n") #t))))' \
     '(start-service (lookup-service (quote loud)))'
check "what a method prints comes to the client" eventually said one 'loud$'
check "and to the log" logged ' loud$'
tell 7 '(call-with-output-file "written" (lambda (port) (write (read) port)))' \
     '(what follows)'
check "code can read what the client types" eventually test -s written
check "as it was typed" equal "(what follows)" "$(cat written)"

# Ends.
check "a client's service can be stopped" quietly herd stop repl-client-7
check "that closes its connection" eventually gone "$two"
check "others go on" is_running repl-client-6
check "the REPL can be stopped" quietly herd stop repl
check "its socket file is gone" fails test -e "$repl"
tell 7 '(* 6 111)'
check "clients stay connected" eventually said one '= 666$'
check "it can be started again" quietly herd start repl
dial 9 three
check "its clients are numbered from 1 again" is_running repl-client-1
tell 9 '(+ 2 shared)'
check "and see the same module" eventually said three '= 43$'
tell 9 "(stop-service (lookup-service 'repl-client-1))"
check "a client can end itself" eventually gone "$three"
check "for good" fails quietly herd status repl-client-1
tell 7 '(quit)'
check "quitting ends the session, not the daemon" eventually gone "$one"
check "which goes on" quietly herd status
exec 7>&- 8>&- 9>&-

# The socket goes over to the next run.
dial 7 four
check "the service can be restarted" quietly herd restart repl
tell 7 '(+ 70 7)'
check "clients go on" eventually said four '= 77$'
check "and others are served" \
  matches '^\$[0-9]+ = 1$' "$(echo '(begin 1)' | session)"
exec 7>&-
check "the daemon ends" stop_daemon
check "no socket file is left" fails test -e "$repl"
finish
