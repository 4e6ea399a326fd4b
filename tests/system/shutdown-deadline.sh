# shutdown-deadline.sh -- the end does not wait for what hangs
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

cat > hanging.scm <<'END'
(default-shutdown-timeout 1)
(register-services
 (list (service '(hanging)
         #:start (make-forkexec-constructor
                  '("sh" "-c" "trap '' TERM; echo ready; exec sleep 1000"))
         #:stop (lambda (running) (sleep 1000) #f))
       (service '(endless)
         #:start (lambda () (sleep 1000) #t))))
(start-in-the-background '(hanging endless))
END

for command in "stop root" "power-off root"
do
  start_daemon < hanging.scm
  is_running hanging || eventually is_running hanging
  sleeper=$(pid_of hanging)
  check "its service ignores SIGTERM" eventually logged 'ready$'
  case $command in
    "stop root")
      # shellcheck disable=SC2086
      quietly herd $command
      check "the daemon ends" exits 0 wait_for_daemon
      check "saying why" logged 'Services did not stop in time'
      check "the stuck service is gone" eventually gone "$sleeper"
      ;;
    *)
      # shellcheck disable=SC2086
      check "power-off is refused unless PID 1" fails herd $command
      check "and nothing stops" is_running hanging
      quietly herd stop root
      wait_for_daemon
      ;;
  esac
  rm -f "$log"
done

need_namespaces
start_init < hanging.scm
quietly herd power-off root
check "PID 1 powers off all the same" exits 130 wait_for_daemon
check "saying why" logged 'Services did not stop in time'
finish
