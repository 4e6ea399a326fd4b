# system-log-burst.sh -- bursts of messages, on /dev/log, none of which is lost
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

command -v logger >/dev/null || skip "no logger(1)"
need_namespaces
sender=${abs_top_builddir:?}/tests/system/log-sender
count=100000
deadline=120

start_daemon <<END
(use-modules (shepherd service system-log))
(register-services
 (list (system-log-service
        (list (endpoint (make-socket-address AF_UNIX "$directory/dev-log")
                        #:style SOCK_DGRAM))
        #:kernel-log-file #f
        #:message-destination (const (list "$directory/messages")))))
(start-in-the-background '(system-log))
END
eventually is_running system-log || die "no system log"

# In a /dev of its own, with this log.
with_log ()
{
  user=
  test "$(id -u)" -eq 0 || user="--user --map-root-user"
  # shellcheck disable=SC2086
  unshare $user --mount sh -c '
    mount -t tmpfs none /dev && ln -s "$1" /dev/log && shift && exec "$@"' \
    sh "$directory/dev-log" "$@"
}
wanted ()
{
  seq "$count"
}
found ()
{
  sed -n "s/.*$1 \\([0-9]*\\)\$/\\1/p" messages
}
all_are_there ()
{
  found "$1" | tail -n 1 | grep -q "^$count\$"
}

sed "s/^/logger /" > lines <<END
$(seq "$count")
END
check "logger(1) can log" with_log logger -t burst < lines
check "its last message is there" eventually all_are_there 'burst: logger'
check "none is lost, doubled or out of order" \
  test "$(found 'burst: logger' | cksum)" = "$(wanted | cksum)"
check "syslog(3) can log" with_log "$sender" syslog "$count" by-syslog
check "its last message is there" eventually all_are_there by-syslog
check "none is lost, doubled or out of order" \
  test "$(found by-syslog | cksum)" = "$(wanted | cksum)"
check "the daemon ends" stop_daemon
finish
