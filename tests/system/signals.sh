# signals.sh -- signals to a user's daemon stop its services, then it
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

for signal in INT TERM HUP
do
  rm -f "$log"
  start_daemon <<'END'
(define sleeper
  (service '(sleeper)
    #:start (make-forkexec-constructor '("sleep" "1000"))
    #:stop (make-kill-destructor)))
(register-services (list sleeper))
(start-service sleeper)
END
  pid=$(pid_of sleeper)
  check "the service runs" kill -0 "$pid"
  # A child of sh that runs in the background ignores SIGINT; this daemon
  # waits for it nevertheless.
  kill -"$signal" "$daemon"
  check "SIG$signal ends the daemon with status 0" wait_for_daemon
  check "its service is stopped" logged 'Service sleeper stopped\.$'
  check "its process is gone" gone "$pid"
  check "the log ends with Exiting." matches ' Exiting\.$' \
    "$(tail -n 1 "$log")"
done

start_daemon </dev/null
kill -PIPE "$daemon"
check "SIGPIPE is ignored" answers
check "and then it still ends" stop_daemon
finish
