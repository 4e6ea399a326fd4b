# transient.sh -- commands that herd has run as services
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

export FRUIT=apple
start_daemon <<'END'
(use-modules (shepherd service transient))
(register-services
 (list (transient-service) (service '(idle) #:start (const #t))))
END

all ()
{
  herd status | sed -n 's/^ . //p' | tr '\n' ' '
}

check "a command is run as a service, which is told" equal \
  'Spawning transient service for ("sleep" "1000").
Service transient has been started.
Service transient-1 has been started.' "$(herd spawn transient -- sleep 1000)"
check "status says that it is transient" \
  status_matches transient-1 '^  It is transient, running since'
check "and shows its command" status_matches transient-1 '^  Command: sleep 1000$'
check "it requires the maker" status_matches transient-1 '^  Requires: transient$'
first=$(pid_of transient-1)

# A client's directory is where relative names begin.
mkdir place
# shellcheck disable=SC2016  # not for this shell
(cd place && command herd -s "$socket" spawn transient -N build -d . \
   --log-file=build.log -E FRUIT=pear -E NUT=hazel -E FRUIT=plum -- \
   sh -c 'pwd; echo "$FRUIT $NUT"; env | grep -c ^FRUIT=
          exec sleep 1000' > /dev/null)
lines ()
{
  sed 's/^[-0-9]* [:0-9]* //' "$1" | tr '\n' ' '
}
has_lines ()
{
  test "$(lines "$1")" = "$2"
}
check "-d, --log-file and -E count, the last variable of a name alone" \
  eventually has_lines place/build.log "$directory/place plum hazel 1 "
check "status names the log file" \
  status_matches build "^  Log file: $directory/place/build.log\$"
check "another command is run" exits 0 \
  quietly herd spawn transient -N here --log-file=here.log -- pwd
services_directory=$(herd eval root '(default-service-directory)' \
                       | tail -n 1 | tr -d '"')
check "without -d it runs where services do" \
  eventually has_lines here.log "$services_directory "
check "when it ends it is gone" eventually fails quietly herd status here
check "which is logged" \
  eventually logged 'Transient service here terminated, now unregistered\.$'

# Mistakes: each is told, none leaves anything behind.
before=$(all)
context="herd: error: exception caught while executing 'spawn' on service \
'transient':"
# refuses WHAT MESSAGE ARGUMENT...
refuses ()
{
  what=$1
  message=$2
  shift 2
  check "$what: refused" exits 1 quietly herd spawn transient "$@"
  check "$what: told" equal "$message" "$(grep -A 1 '^herd: ' out)"
  check "$what: nothing is left" equal "$before" "$(all)"
}
# Weak spot: was a match-error.
refuses "no command" "$context
spawn lacks a command to run."
refuses "no command but options" "$context
spawn lacks a command to run." -N x -d /
# Weak spot: was a second service, seen by nobody.
refuses "a name that runs" "$context
build: there is a service of that name already" -N build -- sleep 1000
refuses "a name that is stopped" "$context
idle: there is a service of that name already" -N idle -- sleep 1000
refuses "no such user" "$context
no such user: \"no-such-user\"" --user=no-such-user -- sleep 1000
refuses "no such group" "$context
no such group: \"no-such-group\"" --group=no-such-group -- sleep 1000
refuses "a variable without a value" "$context
\"FRUIT\": invalid environment variable; expected NAME=VALUE" \
  -E FRUIT -- sleep 1000
# Weak spot: what failed to start remained registered.
context="herd: error: exception caught while executing 'start' on service 'x':"
refuses "no such program" "$context
In procedure fork+exec-command: cannot run \"/no/such\": exec failed: No such \
file or directory" -N x -- /no/such
refuses "no such directory" "$context
In procedure fork+exec-command: cannot run \"sleep\": changing to directory \
\"$directory/nowhere\" failed: No such file or directory" \
  -N x -d nowhere -- sleep 1000
touch file
refuses "a log file that cannot be" "$context
In procedure fork+exec-command: cannot log to \"$directory/file/x.log\": Not a \
directory" \
  -N x --log-file=file/x.log -- sleep 1000
check "a name is free again after that" exits 0 \
  quietly herd spawn transient -N x -- sleep 1000

# shellcheck disable=SC2016  # not for this shell
herd spawn transient -N group -- \
  sh -c 'sleep 1000 & echo $! > "$0"; wait' "$directory/child" > /dev/null
eventually test -s child
build=$(pid_of build)
check "stopping the maker stops them all" exits 0 herd stop transient
check "their processes end" eventually gone "$first"
check "each of them" eventually gone "$build"
check "with their groups" eventually gone "$(cat child)"
check "they are forgotten" equal "root idle transient " "$(all)"

quietly herd disable transient
before=$(all)
check "a maker that is disabled makes nothing" exits 1 \
  quietly herd spawn transient -N x -- sleep 1000
check "which is said" grep -q -x 'Service transient is currently disabled.' out
check "nothing is left" equal "$before" "$(all)"
quietly herd enable transient

clients=
for i in 1 2 3 4 5 6 7 8 9 10
do
  herd spawn transient -- sleep 1000 > "spawned.$i" 2>&1 &
  clients="$clients $!"
done
for client in $clients
do
  wait "$client" || die "a client failed: $(cat spawned.*)"
done
names=$(herd status | sed -n 's/^ + \(transient-.*\)/\1/p')
check "ten at a time have ten names" equal 10 "$(echo "$names" | wc -l)"
pids=$(for name in $names; do pid_of "$name"; done)
check "the daemon ends" stop_daemon
for pid in $pids
do
  check "and so does $pid" eventually gone "$pid"
done

rm -f "$log"
start_daemon <<'END'
(register-services (list (service '(good) #:start (const #t))))
END
loaded ()
{
  test "$(herd eval root "(->bool (resolve-module '$1 #f #:ensure #f))" \
            | tail -n 1)" = "#t"
}
check "without it, nothing of it is loaded" \
  fails loaded "(shepherd service-maker)"
check "the daemon ends" stop_daemon

# Users, of our own.
test "$(id -u)" -eq 0 || finish
need_namespaces
mkdir -m 755 home
chmod 755 .
cat > passwd <<END
root:x:0:0:root:/root:/bin/sh
web:x:4001:4001:Web:$directory/home:/bin/sh
homeless:x:4005:4005:Homeless:/nonexistent:/bin/sh
END
cat > group <<'END'
root:x:0:
web:x:4001:
media:x:4002:web
other:x:4004:
END
rm -f "$log"
export HOME=/root
start_daemon_with_users <<'END'
(use-modules (shepherd service transient) (shepherd service timer))
(register-services (list (transient-service) (timer-service)))
END
# tells LOG LINES ACTION SERVICE ARGUMENT...: a command that tells who it is
# and where says LINES.
tells ()
{
  file=$1
  lines=$2
  shift 2
  # shellcheck disable=SC2016
  herd "$@" --log-file="$file" -- \
    sh -c 'echo "$(id -u):$(id -g):$(id -G)"; pwd; echo "$HOME $USER"' > out \
    || return 1
  case $1 in
    schedule) herd trigger alarm > /dev/null ;;
  esac
  eventually has_lines "$file" "$lines"
}
# Weak spots: the group, the groups and the directory were root's, and HOME
# came twice.
check "--user is that user, with its groups, at home" \
  tells 1.log "4001:4001:4001 4002 $directory/home $directory/home web " \
  spawn transient --user=web
check "for timers, too" \
  tells 2.log "4001:4001:4001 4002 $directory/home $directory/home web " \
  schedule timer at 04:00 -N alarm --user=web
check "--group is that group alone" \
  tells 3.log "4001:4004:4004 $directory/home $directory/home web " \
  spawn transient --user=web --group=other
check "-d is there, not at home" \
  tells 4.log "4001:4001:4001 4002 / $directory/home web " \
  spawn transient --user=web -d /
check "who has no home is in /" \
  tells 5.log "4005:4005:4005 / /nonexistent homeless " \
  spawn transient --user=homeless
check "-E comes before what the user has" \
  tells 6.log "4001:4001:4001 4002 $directory/home /elsewhere web " \
  spawn transient --user=web -E HOME=/elsewhere
check "the daemon ends" stop_daemon
finish
