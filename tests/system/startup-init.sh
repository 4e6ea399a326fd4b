# startup-init.sh -- a PID 1 goes on where others would give up
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

need_namespaces

flag=$directory/flag
cat > "$directory/config.scm" <<CONFIG
(register-services
 (list (service '(flag)
         #:start (make-system-constructor "touch '$flag'")
         #:one-shot? #t)))
(start-service (lookup-service 'flag))
CONFIG

# goes_on SENTENCE MESSAGE OPTION...: a PID 1 started this way says MESSAGE
# and evaluates its configuration.
goes_on ()
{
  what=$1
  message=$2
  shift 2
  rm -f "$flag"
  # shellcheck disable=SC2086
  unshare $namespace_options shepherd -c "$directory/config.scm" "$@" \
    > "$output" 2>&1 </dev/null &
  daemon=$!
  check "$what" eventually test -e "$flag"
  check "$what, saying so" printed "$message"
  kill -KILL "$daemon"
  wait "$daemon" 2>/dev/null
  daemon=
  rm -f "$log"
}

mkdir -m 755 "$directory/open"
touch "$directory/file"

goes_on "an init goes on though others can enter its socket directory" \
  "$directory/open: socket directory has insecure permissions" \
  -s "$directory/open/socket" -l "$log"
goes_on "an init goes on without a socket" \
  "while opening socket '$directory/none/socket': bind: No such file" \
  -s "$directory/none/socket" -l "$log"
goes_on "an init goes on without its log file" \
  "cannot open log file '$directory/file/log': Not a directory" \
  -s "$socket" -l "$directory/file/log"
goes_on "an init goes on without its PID file" \
  "cannot write PID to '$directory/file/pid': Not a directory" \
  -s "$socket" -l "$log" --pid="$directory/file/pid"
goes_on "an init goes on after words that the kernel did not know" \
  "unknown option '--splash'" \
  -s "$socket" -l "$log" quiet single --splash

# An interpreter that ends at once.
rm -f "$socket"
mkdir -p modules/shepherd
cat > modules/shepherd/boot.scm <<'MODULE'
(define-module (shepherd boot) #:export (boot))
(define (boot) 'done)
MODULE
# shellcheck disable=SC2086
unshare $namespace_options \
  env GUILE_LOAD_COMPILED_PATH=/nowhere GUILE_LOAD_PATH="$PWD/modules" \
  shepherd -c "$directory/config.scm" -s "$socket" -l "$log" \
  > "$output" 2>&1 </dev/null &
daemon=$!
if eventually logged 'Too many crashes'
then
  check "the end of the interpreter is logged" \
    logged 'The interpreter ended'
  check "without an interpreter an init shows its status" \
    eventually status_matches root 'It is starting'
  check "it refuses other commands" exits 1 herd start something
  check "and kexec, where no kernel is loaded" exits 1 herd kexec root
  check "but can be stopped" herd stop root
  # How the kernel tells that a PID namespace was restarted.
  check "which restarts the machine" exits 129 wait_for_daemon
else
  check "after three attempts, an init does without interpreter" false
fi

finish
