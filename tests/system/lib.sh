# lib.sh -- for tests of the whole program
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Sourced by tests/system/*.sh, which run in an empty directory of their own
# with the built programs in PATH (build-aux/run-test).  Checks are named by
# sentences; a test goes on after one that fails, and ends with `finish'.

directory=$PWD
socket_directory=$directory/socket
socket=$socket_directory/socket
log=$directory/shepherd.log
output=$directory/shepherd.out
daemon=
failures=0

# What `eventually' allows, in seconds; generous, machines are busy.
deadline=30

mkdir -m 700 "$socket_directory"
trap 'clean_up' EXIT

# Signal only what this test started.
clean_up ()
{
  if test -n "$daemon" && kill -0 "$daemon" 2>/dev/null
  then
    kill -KILL "$daemon" 2>/dev/null
    wait "$daemon" 2>/dev/null
  fi
}

# Show what there is to know about a failure.
explain ()
{
  for file in "$log" "$output"
  do
    if test -s "$file"
    then
      echo "--- $(basename "$file"):"
      tail -n 60 "$file"
    fi
  done
  echo "---"
}

die ()
{
  echo "FAIL: $*"
  explain
  exit 1
}

skip ()
{
  echo "SKIP: $*"
  exit 77
}

finish ()
{
  test "$failures" -eq 0 && exit 0
  explain
  echo "$failures failed"
  exit 1
}

# check SENTENCE COMMAND...: COMMAND succeeds.
check ()
{
  sentence=$1
  shift
  if "$@"
  then
    echo "ok: $sentence"
  else
    echo "FAIL: $sentence (status $?: $*)"
    failures=$((failures + 1))
  fi
}

# fails COMMAND...: it does not succeed.
fails ()
{
  if "$@"
  then
    return 1
  fi
}

# exits STATUS COMMAND...: it ends with exactly this status.
exits ()
{
  expected=$1
  shift
  actual=0
  "$@" || actual=$?
  test "$actual" -eq "$expected" && return 0
  echo "  exit status $actual, expected $expected"
  return 1
}

# quietly COMMAND...: what it says goes to the file "out".
quietly ()
{
  "$@" > "$directory/out" 2>&1
}

# equal EXPECTED ACTUAL
equal ()
{
  test "$1" = "$2" && return 0
  printf '  expected: %s\n  actual:   %s\n' "$1" "$2"
  return 1
}

# matches REGEXP STRING
matches ()
{
  printf '%s\n' "$2" | grep -q -E -e "$1" && return 0
  printf '  expected: %s\n  actual:   %s\n' "$1" "$2"
  return 1
}

# eventually COMMAND...: it succeeds, within the deadline.
eventually ()
{
  end=$(($(date +%s) + deadline))
  until "$@"
  do
    if test "$(date +%s)" -gt "$end"
    then
      echo "  not within $deadline seconds: $*"
      return 1
    fi
    sleep 0.02
  done
}

in_log ()
{
  test -f "$log" && grep -q -E -e "$1" "$log"
}

# Lines get there a little after what they tell of.
logged ()
{
  eventually in_log "$1"
}

printed ()
{
  test -f "$output" && grep -q -E -e "$1" "$output"
}

gone ()
{
  ! kill -0 "$1" 2>/dev/null
}

# The program, not this function.
herd ()
{
  command herd -s "$socket" "$@"
}

answers ()
{
  herd status >/dev/null 2>&1
}

# The PID of a service's process, or nothing.
pid_of ()
{
  herd status "$1" | sed -n 's/^  Main PID: \([0-9]*\).*/\1/p'
}

status_matches ()
{
  matches "$2" "$(herd status "$1" 2>&1)" >/dev/null
}

is_running ()
{
  status_matches "$1" \
    '^  (It is (running since|transient, running|started)|Awaiting next timer)'
}

is_stopped ()
{
  status_matches "$1" '^  It is stopped'
}

# How many descriptors the daemon has open.  That of the last client may still be
# among them, so wait for there to be no more than before.
descriptors ()
{
  find "/proc/$daemon/fd" -mindepth 1 | wc -l
}
no_more_descriptors ()
{
  test "$(descriptors)" -le "$1"
}

# Run a daemon with the configuration on standard input and the options
# given; return when the configuration was evaluated.
start_daemon ()
{
  cat > "$directory/config.scm"
  launch_daemon -c "$directory/config.scm" -s "$socket" -l "$log" "$@"
  eventually daemon_settled || die "the daemon did not start"
}

# The same, as root over the files "passwd" and "group" of the test's
# directory.
start_daemon_with_users ()
{
  cat > "$directory/config.scm"
  unshare --mount sh -c 'mount --bind "$0/passwd" /etc/passwd &&
    mount --bind "$0/group" /etc/group && exec shepherd "$@"' \
    "$directory" -c "$directory/config.scm" -s "$socket" -l "$log" "$@" \
    > "$output" 2>&1 </dev/null &
  daemon=$!
  eventually daemon_settled || die "the daemon did not start"
}

launch_daemon ()
{
  shepherd "$@" > "$output" 2>&1 </dev/null &
  daemon=$!
}

daemon_settled ()
{
  daemon_ended && die "the daemon ended"
  { logged 'Configuration successfully loaded' \
      || printed 'exception thrown while loading configuration file'; } \
    && answers
}

# Wait for the daemon's end; its exit status.
wait_for_daemon ()
{
  eventually daemon_ended || die "the daemon does not end"
  status=0
  wait "$daemon" || status=$?
  daemon=
  return "$status"
}

# A zombie that we have not waited for yet still has a PID.
daemon_ended ()
{
  ! test -d "/proc/$daemon" \
    || grep -q '^[0-9]* (.*) Z' "/proc/$daemon/stat" 2>/dev/null
}

stop_daemon ()
{
  herd stop root >/dev/null
  wait_for_daemon
}


# PID 1 of its own namespaces.

namespace_options="--pid --fork --kill-child --mount-proc --mount --uts --ipc"
test "$(id -u)" -eq 0 \
  || namespace_options="--user --map-root-user $namespace_options"

need_namespaces ()
{
  # shellcheck disable=SC2086  # a list of words
  unshare $namespace_options true 2>/dev/null \
    || skip "no right to create PID, mount, UTS and IPC namespaces"
}

# Like start_daemon, as PID 1; $init is its PID seen from here.
launch_init ()
{
  cat > "$directory/config.scm"
  # shellcheck disable=SC2086
  unshare $namespace_options shepherd -c "$directory/config.scm" -s "$socket" -l "$log" "$@" \
    > "$output" 2>&1 </dev/null &
  daemon=$!
}
start_init ()
{
  launch_init "$@"
  eventually daemon_settled || die "the init did not start"
  init=$(cat "/proc/$daemon/task/$daemon/children")
  init=${init% }
  test -n "$init" || die "the init has no PID"
}

# Run a command inside.
inside ()
{
  user=
  test "$(id -u)" -eq 0 || user="--user --preserve-credentials"
  # shellcheck disable=SC2086
  nsenter $user --target "$init" --root --wd --pid --mount --uts --ipc "$@"
}


# A machine of its own.

need_vm ()
{
  for program in qemu-system-x86_64 busybox cpio gzip apt-get dpkg
  do
    command -v $program >/dev/null || skip "no $program"
  done
  test "$(uname -m)" = x86_64 || skip "only for x86-64 so far"
  VM_CACHE=${VM_CACHE:-${abs_top_srcdir:?}/build/cache}
  export VM_CACHE
  "$abs_top_srcdir/build-aux/vm-kernel" "$VM_CACHE" >/dev/null \
    || skip "no kernel package"
}

stage_for_vm ()
{
  make -C "${abs_top_builddir:?}" install-exec install-data \
    DESTDIR="$directory/stage" > install.out 2>&1 || {
    cat install.out
    die "make install failed"
  }
}

# Boot config.scm and run session, both in the test's directory.
boot_vm ()
{
  "$abs_top_srcdir/build-aux/vm-boot" "$@" "$directory/stage" \
    "$directory/config.scm" "$directory/session"
}
