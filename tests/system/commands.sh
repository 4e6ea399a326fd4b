# commands.sh -- herd's commands against the daemon itself
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

cat > more.scm <<'END'
(register-services (list (service '(loaded) #:start (const 'yes))))
'value-of-more
END
start_daemon <<'END'
(register-services
 (list (service '(base) #:start (const #t) #:stop (const #f))
       (service '(top tip) #:requirement '(base)
         #:documentation "On top."
         #:start (lambda arguments (if (null? arguments) #t arguments))
         #:stop (const #f)
         #:actions (actions
                    (greet "Say hello."
                           (lambda (running . names)
                             (for-each (lambda (name)
                                         (display (string-append "Hello, "
                                                                 name "\n")))
                                       names)
                             #t))
                    (refuse "Return false." (const #f))
                    (throw "Throw." (lambda _ (throw 'oops 1 "two" 'three)))))
       (service '(nothing) #:start (lambda () (values)))
       (service '(falsy) #:start (const #f))
       (service '(once) #:one-shot? #t #:start (const #t))
       (service '(passing) #:transient? #t #:start (const #t))
       (service '(lost) #:requirement '(nowhere))))
END
# says SENTENCE STATUS EXPECTED HERD-ARGUMENT...
says ()
{
  sentence=$1
  expected_status=$2
  expected_text=$3
  shift 3
  actual_status=0
  text=$(herd "$@" 2>&1) || actual_status=$?
  check "$sentence" equal "$expected_status: $expected_text" \
    "$actual_status: $text"
}

says "start, with a requirement" 0 \
'Service base has been started.
Service top has been started.' start top
says "an alias names the same service" 0 \
  'Service top is already running.' start tip
says "stop says nothing" 0 '' stop base
check "and stops dependents" is_stopped top
says "stop of a stopped service says nothing" 0 '' stop base
says "restart of a stopped service" 0 \
'Service top is not running.
Service base has been started.
Service top has been started.' restart top
says "restart brings back dependents" 0 \
'Service base has been started.
Service top has been started.' restart base
herd stop top
says "arguments reach the start method" 0 \
  'Service top has been started.' start top a 'b c'
check "as strings" matches 'Running value is \("a" "b c"\)\.' \
  "$(herd status top)"

says "an action with arguments" 0 'Hello, you
Hello, them' greet top you them
says "an action that returns false" 1 '' refuse top
says "an action that throws" 1 \
"herd: error: exception caught while executing 'throw' on service 'top':
Throw to key \`oops' with args \`(1 \"two\" three)'." throw top
says "an unknown action" 1 \
"herd: error: service 'top' does not have an action 'jump'
herd: hint: Run 'herd doc top list-actions' to list supported actions." jump top
says "an unknown service" 1 \
  "herd: error: service 'none' could not be found" start none
says "doc" 0 'On top.' doc top
says "doc of an action" 0 'greet: Say hello.' doc top action greet
check "the actions of root" equal "help status halt power-off kexec load eval \
unload reload daemonize restart reexec" \
  "$(herd doc root list-actions | sed -n 's/^\(.*\):$/\1/p' | xargs)"

says "a start method that returns false" 1 \
'Service falsy could not be started.
herd: error: failed to start service falsy' start falsy
says "a start method that returns no value" 0 \
  'Service nothing has been started.' start nothing
says "a one-shot" 0 'Service once has been started.' start once
check "is listed as such" matches '^ \* once$' "$(herd status)"
says "a transient service" 0 'Service passing has been started.' start passing
says "is stopped" 0 '' stop passing
says "and then unknown" 1 \
  "herd: error: service 'passing' could not be found" status passing

says "disable" 0 'Disabled service base.' disable base
says "a disabled service is stopped" 0 '' stop base
says "and not started" 1 'Service base is currently disabled.
herd: error: failed to start service base' start base
says "nor as a requirement" 1 'Service base is currently disabled.
Service top depends on base.
herd: error: failed to start service top' start top
says "enable" 0 'Enabled service base.' enable base
says "it starts again" 0 'Service base has been started.' start base

says "eval prints the value" 0 'Evaluating user expression (+ 1 2).
3' eval root '(+ 1 2)'
says "values without syntax come as strings" 0 \
  'Evaluating user expression (if #f #f).
"#<unspecified>"' eval root '(if #f #f)'
says "an error in eval" 1 'Evaluating user expression (undefined-thing).
herd: error: exception caught while executing '"'eval' on service 'root'"':
Unbound variable: undefined-thing' eval root '(undefined-thing)'
herd eval root '(exit)' >/dev/null 2>&1
check "(exit) ends nothing" answers
says "load" 0 "Loading $directory/more.scm." load root "$directory/more.scm"
says "what was loaded" 0 'Service loaded has been started.' start loaded
says "unload" 0 "Removing service 'loaded'...
Done." unload root loaded
check "unloaded" matches "'loaded' could not be found" \
  "$(herd status loaded 2>&1)"
says "load of a missing file" 1 "Loading /no/file.
herd: error: exception caught while executing 'load' on service 'root':
In procedure open-fdes: No such file or directory" \
  load root /no/file

check "graph" matches '"top" -> "base";' "$(herd graph)"
check "graph draws a requirement that is missing" \
  matches '"lost" -> "nowhere";' "$(herd graph)"
check "log" matches 'service base is being started' "$(herd log)"
check "detailed-status" matches 'Provides: top tip' "$(herd detailed-status)"
says "restart root" 0 'You must be kidding.' restart root
says "a word order that is wrong" 1 \
"herd: error: service 'start' could not be found
herd: hint: Did you mean 'herd start top'?" top start
says "halt by an ordinary user's daemon" 1 'Not running as PID 1; doing nothing.' \
  halt root
check "is refused, and nothing stops" is_running base
check "the daemon ends" stop_daemon
says "then there is no socket" 1 \
  "herd: error: $socket: No such file or directory
herd: hint: No shepherd listens there.  Start one, or name the socket of \
another with '--socket'." status
finish
