# init.sh -- shepherd as PID 1 of its own namespaces
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

need_namespaces

# The kernel ends the first process of a PID namespace by a signal, where it
# would power off or restart a machine; unshare(1) ends likewise.
powered_off=130
restarted=129

cat > sleeper.scm <<'END'
(define sleeper
  (service '(sleeper)
    #:respawn? #t
    #:start (make-forkexec-constructor '("sleep" "1000"))
    #:stop (make-kill-destructor)))
(register-services (list sleeper))
(start-service sleeper)
END

start_init < sleeper.scm
check "the daemon is PID 1" equal 1 "$(pid_of root)"
check "its service runs inside" inside sh -c "kill -0 $(pid_of sleeper)"

# A process that nobody waits for: its parent ends first.
inside sh -c '(sh -c "exec sleep 0.05" & ) ; exit 0'
no_zombie ()
{
  ! inside sh -c 'cat /proc/[0-9]*/stat 2>/dev/null' \
    | grep -q '^[0-9]* (sleep) Z'
}
check "orphans are reaped" eventually no_zombie
inside sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do (setsid true &) ; done'
no_zombie_at_all ()
{
  ! inside sh -c 'cat /proc/[0-9]*/stat 2>/dev/null' | grep -q '^[0-9]* (.*) Z'
}
check "also those of another session" eventually no_zombie_at_all

rm "$socket"
check "a deleted socket is bound again" eventually answers
check "the log says so" logged "Socket '.*' deleted; spawning new server\\.\$"

check "daemonize is refused" matches 'Running as PID 1, so not daemonizing\.' \
  "$(herd daemonize root 2>&1)"

# Weak spot: everything was stopped first.
check "kexec without a kernel loaded is refused" \
  matches '^No kexec image loaded; doing nothing\.$' \
  "$(herd kexec root 2>&1)"
check "and nothing is stopped" is_running sleeper

herd power-off root >/dev/null 2>&1
check "herd power-off root powers off" exits $powered_off wait_for_daemon
check "after stopping the service" logged 'Service sleeper stopped\.$'

ends ()
{
  sentence=$1
  expected=$2
  shift 2
  rm -f "$log"
  start_init < sleeper.scm
  "$@" > out 2>&1
  check "$sentence" exits "$expected" wait_for_daemon
  check "after stopping the service" logged 'Service sleeper stopped\.$'
}
ends "herd stop root restarts the machine" $restarted \
  herd stop root
ends "reboot restarts the machine" $restarted reboot -s "$socket"
ends "halt powers the machine off" $powered_off halt -s "$socket"
ends "so does shutdown" $powered_off shutdown -s "$socket" -h now
ends "shutdown -r restarts it" $restarted shutdown -s "$socket" -r now
ends "shutdown -H halts it" $powered_off shutdown -s "$socket" -H now
check "which the log tells" logged 'Halting\.\.\.$'
ends "herd halt root halts the machine" $powered_off herd halt root
interrupt ()
{
  inside sh -c "kill -INT 1"
}
ends "ctrl-alt-del, which is SIGINT to PID 1, restarts it" $restarted interrupt
finish
