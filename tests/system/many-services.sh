# many-services.sh -- a thousand services start and stop together
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'END'
(use-modules (srfi srfi-1))
(define names
  (map (lambda (n) (string->symbol (string-append "s" (number->string n))))
       (iota 1000)))
(register-services
 (map (lambda (name)
        (service (list name)
          #:start (make-forkexec-constructor '("sleep" "1000000"))
          #:stop (make-kill-destructor)))
      names))
(register-services
 (list (service '(all) #:requirement names #:start (const #t)
         #:stop (const #f))))
END
children ()
{
  # shellcheck disable=SC2046
  set -- $(cat "/proc/$daemon"/task/*/children)
  echo $#
}
check "they start together" equal "Service all has been started." \
  "$(herd start all | tail -n 1)"
check "each has its process" equal 1000 "$(children)"
check "each is listed as running" equal 1002 "$(herd status | grep -c '^ + ')"
check "a killed one is noticed among them" kill -KILL "$(pid_of s500)"
check "it is stopped" eventually is_stopped s500
herd start s500 >/dev/null
check "and started again" is_running s500
check "the daemon stops them all, and ends" stop_daemon
check "each was stopped" test "$(grep -c 'Service s[0-9]* stopped\.$' "$log")" \
  -ge 1000
finish
