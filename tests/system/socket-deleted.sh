# socket-deleted.sh -- a user's daemon stops when its socket is deleted
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'END'
(define sleeper
  (service '(sleeper)
    #:start (make-forkexec-constructor '("sleep" "1000"))
    #:stop (make-kill-destructor)))
(register-services (list sleeper))
(start-service sleeper)
END
pid=$(pid_of sleeper)
rm "$socket"
check "it ends with status 0" wait_for_daemon
check "the log says why" logged "Socket '$socket' deleted; stopping\\.\$"
check "its services are stopped" gone "$pid"
finish
