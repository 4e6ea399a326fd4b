# respawn.sh -- processes that end, and come back
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'END'
(register-services
 (list (service '(worker)
         #:respawn? #t #:respawn-delay 0
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))
       (service '(once)
         #:start (make-forkexec-constructor '("sh" "-c" "exit 3"))
         #:stop (make-kill-destructor))
       (service '(hasty)
         #:respawn? #t #:respawn-delay 0 #:respawn-limit '(3 . 60)
         #:start (make-forkexec-constructor '("false"))
         #:stop (make-kill-destructor))))
END
herd start worker >/dev/null
first=$(pid_of worker)
kill -KILL "$first"
another_worker ()
{
  second=$(pid_of worker)
  test -n "$second" && test "$second" != "$first"
}
check "a service killed by SIGKILL comes back" eventually another_worker
check "the log says how it ended" \
  logged "Service worker \\(PID $first\\) terminated with signal 9\\.\$"
check "and that it is respawned" logged 'Respawning worker\.$'
check "its status shows the latest exit" \
  matches '    - .* Process terminated with signal 9\.' "$(herd status worker)"
check "stopping it ends the new process" herd stop worker
check "which is gone" gone "$second"
check "and it stays stopped" is_stopped worker

# Weak spot: a service that was not to be respawned became disabled.
herd start once >/dev/null
check "a service that is not respawned is stopped when it ends" \
  eventually is_stopped once
check "its status shows how it ended" \
  matches 'Process exited with code 3\.' "$(herd status once)"
check "it is still enabled" matches '  It is enabled\.' "$(herd status once)"

# Weak spot: one respawn too many, and none forgotten by enable.
herd start hasty >/dev/null 2>&1
hasty_is_disabled ()
{
  status_matches hasty '  It is disabled\.'
}
check "a service that respawns too fast is disabled" \
  eventually hasty_is_disabled
check "the log says so" logged '\(Respawning too fast\.\)$'
check "it was respawned as often as its limit says" \
  equal 3 "$(grep -c 'Respawning hasty\.$' "$log")"
check "herd start refuses it then" exits 1 quietly herd start hasty
check "and says why" matches '^Service hasty is currently disabled\.$' \
  "$(cat out)"
check "enabling it resets the limit" quietly herd enable hasty
herd start hasty >/dev/null 2>&1
check "until it is disabled again" eventually hasty_is_disabled
check "after as many respawns" equal 6 "$(grep -c 'Respawning hasty\.$' "$log")"
check "the daemon ends" stop_daemon
finish
