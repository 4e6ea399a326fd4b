# startup-files.sh -- PID file, log file, standard output, first configuration
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

echo > "$directory/empty.scm"
pid_file=$directory/pid

mode_of ()
{
  stat -c %a "$1"
}

# The PID file.
start_daemon --pid=pid < "$directory/empty.scm"
check "the PID file holds the PID and no newline" \
  equal "$(printf %s "$daemon" | od -c)" "$(od -c "$pid_file")"
check "the PID file is private" equal 600 "$(mode_of "$pid_file")"
check "an orderly stop" exits 0 stop_daemon
# Weak spot: PID file and socket stayed behind.
check "removes the PID file" fails test -e "$pid_file"

# A PID file that came to be another's.
: > "$log"
start_daemon --pid="$pid_file" < "$directory/empty.scm"
printf 1 > "$pid_file"
check "it stops" exits 0 stop_daemon
check "but leaves the PID file of another" equal 1 "$(cat "$pid_file")"

# To standard output; nothing else when silent.
: > "$log"
start_daemon --pid --silent < "$directory/empty.scm"
check "--pid writes to standard output, --silent nothing else" \
  equal "$daemon" "$(cat "$output")"
check "the log has the messages" logged 'Service root has been started'
check "each line with its time" logged \
  '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} Service root'
check "it stops" exits 0 stop_daemon
check "the log file is not for all to see" equal 640 "$(mode_of "$log")"

# Default log file, in directories of its own.
: > "$log"
explicit=$log
log=$directory/.local/state/shepherd/shepherd.log
launch_daemon -c "$directory/empty.scm" -s "$socket"
check "the default log file" eventually logged 'Service root has been started'
check "is in a private directory" \
  equal 700 "$(mode_of "$directory/.local/state/shepherd")"
eventually answers
check "it stops" exits 0 stop_daemon

log=$directory/state/shepherd/shepherd.log
XDG_STATE_HOME=$directory/state
export XDG_STATE_HOME
launch_daemon -c "$directory/empty.scm" -s "$socket"
check "the log file goes to XDG_STATE_HOME" eventually logged 'Service root'
eventually answers
check "it stops" exits 0 stop_daemon
log=$explicit

# Parents of a given log file.
log=$directory/a/b/c.log
start_daemon < "$directory/empty.scm"
check "directories of the log file are made" test -s "$log"
check "it stops" exits 0 stop_daemon
log=$explicit

# Ready before the configuration has been evaluated.
: > "$log"
cat > config.scm <<CONFIG
(register-services (list (service '(first) #:start (const #t))))
(let loop ()
  (unless (file-exists? "$directory/go")
    (sleep 0.05)
    (loop)))
(register-services (list (service '(second) #:start (const #t))))
CONFIG
launch_daemon -c config.scm -s "$socket" -l "$log" --pid="$pid_file"
check "the PID file is there while the configuration is evaluated" \
  eventually test -s "$pid_file"
check "commands are performed meanwhile" eventually quietly herd start first
check "on what there is so far" exits 1 quietly herd start second
touch go
check "and the rest comes" eventually quietly herd start second
check "it stops" exits 0 stop_daemon

# What the process was started with.
: > "$log"
cp "$directory/empty.scm" config.scm
(umask 027 && exec env MARK=here shepherd -c config.scm -s "$socket" -l "$log" \
  > "$output" 2>&1 </dev/null) &
daemon=$!
check "it starts" eventually daemon_settled
check "directory, mask and environment stay as they were" \
  equal "(\"$directory\" 23 \"here\")" \
  "$(herd eval root '(list (getcwd) (umask) (getenv "MARK"))' | tail -n 1)"
check "it stops" exits 0 stop_daemon

# Without standard descriptors.
: > "$log"
shepherd -c "$directory/empty.scm" -s "$socket" -l "$log" <&- >&- 2>&- &
daemon=$!
check "it starts with closed standard descriptors" eventually daemon_settled
for fd in 0 1 2
do
  check "descriptor $fd is /dev/null" \
    equal /dev/null "$(readlink "/proc/$daemon/fd/$fd")"
done
check "it stops" exits 0 stop_daemon

# Inherited descriptors.
: > "$log"
exec 9< "$directory/empty.scm"
start_daemon <<'CONFIG'
(register-services
 (list (service '(holder)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))))
(start-service (lookup-service 'holder))
CONFIG
check "a service runs" eventually is_running holder
check "services do not inherit what shepherd inherited" \
  fails test -e "/proc/$(pid_of holder)/fd/9"
exec 9<&-
check "it stops" exits 0 stop_daemon

# SIGCHLD that is ignored would have the kernel reap.
: > "$log"
trap '' CHLD
start_daemon <<'CONFIG'
(register-services
 (list (service '(short)
         #:start (make-forkexec-constructor '("sh" "-c" "exit 3"))
         #:respawn? #f)))
(start-service (lookup-service 'short))
CONFIG
trap - CHLD
check "exit statuses arrive though SIGCHLD was ignored" \
  eventually status_matches short 'Process exited with code 3'
check "it stops" exits 0 stop_daemon

# Signals of our own that a process got just before it executed this program.
: > "$log"
cat > config.scm < /dev/null
env --block-signal=39,40,41 sh -c 'kill -39 $$; kill -40 $$; kill -41 $$
  exec "$@"' sh shepherd -c config.scm -s "$socket" -l "$log" \
  > "$output" 2>&1 </dev/null &
daemon=$!
check "signals that were waiting do not end it" eventually daemon_settled
check "it stops" exits 0 stop_daemon

# The first configuration of a user.
user_namespace ()
{
  unshare --user --map-user=1000 --map-group=1000 "$@"
}

if user_namespace true 2>/dev/null
then
  config=$directory/.config/shepherd/init.scm
  log=$directory/.local/state/shepherd/shepherd.log
  runtime=$directory/runtime
  : > "$log"
  unset XDG_STATE_HOME
  mkdir -m 700 "$runtime"
  socket=$runtime/shepherd/socket
  XDG_RUNTIME_DIR=$runtime user_namespace shepherd --pid="$pid_file" \
    > "$output" 2>&1 </dev/null &
  daemon=$!
  check "a user gets a configuration" eventually test -s "$config"
  check "in a private directory" \
    equal 700 "$(mode_of "$directory/.config/shepherd")"
  check "the socket directory is private" \
    equal 700 "$(mode_of "$runtime/shepherd")"
  check "that configuration goes to the background" \
    exits 0 wait_for_daemon
  check "and is loaded without error" \
    eventually logged 'Configuration successfully loaded'
  daemon=$(cat "$pid_file")
  check "the PID file names the new process" test -d "/proc/$daemon"
  check "it answers there" eventually answers
  herd stop root > /dev/null
  check "it stops" eventually daemon_ended
  daemon=

  XDG_RUNTIME_DIR=$runtime XDG_CONFIG_HOME=$directory/config-home \
    user_namespace shepherd > "$output" 2>&1 </dev/null &
  daemon=$!
  check "the configuration is made in XDG_CONFIG_HOME" \
    eventually test -s "$directory/config-home/shepherd/init.scm"
  check "and goes to the background, too" exits 0 wait_for_daemon
  check "herd finds its socket" \
    eventually user_namespace env XDG_RUNTIME_DIR="$runtime" \
    sh -c "herd status >/dev/null 2>&1"
  herd stop root > /dev/null

  no_runtime_directory ()
  {
    XDG_RUNTIME_DIR=/proc/none user_namespace shepherd > "$output" 2>&1
  }
  check "without a runtime directory there is no daemon" \
    exits 1 no_runtime_directory
  check "a user is told why, and what to do" matches \
    "error: cannot access .*'/proc/none/.*hint: Have XDG_RUNTIME_DIR name" \
    "$(tr '\n' ' ' < "$output")"
fi

finish
