# system-log-crash.sh -- the system log goes on after a crash of the daemon
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

sender=${abs_top_builddir:?}/tests/system/log-sender

mkfifo kernel
exec 9<> kernel
start_daemon 9>&- <<END
(use-modules (shepherd service system-log))
(register-services
 (list (system-log-service
        (list (endpoint (make-socket-address AF_UNIX "$directory/log")
                        #:style SOCK_DGRAM))
        #:kernel-log-file "$directory/kernel"
        #:message-destination (const (list "$directory/messages"))
        #:date-format "DATE "
        #:max-silent-time #f)))
(start-in-the-background '(system-log))
END
eventually is_running system-log || die "no system log"

has ()
{
  grep -q -E -e "$1" messages
}
crashes=0
crash ()
{
  crashes=$((crashes + 1))
  kill -SEGV "$daemon"
  eventually went_on || die "the daemon does not go on"
}
went_on ()
{
  test "$(grep -c 'Going on after a crash' "$log")" -ge "$crashes" \
    && is_running system-log
}
send ()
{
  printf '<13>%s' "$1" | "$sender" one "$directory/log"
}

send before
eventually has before || die "no message"
before=$(descriptors)
crash
send after
check "messages are logged" eventually has '^DATE localhost after$'
echo '<6>from the kernel' >&9
check "the kernel's, too" eventually has '^DATE localhost linux: from the kernel$'
check "herd shows the same" status_matches system-log 'listening on 1 endpoint'
check "and the file" status_matches system-log "Log files?: $directory/messages"
check "and the messages from before" \
  eventually status_matches system-log ' localhost before$'
check "and from after" eventually status_matches system-log ' localhost after$'

# While messages pour in.  One that was read but not written at the moment of a
# crash may be lost.
"$sender" burst "$directory/log" 3000 burst &
burst=$!
eventually has 'burst 100$'
crash
check "no sender is refused" wait "$burst"
check "the last message is there" eventually has 'burst 3000$'
check "few are lost" test "$(grep -c ' burst [0-9]*$' messages)" -ge $((3000 - 64))
check "none is there twice" equal "" \
  "$(grep -o 'burst [0-9]*$' messages | sort | uniq -d)"
check "lines have their date, once" \
  equal "" "$(grep -v -E '^DATE localhost (before|after|linux: from the kernel|burst [0-9]+)$' messages)"
check "no descriptor is left over" eventually no_more_descriptors "$before"

herd reexec root > /dev/null
eventually is_running system-log
send upgraded
check "after an upgrade as well" eventually has ' upgraded$'
check "it stops" exits 0 herd stop system-log
check "the socket is closed" fails test -e log
check "the daemon ends" stop_daemon
finish
