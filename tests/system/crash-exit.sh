# crash-exit.sh -- a process that ends while the daemon crashes
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'END'
(register-services
 (list (service '(sleeper)
         #:start (make-forkexec-constructor '("sleep" "1000000"))
         #:stop (make-kill-destructor))))
END
crashed ()
{
  test "$(grep -c 'Going on after a crash' "$log")" -ge "$round" && answers
}
for round in 1 2 3 4 5 6
do
  herd start sleeper >/dev/null
  pid=$(pid_of sleeper)
  kill -SEGV "$daemon" &
  kill "$pid"
  wait $!
  check "crash $round is survived" eventually crashed
  check "the process's end was not missed" eventually is_stopped sleeper
  check "nor how it ended" \
    matches 'terminated with signal 15' "$(herd status sleeper)"
  # Three crashes within a minute would be too many.
  herd reexec root >/dev/null
done
check "no process is left over" fails pgrep -P "$daemon"
check "the daemon can be ended" quietly herd stop root
eventually gone "$daemon"
wait "$daemon"
daemon=
finish
