# core-only.sh -- three crashes in a minute: going on without interpreter
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

config ()
{
  cat <<'END'
(define* (runner name command #:key (respawn? #f))
  (service (list name)
    #:start (make-forkexec-constructor command)
    #:stop (make-kill-destructor)
    #:respawn? respawn?))
(register-services
 (list (runner 'plain '("sleep" "1000000"))
       (runner 'stubborn
               '("sh" "-c" "trap '' TERM; echo trapped; while :; do sleep 1000000; done"))
       (runner 'phoenix '("sleep" "1000000") #:respawn? #t)
       (runner 'idle '("sleep" "1000000"))))
(start-in-the-background '(plain stubborn phoenix))
END
}

# crash N: for the Nth time.
crash ()
{
  kill -SEGV "$daemon"
  crashes=$1
  eventually crashed_often || die "no crash was noted"
}
crashed_often ()
{
  test "$(grep -c 'shepherd crashed: Segmentation fault' "$log")" -ge "$crashes" \
    && answers
}
core_only ()
{
  herd status | grep -q 'core-only mode'
}
settled ()
{
  ! core_only && herd status plain | grep -q running \
    && herd eval root 1 >/dev/null 2>&1
}

config > first.scm
start_daemon < first.scm
eventually is_running plain
eventually is_running stubborn
eventually is_running phoenix
eventually logged 'trapped'
before=$(pid_of plain)
phoenix=$(pid_of phoenix)

crash 1
check "after a crash all goes on" eventually settled
crash 2
check "after another one, too" eventually settled
check "the process is the same" equal "$before" "$(pid_of plain)"
crash 3
check "three are too many" eventually core_only
check "status answers" is_running plain
check "and tells the way out" matches "herd reexec root" "$(herd status)"
check "nothing can be started" fails quietly herd start idle
check "which is told" matches 'core-only mode' "$(cat out)"
check "a service can be stopped" quietly herd stop plain
check "its process is gone" gone "$before"
check "and it is known to be stopped" is_stopped plain
check "also one that ignores SIGTERM" quietly herd stop stubborn
check "it is known to be stopped, too" is_stopped stubborn
check "what is stopped can be stopped again" quietly herd stop stubborn
check "an unknown service cannot" fails quietly herd stop nobody
kill "$phoenix"
check "an end is noticed" eventually is_stopped phoenix

check "reexec leaves the mode" quietly herd reexec root
check "status says nothing of it any more" fails core_only
check "what was to be respawned is" eventually is_running phoenix
check "what was stopped is not" is_stopped plain
check "but can be started" quietly herd start plain
check "three more crashes are allowed for" crash 4
check "of which this was the first" eventually settled
crash 5
eventually settled
crash 6
check "and this the last" eventually core_only
check "at most five reports are kept" \
  equal 5 "$(find "$directory" -name 'shepherd-crash-*.txt' | wc -l)"
check "services can be stopped again" quietly herd stop plain
check "one and the other" quietly herd stop phoenix
# What is taken over may be what it crashes of.
crash 7
check "a crash in this mode is survived, too" answers
check "without what was known" fails status_matches plain stopped
check "the way out still is one" quietly herd reexec root
check "the configuration is there again" eventually is_stopped idle
check "the daemon can be ended" quietly herd stop root
eventually gone "$daemon"
wait "$daemon"
daemon=
check "the socket is gone" fails test -e "$socket"
finish
