# root-actions.sh -- what herd asks of the daemon itself
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

cat > more.scm <<'END'
(register-services
 (list (service '(new newer) #:start (const #t) #:stop (const #f))))
END
cat > bad.scm <<'END'
(register-services (list (service '(left) #:start (const #t))))
(undefined-thing)
END
start_daemon <<'END'
(register-services
 (list (service '(plain) #:start (const #t) #:stop (const #f))
       (service '(talker) #:documentation "Talks."
         #:start (const #t) #:stop (const #f)
         #:actions (actions
                    (echo "Write the arguments."
                          (lambda (running . arguments)
                            (write arguments)))
                    (status "Say so." (lambda _ (display "fine") #f))))
       (service '(thrower) #:start (lambda _ (throw 'oops 1 "two" 'three)))
       (service '(needy) #:requirement '(thrower plain) #:start (const #t))))
END

# says SENTENCE STATUS EXPECTED HERD-ARGUMENT...
says ()
{
  sentence=$1
  expected=$2:$3
  shift 3
  actual_status=0
  text=$(herd "$@" 2>&1) || actual_status=$?
  # Where a procedure is differs from one run to the next.
  check "$sentence" equal "$expected" "$actual_status:$(echo "$text" \
    | sed 's/#<procedure [^>]*>/#<procedure>/')"
}

# Documentation.
check "help alone is that of root" equal "$(herd help root)" "$(herd help)"
check "it has the actions" matches '^  reload FILE  ' "$(herd help)"
says "help is root's own action" 1 \
"herd: error: service 'plain' does not have an action 'help'
herd: hint: Run 'herd doc plain list-actions' to list supported actions." \
  help plain
says "doc" 0 'Talks.' doc talker
says "doc full is the same" 0 'Talks.' doc talker full
says "doc short is the same" 0 'Talks.' doc talker short
says "doc of what has none" 0 '[No description].' doc plain
says "doc action" 0 'status: Say so.
echo: Write the arguments.' doc talker action status echo
says "doc action of what is none" 1 \
"herd: error: service 'talker' does not have an action 'cry'
herd: hint: Run 'herd doc talker list-actions' to list supported actions." \
  doc talker action cry
check "doc list-actions" equal 'echo:
  Write the arguments.

status:
  Say so.

.' "$(herd doc talker list-actions; echo .)"
says "doc list-actions where there are none" 0 '' doc plain list-actions
says "doc with another word" 0 "Unknown keyword.  Try 'herd help'." \
  doc plain everything

# Arguments.
says "options are appended to those of any action" 0 \
  "(\"a\" \"-b\" #:name me #:directory \"$directory/d\" \
#:extra-environment-variables (\"C=2\" \"A=1\") \
#:log-file \"$directory/l\" #:user \"u\" #:group \"g\")" \
  echo talker a --group g -N me -E A=1 --user=u -d d -E C=2 --log-file l -- -b
says "an action of its own goes first" 1 'fine' status talker
for action in status enable disable
do
  says "$action takes no argument" 1 \
"herd: error: exception caught while executing '$action' on service 'plain':
Wrong number of arguments to #<procedure>
herd: hint: '$action' is for one service at a time." $action plain more
done
for action in eval load unload reload
do
  says "$action needs an argument" 1 \
"herd: error: exception caught while executing '$action' on service 'root':
Wrong number of arguments to #<procedure>
herd: hint: Run 'herd doc root action $action' to see what it is for." $action root
done

# Starting.
says "a start method that throws" 1 \
"herd: error: exception caught while executing 'start' on service 'thrower':
Throw to key \`oops' with args \`(1 \"two\" three)'." start thrower
herd start plain >/dev/null
says "a requirement that throws" 1 \
'Exception caught while starting thrower: (oops 1 "two" three)
Service needy depends on thrower.
herd: error: failed to start service needy' start needy
check "what runs goes on" is_running plain

# Evaluation.
says "what an expression displays comes before its value" 0 \
'Evaluating user expression (begin (display "hi") (values 1 2)).
hi
1' eval root '(begin (display "hi") (values 1 2))'
says "only the first expression is read" 0 \
  'Evaluating user expression (list 1 "a" (quote b) #:c).
(1 "a" b #:c)' eval root "(list 1 \"a\" 'b #:c) (undefined)"
check "a long one is told in 50 columns" matches \
  '^Evaluating user expression .{47}\.\.\.\.$' \
  "$(herd eval root "(quote x$(printf '%0100d' 0))" | head -n 1)"
says "numbers may be negative after --" 0 'Evaluating user expression -1.
-1' eval root -- -1
says "half an expression" 1 \
"herd: error: exception caught while executing 'eval' on service 'root':
#<unknown port>:1:2: unexpected end of input while searching for: #\\)" \
  eval root '('

# Loading.
(cd / && herd load root more.scm > "$directory/out" 2>&1)
check "load: a relative name is seen from the daemon" \
  equal 'Loading more.scm.' "$(cat out)"
says "load, again: nothing runs yet" 0 'Loading more.scm.' load root more.scm
says "unload by another name" 0 "Removing service 'new' providing 'newer'...
Done." unload root newer
says "unload of what is none" 1 \
  "herd: error: service 'new' could not be found" unload root new
says "load of a file with an error, which has its place" 1 "Loading bad.scm.
bad.scm:2:2: error: Unbound variable: undefined-thing
herd: error: exception caught while executing 'load' on service 'root':
Unbound variable: undefined-thing" load root bad.scm
check "what the file says before it is done" is_stopped left
says "unload all is silent" 0 '' unload root all
for name in root shepherd
do
  says "unload of $name is refused" 1 \
    "The root service cannot be removed; 'herd stop root' ends shepherd." \
    unload root "$name"
done
says "and leaves root" 0 'Started:
 + root' status
herd load root bad.scm >/dev/null 2>&1
says "reload has one file's services" 0 'Loading more.scm.' \
  reload root more.scm
says "and no others" 0 'Started:
 + root
Stopped:
 - new' status

# The daemon and the machine.
herd start new >/dev/null
says "daemonize while something runs" 1 \
  'Services already running, so not daemonizing.' daemonize root
for action in halt power-off
do
  says "$action, which is for PID 1" 1 'Not running as PID 1; doing nothing.' \
    $action root
done
says "kexec without a kernel" 1 'No kexec image loaded; doing nothing.' \
  kexec root
says "restart" 0 'You must be kidding.' restart root
check "all goes on" is_running new
check "the log is told in the order of time" equal 'root is being started
root is running
new is being started
new is running' "$(herd log | sed 's/^.\{20\}	service //')"
ageless ()
{
  herd "$@" | sed 's/ ([0-9]* seconds\{0,1\} ago)//'
}
check "detailed-status of root is about root" \
  equal "$(ageless status -n 0 root)" "$(ageless detailed-status root)"
says "stop" 0 '' stop root
check "the daemon ends" wait_for_daemon
finish
