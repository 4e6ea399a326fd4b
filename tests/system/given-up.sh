# given-up.sh -- code in C that never returns
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'END'
(default-execution-limit 1/2)
(default-give-up-limit 2)
(register-services
 (list (service '(matcher)              ;it would take years
         #:start (lambda _
                   (regexp-exec (make-regexp "(a*)(a*)(a*)\\1\\2\\3b")
                                (make-string 2000 #\a))
                   #t)
         #:stop (const #f))
       (service '(worker)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))))
END
herd start worker > out
worker=$(pid_of worker)
check "a service runs" test -n "$worker"

command herd -s "$socket" start matcher > answer 2>&1 &
asker=$!
went_on ()
{
  logged 'Going on after a crash\.$'
}
check "an interpreter that is lost is given up" eventually went_on
check "the log says so" logged 'The interpreter is given up after [0-9]+ s:'
eventually gone "$asker"
check "who waited is told" matches 'Interrupted' "$(cat answer)"
stopped ()
{
  is_stopped matcher
}
check "what was at fault is stopped" eventually stopped
check "and not tried again" logged \
  'Service matcher kept shepherd from doing anything else'
check "other services go on" equal "$worker" "$(pid_of worker)"
check "and can be stopped" herd stop worker
check "the daemon ends" stop_daemon
finish
