# protocol.sh -- the socket, byte by byte, as clients of others see it
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Nothing of ours is between the bytes here and the daemon: what is expected is
# written out.  Times and PIDs, which vary, are replaced by T and PID.

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

client=${abs_top_builddir:?}/tests/system/client

cat > loaded.scm <<'END'
'(the last value)
END
cat > bad.scm <<'END'
(throw 'oops 1 car)
END
start_daemon <<'END'
(use-modules (srfi srfi-9) (srfi srfi-35) (shepherd comm)
             (shepherd service timer))
(define-record-type <plain> (plain) plain?)
(define-record-type <shown>
  (shown value)
  shown?
  (value shown-value))
(define-record-type-serializer (shown->sexp (shown <shown>))
  `(shown (version 0) (value ,(shown-value shown)) (address #(1 "/x"))))
(define (kind object)
  (cond ((keyword? object) 'keyword)
        ((symbol? object) 'symbol)
        ((string? object) 'string)
        ((boolean? object) 'boolean)
        ((and (number? object) (exact? object)) 'exact)
        ((number? object) 'inexact)
        ((char? object) 'character)
        ((null? object) 'null)
        ((pair? object) 'pair)
        ((vector? object) 'vector)
        ((array? object) 'array)
        (else 'other)))
(define seen '())
(define (giving value)
  (lambda _ value))
(register-services
 (list (service '(dep other-name)
         #:documentation "What others need."
         #:start (lambda arguments
                   (set! seen arguments)
                   (display "one\n\nthree")
                   #t)
         #:stop (lambda (running . arguments)
                  (set! seen arguments)
                  #f)
         #:actions
         (list (action 'kinds (lambda (running . arguments)
                                (map kind arguments)))
               (action 'same (lambda (running . arguments)
                               arguments))
               (action 'seen (lambda _ seen))
               (action 'running (lambda (running . _) running))
               (action 'none (lambda _ (values)))
               (action 'several (lambda _ (values 'first 'second)))
               (action 'false (giving #f))
               (action 'vector (giving (vector 1 "2" #\a)))
               (action 'character (giving #\a))
               (action 'procedure (giving car))
               (action 'unspecified (giving *unspecified*))
               (action 'eof (giving (read (open-input-string ""))))
               (action 'plain (giving (plain)))
               (action 'shown (giving (list (shown (list 1 (shown 2))))))
               (action 'nested (giving (list 1 (list "two" (cons 'a 2.5))
                                             (vector) #:key #t #f
                                             (string->symbol "a b") +inf.0
                                             '())))
               (action 'process (lambda _ (lookup-running 'proc)))
               (action 'text (giving
                              (string-append "a\nb\t\"c\"\\ "
                                             (string (integer->char 955)
                                                     (integer->char 1)))))
               (action 'throwing (lambda _ (throw 'oops 1 "two" 'three car)))
               (action 'err (lambda _ (error "Message" 1 2)))
               (action 'quitter (lambda _ (quit 3)))
               (action 'raising (lambda _ (raise-exception 42)))
               (action 'condition (lambda _
                                    (raise-exception
                                     (condition (&message (message "x"))))))
               (action 'prints (lambda _
                                 (display "a\n\nb\n")
                                 (newline)
                                 (display "unfinished")
                                 #t))))
       (service '(proc process-alias)
         #:requirement '(dep)
         #:respawn? #t
         #:documentation "A process service."
         #:start (make-forkexec-constructor
                  '("/bin/sh" "-c" "exec sleep 1000"))
         #:stop (make-kill-destructor))
       (service '(failing) #:start (const #f))
       (service '(throwing) #:start (lambda _ (throw 'oops 1 "two" 'three)))
       (service '(needy) #:requirement '(throwing))
       (service '(lost) #:requirement '(nowhere))
       (service '(once) #:one-shot? #t #:start (const 'result))
       (service '(passing) #:transient? #t #:start (const #t))
       (service '(inetd)
         #:start (make-inetd-constructor
                  '("/bin/cat" "-")
                  (list (endpoint (make-socket-address AF_UNIX "inetd.sock")
                                  #:name "first" #:backlog 7))))
       (service '(systemd)
         #:start (make-systemd-constructor
                  '("/bin/cat")
                  (list (endpoint (make-socket-address AF_INET
                                                       INADDR_LOOPBACK 0)
                                  #:socket-owner "root" #:bind-attempts 2)
                        (endpoint (make-socket-address AF_INET6 1 0)
                                  #:style SOCK_DGRAM))))
       (service '(timer)
         #:start (make-timer-constructor
                  (calendar-event #:hours '(4) #:minutes '(30)
                                  #:days-of-week '(sunday friday)
                                  #:days-of-month '(1) #:months '(2))
                  (command '("true" "x") #:user "nobody"
                           #:environment-variables '("SECRET=1")
                           #:directory "/"))
         #:stop (make-timer-destructor))))
END

# variable TEXT: what varies in it is replaced.
variable ()
{
  printf '%s' "$1" | sed -E 's/\b1[0-9]{9}\b/T/g; s/\(id [0-9]+\)/(id PID)/g
    s/\(sockets \([0-9 ]+\)\)/(sockets (FD))/g'
}

raw ()
{
  printf '%s' "$1" | "$client" raw "$socket"
}

command_text ()
{
  printf '(shepherd-command (version 0) (action %s) (service %s) (arguments (%s)) (directory "/"))' \
    "$1" "$2" "$3"
}

# ask ACTION SERVICE ARGUMENTS: the reply
ask ()
{
  variable "$(raw "$(command_text "$1" "$2" "$3")")"
}

# replies SENTENCE RESULT ERROR MESSAGES ACTION SERVICE ARGUMENTS
replies ()
{
  check "$1" equal \
    "(reply (version 0) (result $2) (error $3) (messages $4))" \
    "$(ask "$5" "$6" "$7")"
}

# gives RESULT ACTION SERVICE ARGUMENTS: nothing wrong, nothing said
gives ()
{
  replies "$2 $3" "$1" "#f" "()" "$2" "$3" "$4"
}

# is_wrong ERROR ACTION SERVICE ARGUMENTS
is_wrong ()
{
  replies "wrong: $2 $3 $4" "#f" "(error (version 0) $1)" "()" "$2" "$3" "$4"
}


# What is no command: the connection is closed without a reply.

nothing ()
{
  reply=$(printf '%b' "$1" | "$client" raw "$socket" 2>&1) || return 1
  equal "" "$reply"
}

no_command ()
{
  check "no command: $1" nothing "$1"
}
lines_before=$(wc -l < "$log")
no_command ''
no_command ' \n'
no_command ')'
no_command '#<foo>'
no_command '#.(x)'
no_command '|'
no_command '"\\q"'
no_command 'foo'
no_command '42 '
no_command '()'
no_command '"text"'
no_command '(shepherd-command'
no_command '(shepherd-command (version 0) (action status) (service root) (arguments ("\0377")) (directory "/"))'
no_command '(shepherd-command (version 0) (action status) (service root) (arguments ("\0355\0240\0200")) (directory "/"))'
no_command '(shepherd-command (version 0) (action status) (service root) (arguments ()))'
no_command '(shepherd-command (version 0) (action status) (service root) (directory "/"))'
no_command '(shepherd-command (version 0) (action status) (arguments ()) (directory "/"))'
no_command '(shepherd-command (action status) (service root) (arguments ()) (directory "/"))'
no_command '(shepherd-command (version 0) (service root) (action status) (arguments ()) (directory "/"))'
no_command '(shepherd-command (version 0) (action status) (service root) (arguments ()) (directory "/") (more 1))'
no_command '(shepherd-command (version 0) (action status) (service root) (arguments x) (directory "/"))'
no_command '(shepherd-command (version 0) (action status) (service root) (arguments (1 . 2)) (directory "/"))'
no_command '(shepherd-command (version 0) (action status) (service root) (arguments) (directory "/"))'
no_command '(shepherd-command (version 0) (action) (service root) (arguments ()) (directory "/"))'
no_command '(shepherd-command (version 0) (action a b) (service root) (arguments ()) (directory "/"))'
no_command '(shepherd-command (version 1) (action status) (service root) (arguments ()) (directory "/"))'
no_command '(shepherd-command (version "0") (action status) (service root) (arguments ()) (directory "/"))'
no_command '(shepherd-command (version) (action status) (service root) (arguments ()) (directory "/"))'
no_command '(shepherd-command version (action status) (service root) (arguments ()) (directory "/"))'
no_command '(Shepherd-command (version 0) (action status) (service root) (arguments ()) (directory "/"))'
no_command '(reply (version 0) (result #f) (error #f) (messages ()))'
no_command '(shepherd-command (version 0) (action status) (service root) (arguments (#1:9999999999(a))) (directory "/"))'
check "nor is any of it mentioned" \
  equal "$lines_before" "$(wc -l < "$log")"


# What is one, however it is written.

# accepted SENTENCE TEXT
accepted ()
{
  check "$1" equal '(reply (version 0) (result (())) (error #f) (messages ()))' \
    "$(printf '%b' "$2" | "$client" raw "$socket")"
}
accepted "white space, everywhere" \
  '\n\t (shepherd-command\n(version\t0)\f(action same)(service dep)(arguments())(directory "/") )'
accepted "comments, everywhere" \
  '; one\n#| two #| three |# |# #;(four) (shepherd-command ;five\n (version 0) #|six|# (action same) #;seven (service dep) (arguments ()) (directory "/"))'
accepted "a longer version" \
  '(shepherd-command (version 0 1 "two") (action same) (service dep) (arguments ()) (directory "/"))'
accepted "any directory" \
  '(shepherd-command (version 0) (action same) (service dep) (arguments ()) (directory #f))'
accepted "brackets" \
  '[shepherd-command (version 0) [action same] (service dep) [arguments []] (directory "/")]'
accepted "more after it" \
  '(shepherd-command (version 0) (action same) (service dep) (arguments ()) (directory "/")) and so on ) "'
check "without an end of file" equal \
  '(reply (version 0) (result (())) (error #f) (messages ()))' \
  "$(command_text same dep '' | "$client" half "$socket")"

gives '((string string exact inexact symbol symbol keyword boolean null pair vector character array pair))' \
  kinds dep '"a" "" 1 -1.5 sym #{a b}# #:key #f () (a . b) #(1) #\a #u8(1) (quote x)'
gives '(("é\n\\\"" 1/2 (a (b #f)) #:name foo #{a b}# (quote x)))' \
  same dep '"\u00e9\n\\\"" 1/2 (a (b #false)) #:name foo #{a b}# '"'x"
gives '((1 2 3))' same dep '#e1 #x2 #b11'
is_wrong 'service-not-found "dep"' same '"dep"' ''
is_wrong 'action-not-found "same" dep' '"same"' dep ''
is_wrong 'service-not-found (a b)' same '(a b)' ''
is_wrong 'action-not-found 42 dep' 42 dep ''


# Actions that every service has.

service_dep='(service (version 0) (provides (dep other-name)) (requires ()) (respawn? #f) (docstring "What others need.") (enabled? #t) (running #t) (conflicts ()) (last-respawns ()) (status-changes ((running . T) (starting . T))) (startup-failures ()) (status running) (one-shot? #f) (transient? #f) (respawn-limit (5 . 7)) (respawn-delay 0.1) (actions (kinds same seen running none several false vector character procedure unspecified eof plain shown nested process text throwing err quitter raising condition prints)) (exit-statuses ()) (recent-messages ()) (log-files ()) (pending-replacement? #f))'
stopped=$(printf '%s' "$service_dep" | sed 's/(running #t)/(running #f)/
  s/(status-changes ((running . T) (starting . T)))/(status-changes ())/
  s/(status running)/(status stopped)/')
replies "status of a stopped service" "($stopped)" "#f" "()" status dep ''
gives '(#f)' running dep ''
replies "start" "$service_dep" "#f" \
  '("one" "" "three" "Service dep has been started.")' start dep '"an argument" 2'
gives '(("an argument" 2))' seen dep ''
gives '(#t)' running dep ''
replies "start of what runs" "$service_dep" "#f" \
  '("Service dep is already running.")' start dep ''
replies "status, by another name" "($service_dep)" "#f" "()" status other-name ''
replies "start, with requirements, of a process" \
  '(service (version 0) (provides (proc process-alias)) (requires (dep)) (respawn? #t) (docstring "A process service.") (enabled? #t) (running (process (version 0) (id PID) (command ("/bin/sh" "-c" "exec sleep 1000")))) (conflicts ()) (last-respawns ()) (status-changes ((running . T) (starting . T))) (startup-failures ()) (status running) (one-shot? #f) (transient? #f) (respawn-limit (5 . 7)) (respawn-delay 0.1) (actions ()) (exit-statuses ()) (recent-messages ()) (log-files ()) (pending-replacement? #f))' \
  "#f" '("Service proc has been started.")' start proc ''
gives '(proc)' stop proc '"an argument"'
check "how the process ended is told" \
  matches '\(exit-statuses \(\(15 \. T\)\)\)' "$(ask status proc '')"
gives '()' stop proc ''
replies "start that fails" "#f" "#f" \
  '("Service failing could not be started.")' start failing ''
check "that is told" matches \
  '\(status-changes \(\(stopped \. T\) \(starting \. T\)\)\) \(startup-failures \(T\)\) \(status stopped\)' \
  "$(ask status failing '')"
is_wrong 'action-exception start throwing oops (1 "two" three)' start throwing ''
replies "start whose requirement throws" "#f" "#f" \
  '("Exception caught while starting throwing: (oops 1 \"two\" three)" "Service needy depends on throwing.")' \
  start needy ''
is_wrong 'service-not-found nowhere' start lost ''
check "start of a one-shot" \
  matches '^\(reply \(version 0\) \(result \(service \(version 0\) \(provides \(once\)\).*\(running #f\).*\(status stopped\) \(one-shot\? #t\)' \
  "$(ask start once '')"
check "start of a transient service" matches '\(transient\? #t\)' \
  "$(ask start passing '')"
gives '(passing)' stop passing ''
is_wrong 'service-not-found passing' status passing ''
replies "disable" '("#<unspecified>")' "#f" '("Disabled service dep.")' disable dep ''
check "that is told" matches '\(enabled\? #f\)' "$(ask status dep '')"
replies "enable" '("#<unspecified>")' "#f" '("Enabled service dep.")' enable dep ''
replies "restart, with dependents" '(#t)' "#f" \
  '("one" "" "three" "Service dep has been started.")' restart dep '"again"'
gives '(("again"))' seen dep ''
replies "doc" '("#<unspecified>")' "#f" '("What others need.")' doc dep ''
replies "doc action" '("#<unspecified>")' "#f" \
  '("kinds: [No documentation.]")' doc dep '"action" "kinds"'
is_wrong 'action-not-found "x" dep' doc dep '"action" "x"'
replies "doc of something else" '("#<unspecified>")' "#f" \
  "(\"Unknown keyword.  Try 'herd help'.\")" doc dep '"x"'
check "an action that takes no arguments" matches \
  '^\(reply \(version 0\) \(result #f\) \(error \(error \(version 0\) action-exception status dep wrong-number-of-args \(' \
  "$(ask status dep '1')"


# Values.

gives '("#<unspecified>")' none dep ''
gives '(first)' several dep ''
gives '(#f)' false dep ''
gives '("#(1 \"2\" #\\a)")' vector dep ''
gives '("#\\a")' character dep ''
gives '("#<procedure car (_)>")' procedure dep ''
gives '("#<unspecified>")' unspecified dep ''
gives '("#<eof>")' eof dep ''
check "a record without serializer" matches '\(result \("#<<plain>[^"]*>"\)\)' \
  "$(ask plain dep '')"
gives '(((shown (version 0) (value (1 (shown (version 0) (value 2) (address #(1 "/x"))))) (address #(1 "/x")))))' \
  shown dep ''
gives '((1 ("two" (a . 2.5)) "#()" #:key #t #f #{a b}# +inf.0 ()))' nested dep ''
gives '("a\nb\t\"c\"\\ λ\x01")' text dep ''
replies "messages, line by line" '(#t)' "#f" '("a" "" "b" "" "unfinished")' \
  prints dep ''
ask start proc '' >/dev/null
check "a service as a value is its description" \
  matches '^\(reply \(version 0\) \(result \(\(service \(version 0\) \(provides \(proc process-alias\)\)' \
  "$(ask process dep '')"
check "of all services, in one list" matches \
  '^\(reply \(version 0\) \(result \(\(\(service \(version 0\) .*\(provides \(proc process-alias\)\).*\)\)\) \(error #f\) \(messages \(\)\)\)$' \
  "$(ask status root '')"


# Errors.

is_wrong 'service-not-found nobody' start nobody ''
is_wrong 'action-not-found jump dep' jump other-name ''
is_wrong 'action-exception throwing dep oops (1 "two" three "#<procedure car (_)>")' throwing dep ''
is_wrong 'action-exception err dep misc-error (#f "~A ~S ~S" ("Message" 1 2) #f)' err dep ''
is_wrong 'action-exception quitter dep quit (3)' quitter dep ''
is_wrong 'action-exception raising dep %exception (42)' raising dep ''
check "a condition" matches \
  'action-exception condition dep %exception \("#<&message .*message: .*x.*>"\)' \
  "$(ask condition dep '')"
replies "eval" '(3)' "#f" '("Evaluating user expression (+ 1 2).")' \
  eval root '"(+ 1 2)"'
replies "an error in eval" "#f" \
  '(error (version 0) action-exception eval root numerical-overflow ("divide" "Numerical overflow" #f #f))' \
  '("Evaluating user expression (/ 1 0).")' eval root '"(/ 1 0)"'
replies "load" '((the last value))' "#f" "(\"Loading $directory/loaded.scm.\")" \
  load root "\"$directory/loaded.scm\""
replies "load of a file that is missing" "#f" \
  '(error (version 0) action-exception load root system-error ("open-fdes" "~A" ("No such file or directory") (2)))' \
  '("Loading /no/file.")' load root '"/no/file"'
check "load of a file with an error" matches \
  '\(error \(error \(version 0\) action-exception load root oops \(1 "#<procedure car \(_\)>"\)\)\)' \
  "$(ask load root "\"$directory/bad.scm\"")"
is_wrong 'service-not-found none' unload root '"none"'


# Other running values.

value_of ()
{
  ask start "$1" '' | sed -E 's/.*\(running (.*)\) \(conflicts.*/\1/'
}
owner=$(id -u)
group=$(id -g)
check "the value of an inetd-style service" equal \
  "(inetd-service (version 0) (endpoints ((endpoint (version 0) (name \"first\") (address #(1 \"inetd.sock\")) (style 1) (backlog 7) (owner $owner) (group $group) (permissions 493) (bind-attempts 5)))) (sockets (FD)) (command (\"/bin/cat\" \"-\")) (connections ()))" \
  "$(value_of inetd)"
check "the value of a systemd-style service" equal \
  "(systemd-service (version 0) (endpoints ((endpoint (version 0) (name \"unknown\") (address #(2 2130706433 0)) (style 1) (backlog 128) (owner \"root\") (group $group) (permissions 493) (bind-attempts 2)) (endpoint (version 0) (name \"unknown\") (address #(10 1 0 0 0)) (style 2) (backlog 128) (owner $owner) (group $group) (permissions 493) (bind-attempts 5)))) (sockets (FD)) (command (\"/bin/cat\")))" \
  "$(value_of systemd)"
check "the value of a timer" equal \
  '(timer (version 0) (event (calendar-event (version 0) (seconds (0)) (minutes (30)) (hours (4)) (days-of-month (1)) (days-of-week (0 5)) (months (2)))) (action (command (version 0) (arguments ("true" "x")) (user "nobody") (group #f) (supplementary-groups ()) (environment-variables ()) (directory "/") (resource-limits ()))) (processes ()) (remaining-occurrences +inf.0) (past-runs ()))' \
  "$(value_of timer)"
root=$(ask status root '' | sed -E 's/.*\((service \(version 0\) \(provides \(root shepherd\)\).*)/\1/; s/ \(service .*//')
check "the description of root" matches \
  '^service \(version 0\) \(provides \(root shepherd\)\) \(requires \(\)\) \(respawn\? #f\) \(docstring "[^"]*"\) \(enabled\? #t\) \(running \(process \(version 0\) \(id PID\) \(command \(' \
  "$root"
check "with its actions" matches \
  '\(actions \(help status halt power-off kexec load eval unload reload daemonize restart' \
  "$(raw "$(command_text status root '')")"
replies "help" "(\"$(herd help root | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n/\\n/g')\")" \
  "#f" '()' help root ''

check "stop of root: an end of file" equal "" "$(ask stop root '')"
check "and the daemon ends" wait_for_daemon
finish
