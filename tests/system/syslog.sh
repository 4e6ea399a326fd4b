# syslog.sh -- a daemon that logs to a syslog socket
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

client=${abs_top_builddir:?}/tests/system/client
echo > config.scm
"$client" datagrams "$directory/dev-log" > received &
receiver=$!
eventually test -S "$directory/dev-log" || die "no syslog socket"
launch_daemon -c config.scm -s "$socket" --syslog="$directory/dev-log" -l "$log"
received ()
{
  grep -q -E "$1" received
}
check "each message is a datagram with name and PID" \
  eventually received "^shepherd\\[$daemon\\]: Service root started\\.\$"
check "the configuration is loaded" \
  eventually received 'Configuration successfully loaded'
check "nothing lacks its newline" fails received 'no newline'
check "the log file is not created" fails test -e "$log"
check "standard output stays empty" fails test -s "$output"
check "the daemon ends" stop_daemon
check "the last message is there" eventually received ': Exiting\.$'
kill "$receiver"
wait "$receiver"
finish
