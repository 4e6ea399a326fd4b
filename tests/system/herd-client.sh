#!/bin/sh
# herd-client.sh -- herd, halt, reboot and shutdown talk as they should

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "$abs_top_srcdir/tests/system/lib.sh"

fake="$abs_top_builddir/tests/system/fake-shepherd"
fake_options=
SHEPHERD_SOCKET=$socket
export SHEPHERD_SOCKET
TZ=UTC0
export TZ

# answer REPLY COMMAND...: run COMMAND against a server that answers REPLY.
# Sets status, out, err and sent.
answer ()
{
  printf '%s' "$1" > reply
  shift
  rm -f sent
  status=0
  # shellcheck disable=SC2086
  "$fake" $fake_options "$socket" reply sent "$@" > out 2> err || status=$?
  out=$(cat out)
  err=$(cat err)
  sent=$(cat sent 2>/dev/null)
}

# reply RESULT [MESSAGES [ERROR]]
reply ()
{
  printf '%s\n' \
    "(reply (version 0) (result $1) (error ${3:-#f}) (messages (${2:-})))"
}

failure ()
{
  reply '#f' "${2:-}" "(error (version 0) $1)"
}

# shown STATUS OUT ERR: what the last command showed and returned.
shown ()
{
  equal "$1" "$status" && equal "$2" "$out" && equal "$3" "$err"
}

command_sent ()
{
  equal "(shepherd-command (version 0) (action $1) (service $2) (arguments ($3)) (directory \"$directory\"))" "$sent"
}

service='(service (version 0) (provides (x)) (status stopped) (enabled? #t))'
root='(service (version 0) (provides (root shepherd)) (status running) (running #t) (enabled? #t) (status-changes ((running . 2))))'
x_status='● Status of x:
  It is stopped.
  It is enabled.
  Provides: x
  Will not be respawned.'


### Commands.

answer "$(reply "$service")" herd start x
check "start is sent" command_sent start x ''
check "start shows nothing of its own" shown 0 '' ''

answer "$(reply '(#t)')" herd frob x a 'b "c"' - -- -d
check "arguments are strings" \
      command_sent frob x '"a" "b \"c\"" "-" "-d"'

answer "$(reply '(#t)')" herd spawn transient -N foo -E A=b -E C=d -d dir \
       --log-file log --user charlie --group=users -- sleep 9
check "options are keywords" command_sent spawn transient "\"sleep\" \"9\" \
#:name foo #:directory \"$directory/dir\" \
#:extra-environment-variables (\"C=d\" \"A=b\") \
#:log-file \"$directory/log\" #:user \"charlie\" #:group \"users\""

answer "$(reply '(#t)')" herd spawn transient --log-file=/x -d / -N 'a b'
check "absolute names stay as they are" command_sent spawn transient \
      '#:name #{a b}# #:directory "/" #:log-file "/x"'

answer "$(reply '(#t)')" herd 'an action' '1'
check "any word becomes a symbol" \
      command_sent '#{an action}#' '#{1}#' ''

for action in status detailed-status log graph
do
  answer "$(reply "(($root))")" herd "$action"
  check "$action alone asks for the status of root" \
        command_sent status root ''
done
answer "$(reply '("text")')" herd help
check "help alone asks root for help" command_sent help root ''
answer "$(reply "(#t)")" herd log x
check "log of a service is its own action" command_sent log x ''
answer "$(reply "($service)")" herd detailed-status x
check "detailed-status of a service asks for its status" \
      command_sent status x ''
# Weak spot: detailed-status showed nothing for root, failed for others.
check "detailed-status of a service shows it" shown 0 "$x_status" ''

printf 'abc\377' > word
answer '' herd start "$(cat word)"
check "words that are no UTF-8 are refused" \
      shown 1 '' 'herd: error: the arguments are not valid UTF-8'

usage='Usage: herd ACTION [SERVICE [OPTIONS...]]'
answer '' herd
check "an action is needed" shown 1 '' "$usage"
answer '' herd start
check "a service is needed" shown 1 '' "$usage"
answer '' herd status -n many
check "-n wants a number" \
      shown 1 '' 'herd: error: many: expected a positive integer'
answer '' herd status -n -1
check "-n wants an argument" matches "error: option '-n' requires" "$err"


### Replies.

answer "$(reply "$service" '"Service x has been started." "" "é"')" \
       herd start x
check "messages are lines" shown 0 'Service x has been started.

é' ''

answer "$(reply '#f' '"Service x could not be started."')" herd start x
check "a start may fail" shown 1 'Service x could not be started.' \
      'herd: error: failed to start service x'

answer "$(reply '(x y)')" herd stop x
check "stop says nothing" shown 0 '' ''
answer "$(reply '()')" herd stop x
check "stop of a stopped service succeeds" shown 0 '' ''
answer "$(reply '(#t #f)')" herd frob x
check "a false result is failure" shown 1 '' ''
answer "$(reply '("#<unspecified>")' '"Enabled service x."')" herd enable x
check "an unspecified result is success" shown 0 'Enabled service x.' ''

answer "$(reply "($service)")" herd status x
check "status of a service" shown 0 "$x_status" ''
answer "$(reply "(($service $root))")" herd status
check "status of all" shown 0 'Started:
 + root
Stopped:
 - x' ''
answer "$(reply "(($service $root))")" herd status shepherd
check "status of root is found among all" matches 'Status of root' "$out"
check "status of root shows nobody else" \
      equal 1 "$(echo "$out" | grep -c 'Status of')"
answer "$(reply "(($service $root))")" herd detailed-status root
check "detailed-status of root shows root" matches 'Status of root' "$out"
answer "$(reply "(($service $root))")" herd detailed-status
check "detailed-status of all" equal 2 "$(echo "$out" | grep -c 'Status of')"
answer "$(reply '(#f)' '"mine"')" herd status x
check "status may be a custom action" shown 1 'mine' ''
answer "$(reply "(($root))")" herd log
check "log" shown 0 ' 1 Jan 1970 00:00:02	service root is running' ''
answer "$(reply "(($service))")" herd log
check "log without events" shown 1 '' \
      'herd: error: event log is missing (shepherd is too old?)'
answer "$(reply "(($root))")" herd graph
check "graph" shown 0 'digraph "Service Graph" {
  "root" [shape = box, color = green, fontcolor = black, style = solid];
}' ''
answer "$(reply '("a\nb\n")')" herd help root
check "help" shown 0 'a
b' ''
answer "$(reply '((1 "two" sym #:k))' '"Evaluating user expression x."')" \
       herd eval root x
check "the value of an expression is written" \
      shown 0 'Evaluating user expression x.
(1 "two" sym #:k)' ''
answer "$(reply '("#<unspecified>")')" herd eval root x
check "values without syntax are strings" shown 0 '"#<unspecified>"' ''
answer "$(reply '("#<unspecified>")' '"reload: Read it again."')" \
       herd doc x action reload
check "doc" shown 0 'reload: Read it again.' ''
check "doc passes its words on" command_sent doc x '"action" "reload"'


### Errors.

answer "$(failure '
 service-not-found nope' '"hello"')" herd start nope
check "service not found, after the messages" \
      shown 1 hello "herd: error: service 'nope' could not be found"
answer "$(failure 'service-not-found "dep"')" herd start x
check "service not found, not a symbol" \
      shown 1 '' "herd: error: service 'dep' could not be found"
answer "$(failure 'action-not-found frob x')" herd frob alias
check "action not found" shown 1 '' \
      "herd: error: service 'x' does not have an action 'frob'
herd: hint: Run 'herd doc x list-actions' to list supported actions."
answer "$(failure 'action-exception frob x system-error ("open" "~A: ~S" ("No such file" "/x") (2))')" \
       herd frob x
check "an exception of the system" shown 1 '' \
      "herd: error: exception caught while executing 'frob' on service 'x':
In procedure open: No such file: \"/x\""
answer "$(failure 'action-exception frob x oops (1 "two" three)')" \
       herd frob x
check "any exception" shown 1 '' \
      "herd: error: exception caught while executing 'frob' on service 'x':
Throw to key \`oops' with args \`(1 \"two\" three)'."
# raised OBJECT TEXT: of an object that was raised, herd shows that.
raised ()
{
  answer "$(failure "action-exception frob x %exception ($1)")" herd frob x
  check "an object that was raised: $1" shown 1 '' \
        "herd: error: exception caught while executing 'frob' on service 'x':
$2"
}
raised '"#<&message message: \"a \\\"b\\\" \\\\ c\\nd\">"' 'a "b" \ c
d'
for object in '"#<&message message: \"a\"> more"' '"#<&message message: \"a"' \
  '"#<&message message: \"a\\"' \
  '"#<&error>"' 42
do
  raised "$object" "Throw to key \`%exception' with args \`($object)'."
done
for error in service-error 'service-not-found' 'action-exception a b' 'x y z'
do
  answer "$(failure "$error")" herd frob x
  check "another error: $error" shown 1 '' \
        "herd: error: something went wrong: (error (version 0) $error)"
done
answer "$(reply '#f' '' oops)" herd frob x
check "an error of another shape" shown 1 '' \
      'herd: error: something went wrong: oops'

for word in start stop status doc
do
  answer "$(failure "service-not-found $word")" herd x "$word"
  check "hint for x $word" shown 1 '' \
        "herd: error: service '$word' could not be found
herd: hint: Did you mean 'herd $word x'?"
done
for word in help halt power-off load eval unload reload daemonize restart
do
  answer "$(failure "service-not-found $word")" herd root "$word"
  check "hint for root $word" shown 1 '' \
        "herd: error: service '$word' could not be found
herd: hint: Did you mean 'herd $word root'?"
done
for word in help halt power-off load eval unload reload daemonize
do
  answer "$(failure "service-not-found x")" herd "$word" x
  check "hint for $word x" shown 1 '' \
        "herd: error: service 'x' could not be found
herd: hint: Did you mean 'herd $word root x'?"
done

for word in root shepherd
do
  answer "$(failure "service-not-found x")" herd unload "$word" x
  check "no hint where $word was named" shown 1 '' \
        "herd: error: service 'x' could not be found"
done

# miscalled ACTION HINT
miscalled ()
{
  answer "$(failure "action-exception $1 x wrong-number-of-args (#f \"Wrong number of arguments to ~A\" (\"#<procedure>\") #f)")" \
         herd "$1" x y
  check "what $1 says of superfluous arguments" shown 1 '' \
        "herd: error: exception caught while executing '$1' on service 'x':
Wrong number of arguments to #<procedure>$2"
}
for word in status enable disable backtrace
do
  miscalled "$word" "
herd: hint: '$word' is for one service at a time."
done
miscalled frob "
herd: hint: Run 'herd doc x action frob' to see what it is for."
miscalled start ''
miscalled stop ''


### Other daemons.

# What GNU Shepherd 0.x knew of a service.
old='(service (version 0) (provides (x y)) (requires (z)) (respawn? #t)
  (docstring "Old.") (enabled? #t) (running 123) (conflicts ())
  (last-respawns ()))'
answer "$(reply "($old)")" herd status x
check "a service of an older daemon" shown 0 '● Status of x:
  It is started.
  Running value is 123.
  It is enabled.
  Provides: x y
  Requires: z
  Will be respawned.' ''
answer "$(reply "(($old $root))")" herd status
check "services of an older daemon" shown 0 'Started:
 + root
 + x' ''
answer "$(reply "(($old))")" herd log
check "the log of an older daemon" shown 1 '' \
      'herd: error: event log is missing (shepherd is too old?)'
answer "$(reply "(($old))")" herd graph
check "the graph of an older daemon" matches '"x" -> "z"' "$out"
answer "$(reply "(((service (version 0 1) (provides (x)) (mood (very good))
  (status stopped) (enabled? #t) (load . 1/2))))")" herd status
check "services of a daemon to come" shown 0 'Stopped:
 - x' ''
answer "$(reply "(((service (version 0)) (service 7) x 5))")" herd status
check "services without a name, and what is none" shown 0 'Stopped:
 - ?' ''


### Servers that misbehave.

end='herd: error: premature end-of-file while talking to shepherd'
answer '' herd start x
check "no reply" shown 1 '' "$end"
answer '(reply (version 0) (result "' herd start x
check "half a reply" shown 1 '' "$end"
fake_options=-n
answer '' herd start x
check "a connection closed at once" shown 1 '' "$end"
fake_options=
answer '' herd stop root
check "the end of shepherd is the end of stop" shown 0 '' ''
answer '' herd power-off shepherd
check "and of power-off" shown 0 '' ''
answer '' herd stop x
check "but not of another service's stop" shown 1 '' "$end"
bad="herd: error: $socket: invalid reply"
for garbage in ')' '#<x>' 'foo ' '(reply)' '(reply (version 1) (result #t) (error #f) (messages ()))' \
               '(reply (version 0) (result #t) (error #f) (messages x))' \
               '(reply (version 0) (result #t) (error #f) (messages ("\q")))'
do
  answer "$garbage" herd start x
  check "garbage: $garbage" shown 1 '' "$bad"
done
answer "$(reply '(#t)' '"ok"' | sed 's/version 0/version 0 1 2/')" herd x y
check "a later version of the protocol" shown 0 ok ''
fake_options='-c 1'
answer "$(reply '(#t)' '"byte" "by" "byte"') trailing )" herd x y
check "a reply in pieces" shown 0 'byte
by
byte' ''
fake_options=
{
  printf '(reply (version 0) (result (#t)) (error #f) (messages ('
  yes '"0123456789 0123456789 0123456789 0123456789 0123456789"' \
    | head -n 200000
  printf ')))'
} > huge
status=0
"$fake" "$socket" huge sent herd x y > out || status=$?
check "a huge reply" equal '0 200000' "$status $(wc -l < out)"
answer "$(reply '(#t)' '"x"')" sh -c 'herd x y > /dev/full'
check "a full disk is told" matches '^herd: error: No space left' "$err"

unset SHEPHERD_SOCKET
rm -f "$socket"
answer '' true
rm -f "$socket"
XDG_RUNTIME_DIR=$directory/none
export XDG_RUNTIME_DIR
missing="$directory/missing/socket"
for program in herd halt reboot shutdown
do
  case $program in
    herd) words=status ;;
    shutdown) words=now ;;
    *) words= ;;
  esac
  status=0
  # shellcheck disable=SC2086
  err=$("$program" -s "$missing" $words 2>&1) || status=$?
  check "$program without a server" equal \
        "1 $program: error: $missing: No such file or directory
$program: hint: No shepherd listens there.  Start one, or name the socket of \
another with '--socket'." \
        "$status $err"
done
status=0
long=$(printf '%0200d' 1)
err=$(herd -s "$long" status 2>&1) || status=$?
check "a name too long for a socket" equal \
      "1 herd: error: $long: File name too long" "$status $err"


### halt, reboot and shutdown.

answer '' halt -s "$socket"
check "halt powers off" command_sent power-off root ''
check "halt succeeds when shepherd ends" shown 0 '' ''
answer '' reboot -s "$socket"
check "reboot stops root" command_sent stop root ''
answer "$(reply '(#t)' '"bye"')" reboot -k --socket="$socket"
check "reboot -k executes a kernel" command_sent kexec root ''
check "reboot prints messages" shown 0 bye ''
answer "$(failure 'action-not-found power-off root')" halt -s "$socket"
check "halt reports errors" shown 1 '' \
      "halt: error: service 'root' does not have an action 'power-off'
halt: hint: Run 'herd doc root list-actions' to list supported actions."
answer '' halt now
check "halt takes no words" matches "^halt: error: unexpected.*'now'" "$err"
check "halt says how it is used" matches '^halt \[OPTIONS' "$out"
check "halt fails then" equal 1 "$status"
answer '' halt -p -s "$socket"
check "halt -p is the same" command_sent power-off root ''

# ends ACTION OPTION...: shutdown asks root for this.
ends ()
{
  action=$1
  shift
  answer "$(reply '(#t)')" shutdown -s "$socket" "$@"
  check "shutdown $*: $action" command_sent "$action" root ''
}
ends power-off now
ends power-off -h now
ends power-off -P +0
ends halt -H now
ends stop now -r
ends power-off --poweroff now
ends halt --halt now
ends stop --reboot now
check "shutdown succeeds quietly" shown 0 '' ''
answer "$(reply '(#f)')" shutdown -s "$socket" now
check "shutdown that is refused fails" equal 1 "$status"
answer '' shutdown -s "$socket" -h
check "shutdown wants to know when" shown 1 '' \
  "shutdown: error: no time was given; say 'now'"
check "and asks nobody before" fails test -e sent
answer '' shutdown -s "$socket" -r 22:30
check "shutdown cannot wait, but tells who can" shown 1 '' \
  "shutdown: error: 22:30: the only time known is 'now'
shutdown: hint: For later, try 'herd schedule timer at HH:MM -- shutdown now'."
answer '' shutdown -s "$socket" now "good bye"
check "shutdown passes no message on" shown 1 '' \
  "shutdown: error: unexpected argument 'good bye': users get no messages"


### Terminals.

fake_options='-t -i'
answer '' herd -s "$socket" status
check "ctrl-C ends herd while the daemon is silent" equal 130 "$status"
fake_options=

fake_options=-t
answer "$(reply '(x)' '' '(error (version 0) service-not-found x)')" \
       herd -s "$socket" start x
check "errors are coloured on a terminal" equal \
      "$(printf "herd: \033[1;31merror\033[0m: service 'x' could not be found\r")" \
      "$out"
answer "$(reply "($(echo "$service" | sed 's/)$/ (recent-messages ((1 . "a\\x1b[2Jb"))))/'))")" \
       herd -s "$socket" status x
check "titles are coloured on a terminal" matches \
      "$(printf '\033\\[1mStatus of x:')" "$out"
check "services cannot command the terminal" matches 'a\^\[\[2Jb' "$out"
answer "$(reply "($service)")" env NO_COLOR=1 herd -s "$socket" status x
check "NO_COLOR is honoured" equal "$x_status" "$(echo "$out" | tr -d '\r')"

finish
