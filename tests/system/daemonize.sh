# daemonize.sh -- a daemon that leaves the foreground
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

cat > config.scm <<'END'
(use-modules (shepherd support))
(add-hook! %post-daemonize-hook
           (lambda ()
             (local-output "The hook runs in process ~a." (getpid))))
(perform-service-action root-service 'daemonize)
(register-services
 (list (service '(sleeper)
         #:respawn? #t
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))))
(start-in-the-background '(sleeper))
END
check "the process that was started ends with status 0" \
  shepherd -c config.scm -s "$socket" -l "$log" --pid=pid > "$output" 2>&1
check "the socket answers" eventually answers
eventually logged 'Configuration successfully loaded'
check "the log tells its PID" logged 'Now running as process [0-9]+\.$'
new=$(sed -n 's/.*Now running as process \([0-9]*\)\.$/\1/p' "$log")
# Weak spot: the PID file still held the old one.
check "which the PID file holds" equal "$new" "$(cat pid)"
check "and which is root's" equal "$new" "$(pid_of root)"
check "in which the hook was run" \
  logged "The hook runs in process $new\\.\$"
check "it leads its session" equal "$new" \
  "$(sed 's/.*) //' "/proc/$new/stat" | cut -d ' ' -f 4)"
check "services start" eventually is_running sleeper
check "loading the same again changes nothing" \
  equal "Loading $directory/config.scm." "$(herd load root "$directory/config.scm")"
check "nor is the hook run once more" \
  equal 1 "$(grep -c 'The hook runs' "$log")"
first=$(pid_of sleeper)
kill -KILL "$first"
another ()
{
  pid=$(pid_of sleeper)
  test -n "$pid" && test "$pid" != "$first"
}
check "their deaths are noticed" eventually another
check "it ends" herd stop root
check "and is gone" eventually gone "$new"
finish
