# crash-loading.sh -- a crash while the configuration waits for a service to start
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/crash-lib.sh
. "${abs_top_srcdir:?}/tests/system/crash-lib.sh"

cat > "$directory/config.scm" <<END
(define pid-file "$directory/slow.pid")
(register-services
 (list (service '(slow)
         #:start (make-forkexec-constructor
                  (list "$worker" "slow" "daemon" "2000" pid-file)
                  #:pid-file pid-file #:pid-file-timeout 30)
         #:stop (make-kill-destructor))))
(start-service (lookup-service 'slow))
(register-services (list (service '(late) #:start (const #t))))
(start-service (lookup-service 'late))
END
launch_daemon -c "$directory/config.scm" -s "$socket" -l "$log"
process=$daemon
has_process ()
{
  test "$(count slow)" -gt 0
}
eventually has_process
eventually status_matches slow 'starting'
fault forgive "$daemon"
before=$(crashes)
kill -SEGV "$daemon"
eventually crashed_again "$before"
check "the start is gone on with, and then the rest of the configuration" \
  eventually is_running late
check "the service runs" is_running slow
check "by the process that it began with" equal 1 "$(count slow)"
check "which it names" equal "$(cat slow.pid)" "$(pid_of slow)"
check "the configuration was loaded" logged 'Configuration successfully loaded'
check "the daemon ends" stop_daemon
finish
