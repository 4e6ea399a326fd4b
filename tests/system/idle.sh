# idle.sh -- with nothing to do, no system call
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

if ! strace -o trace true 2>/dev/null
then
  skip "strace is missing or not allowed"
fi
start_daemon <<'END'
(define (sleeper name)
  (service (list name)
    #:respawn? #t
    #:start (make-forkexec-constructor '("sleep" "1000"))
    #:stop (make-kill-destructor)))
(register-services (map sleeper '(one two three)))
(start-in-the-background '(one two three))
END
eventually is_running three || die "no service"

ticks ()
{
  sed 's/.*) //' "/proc/$daemon/stat" | cut -d ' ' -f 12,13
}

# The last answer may have left something to put away.  Then it must become
# quiet for good.
quiet_for ()
{
  timeout "$1" strace -f -o trace -p "$daemon" 2>/dev/null
  # Calls that began before the trace show up as resumed when we detach.
  ! grep -v -E '(resumed|detached|<unfinished \.\.\.>$|\+\+\+)' trace \
    | grep -v -E '^[0-9]+ +(restart_syscall|epoll_p?wait2?|poll|ppoll|read|futex|select|wait4|waitid)\(.* <(detached|unfinished)' \
    | grep -q .
}
eventually quiet_for 0.5 || die "it never becomes quiet"
before=$(ticks)
check "no system call in 10 seconds" quiet_for 10
cat trace
check "no processor time either" equal "$before" "$(ticks)"
check "the daemon ends" stop_daemon
finish
