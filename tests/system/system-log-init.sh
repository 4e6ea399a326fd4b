# system-log-init.sh -- an init that logs to its own system log, on /dev/log
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

command -v logger >/dev/null || skip "no logger(1)"
need_namespaces
test "$(id -u)" -eq 0 || skip "only root can make devices"

cat > config.scm <<'END'
(use-modules (shepherd service system-log))
;; The kernel's messages are the machine's.
(register-services (list (system-log-service #:kernel-log-file #f)
                         (service '(other) #:start (const #t))))
(start-service (lookup-service 'system-log))
END
cat > boot <<'END'
mount -t tmpfs none /dev && mount -t tmpfs none /var/log || exit 1
mknod /dev/null c 1 3 && mknod /dev/urandom c 1 9 || exit 1
exec shepherd "$@"
END
# shellcheck disable=SC2086
unshare $namespace_options /bin/sh boot -c "$directory/config.scm" \
  -s "$socket" > "$output" 2>&1 < /dev/null &
daemon=$!
eventually answers || die "the init does not answer"
init=$(cat "/proc/$daemon/task/$daemon/children")
init=${init% }

has ()
{
  inside grep -q -E "$2" "$1"
}
eventually is_running system-log || die "no system log"
inside logger -t me hello
check "messages come by /dev/log" eventually has /var/log/messages ' localhost me: hello$'
inside logger -t me -p auth.notice secret
check "to the files for them" eventually has /var/log/secure ' me: secret$'
check "others do not go there" fails has /var/log/secure hello
check "everybody may log" equal 666 "$(inside stat -c %a /dev/log)"
herd start other > /dev/null
check "the init's own lines come there as well" eventually \
  has /var/log/messages ' localhost shepherd\[1\]: Service other started\.$'
# Weak spot: elsewhere, /dev/tty12 becomes a regular file.
check "missing devices are not created" fails inside test -e /dev/tty12
check "that is told of once" equal 1 \
  "$(inside grep -c "open log file '/dev/tty12'" /var/log/messages)"
check "there is no message about messages" \
  test "$(inside grep -c . /var/log/messages)" -lt 40
quietly herd stop root
finish
