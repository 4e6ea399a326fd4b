# values.sh -- what methods return and print, however odd
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<END
(use-modules (srfi srfi-9) (srfi srfi-9 gnu) (ice-9 match))
(define-record-type <odd> (odd) odd?)
(define-record-type <worse> (worse) worse?)
(set-record-type-printer! <worse> (lambda _ (throw 'unprintable)))
(define circular (list 1 2 3))
(set-cdr! (cddr circular) circular)
(define (giving name value . rest)
  (apply service (list name)
    #:start (const value) #:stop (const #f) rest))
(register-services
 (list (service '(nothing)
         #:start (lambda _ (values)) #:stop (lambda _ (values)))
       (service '(several)
         #:start (lambda _ (values 'first 'second))
         #:stop (lambda _ (values #f 2)))
       (service '(nothing-from-setter)
         #:start (lambda _ (lambda (set) (values))) #:stop (const #f))
       (service '(procedure)
         #:start (lambda _
                   (lambda (set)
                     (set "soon gone")
                     'from-setter))
         #:stop (const #f))
       (giving 'zero 0) (giving 'one 1) (giving 'two 2)
       (giving 'void (if #f #f))
       (giving 'record (odd))
       (giving 'unprintable (worse))
       (giving 'nested (list (odd) (vector car) 'a))
       (giving 'circular circular)
       (giving 'port (current-input-port))
       (giving 'text (string #\\a #\\nul #\\" #\\\\ #\\x3bb #\\newline))
       (giving 'symbols (list (string->symbol "a b") (string->symbol "")
                               #:keyword))
       (giving 'numbers '(1/2 1.5 +inf.0 -nan.0 1+2i))
       (service '(helped)
         #:start (lambda _
                   (fork+exec-command
                    '("sh" "-c" "exit 1"))
                   'not-a-process)
         #:stop (const #f))
       (service '(helper-is-it)
         #:start (lambda _
                   (fork+exec-command '("sh" "-c" "exit 1"))
                   (fork+exec-command '("sleep" "1000")))
         #:stop (make-kill-destructor))
       (service '(own-status)
         #:start (const #t) #:stop (const #f)
         #:actions
         (actions (status "Say it." (lambda (running)
                                      (display "fine, thanks\n") 'fine))
                  (nothing "No values." (lambda _ (values)))
                  (odd "A value without syntax." (lambda _ (list car)))
                  (worse "A value that cannot be printed."
                         (lambda _ (worse)))
                  (throw "Throw." (lambda _ (throw 'oops (worse) car)))))
       (service '(printer)
         #:start (lambda _
                   (display "no newline at the end")
                   #t)
         #:stop (lambda _
                  (display "bye") (newline) (display "then nothing")
                  #f))))
END

# status_reads SERVICE: clients understand the datum, and it is the latest.
status_reads ()
{
  herd status "$1" > out 2>&1 || { cat out; return 1; }
  matches "Status of $1:.  It is running since" "$(tr '\n' . < out)"
}

# Weak spot: a start that returned no value stayed `starting' for ever.
for service in nothing several nothing-from-setter
do
  check "$service: it starts" equal "Service $service has been started." \
    "$(herd start $service 2>&1)"
  check "$service: it runs" is_running $service
  check "$service: it stops" exits 0 quietly herd stop $service
  check "$service: it is stopped" is_stopped $service
done
herd start several >/dev/null
check "the first of several values counts" \
  matches 'Running value is first\.' "$(herd status several)"
herd start procedure >/dev/null
check "a procedure gives the value when called with the setter" \
  matches 'Running value is from-setter\.' "$(herd status procedure)"
herd start zero >/dev/null
check "0 is a value" matches 'Running value is 0\.' "$(herd status zero)"
herd start one >/dev/null
check "1 is a value" matches 'Running value is 1\.' "$(herd status one)"

# Weak spot: one value that cannot be read broke the replies.
for service in void record unprintable nested circular port text symbols \
  numbers
do
  check "$service: a service with such a value starts" \
    equal "Service $service has been started." "$(herd start $service 2>&1)"
  check "$service: its status can be read" status_reads $service
done
check "the status of all can be read" matches '^ \+ nested$' "$(herd status)"
check "values without syntax are strings" \
  matches 'Running value is "#<<odd>>"\.' "$(herd status record)"
check "also within others" \
  matches 'Running value is \("#<<odd>>" "#\(#<procedure car .*>\)" a\)\.' \
  "$(herd status nested)"
for action in nothing odd worse
do
  check "an action may return such values ($action)" \
    exits 0 quietly herd $action own-status
done
check "or throw them" exits 1 quietly herd throw own-status
check "with an answer" \
  matches "exception caught while executing 'throw'" "$(cat out)"
check "eval returns them" exits 0 quietly herd eval root '(vector car)'
for service in record unprintable circular port
do
  check "$service: it stops" exits 0 quietly herd stop $service
  check "$service: it is stopped" is_stopped $service
done

# An action of this name takes the place of what the core answers.
herd start own-status >/dev/null
check "an action called status is performed" \
  equal "fine, thanks" "$(herd status own-status)"
check "but not for the status of all" \
  matches '^ \+ own-status$' "$(herd status)"
check "nor by detailed-status of all" \
  matches 'Status of own-status' "$(herd detailed-status)"

# Weak spot: the end of a helper stopped the service.
herd start helped >/dev/null
herd start helper-is-it >/dev/null
main=$(pid_of helper-is-it)
both_logged ()
{
  herd eval root "(begin (system* \"true\") 'reaped)" >/dev/null
}
eventually both_logged
check "the end of a helper does not stop a service without a process" \
  is_running helped
check "nor one with another process" is_running helper-is-it
kill -KILL "$main"
check "but that of its own process does" eventually is_stopped helper-is-it

# Weak spot: lines of controllers went to whoever touched the service first.
check "the client that starts a service sees what its method printed" \
  equal "no newline at the end
Service printer has been started." "$(herd start printer)"
# Weak spot: what lacked a newline was glued to the next message.
check "a client's last line may lack its newline" \
  equal "bye
then nothing" "$(herd stop printer)"
check "which the next client does not see" \
  equal "Service printer is already running." \
  "$(herd start printer >/dev/null; herd start printer)"
check "the log has the lines of the controller" \
  eventually logged ' Starting service printer\.\.\.$'
check "and those of the methods, each for itself" \
  eventually logged '^[-0-9]+ [:0-9]+ no newline at the end$'
check "all of it" eventually logged '^[-0-9]+ [:0-9]+ then nothing$'
check "no client gets the lines of a controller" fails \
  sh -c 'herd -s "$1" restart printer | grep -e "\.\.\.$" -e "running with"' \
  sh "$socket"

# Weak spot: services inherited SIGPIPE ignored.
herd eval root '(system* "sh" "-c"
  "grep -E ^SigIgn: /proc/self/status; yes | head -n 1; exit 0")' >/dev/null
check "commands of the daemon have SIGPIPE" \
  eventually logged 'SigIgn:.0000000000000000$'
check "the daemon ends" stop_daemon
finish
