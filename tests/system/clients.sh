# clients.sh -- clients without manners disturb nobody
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

client=${abs_top_builddir:?}/tests/system/client

# Few descriptors, so that running out of them is quick.
# shellcheck disable=SC3045  # dash and bash have it
ulimit -S -n 256
start_daemon <<'END'
(register-services (list (service '(one) #:start (const #t))))
END

command_text ()
{
  printf '(shepherd-command (version 0) (action %s) (service %s) (arguments (%s)) (directory "/"))' \
    "$1" "$2" "$3"
}

nothing ()
{
  reply=$("$client" raw "$socket" 2>&1) || return 1
  equal "" "$reply"
}

garbage ()
{
  printf '%b' "$2" | {
    check "$1 is answered by nothing" nothing
    exit "$failures"
  } || failures=$((failures + 1))
}
garbage "no command" ''
garbage "a stray parenthesis" ')'
garbage "an unreadable object" '#<foo>'
garbage "invalid UTF-8" '\0377\0376("x")'
garbage "a reader extension" '#.(x)'
garbage "half a command" '(shepherd-command (version 0) (action start'
garbage "an atom" 'foo '
garbage "another list" '(hello world)'
garbage "another version" '(shepherd-command (version 1) (action status) (service root) (arguments ()) (directory "/"))'
garbage "fields in another order" '(shepherd-command (version 0) (service root) (action status) (arguments ()) (directory "/"))'
check "the socket answers after garbage" answers

check "a command is complete with its last parenthesis" \
  matches '^\(reply \(version 0' \
  "$(command_text status one | "$client" half "$socket")"
check "white space and comments before it are skipped" \
  matches '^\(reply \(version 0' \
  "$({ printf '; comment\n #| block |# '; command_text status one; } \
     | "$client" raw "$socket")"
check "a reply is one datum without a newline" \
  equal '(reply (version 0) (result #f) (error (error (version 0) service-not-found two)) (messages ()))' \
  "$(command_text status two | "$client" raw "$socket")"

command_text start one | "$client" close "$socket"
check "a command whose client has left still runs" eventually is_running one

# Weak spot: no limit on the size of commands, or on connections.
check "100 MB in one datum are cut short" \
  "$client" flood "$socket" 100000000
check "the socket answers after 100 MB" answers
resident=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$daemon/status")
check "and they were not kept ($resident kB)" test "$resident" -lt 100000

# Hold open the writing end of a pipe, until which the clients stay.
hold ()
{
  rm -f held ready
  mkfifo held
  "$client" "$1" "$socket" "$2" < held > ready 2>&1 &
  holder=$!
  exec 9> held
  eventually grep -q ready ready || die "client $1"
}
release ()
{
  exec 9>&-
  wait "$holder"
}

# shellcheck disable=SC3045  # dash and bash have it
ulimit -S -n 2048
hold idle 1000
check "the socket answers beside 1,000 idle connections" answers
check "and services start" quietly herd start one
check "and processes are spawned" quietly herd eval root \
  '(fork+exec-command (list "true"))'
release
check "the socket answers after them" answers

hold deaf 100
check "the socket answers beside 100 clients that never read" answers
release
check "the socket answers after them" answers
# Credentials: where the directory lets others in, the daemon does not.
if test "$(id -u)" -eq 0 && command -v setpriv >/dev/null
then
  chmod 755 "$directory" "$socket_directory"
  chmod 777 "$socket"
  cp "$client" "$directory/client"
  stranger ()
  {
    command_text status one \
      | setpriv --reuid=65534 --regid=65534 --clear-groups \
                "$directory/client" raw "$socket" 2>&1
  }
  check "another user gets no answer" equal "" "$(stranger)"
  check "and the socket goes on" answers
fi
check "the daemon ends" stop_daemon
finish
