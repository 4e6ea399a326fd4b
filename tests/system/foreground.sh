# foreground.sh -- what a user's daemon says, where
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'END'
(register-services (list (service '(one) #:start (const #t))))
END
check "lines of the log begin with the time" \
  matches '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} Service root started\.$' \
  "$(cat "$log")"
check "the log tells that the configuration was loaded" \
  logged "Configuration successfully loaded from '.*config.scm'\\.\$"
check "standard output has the same lines without the time" \
  printed '^Service root started\.$'
check "the daemon's process is the one of root" \
  equal "$daemon" "$(pid_of root)"
check "a service starts" equal "Service one has been started." \
  "$(herd start one)"
check "starting it again says so" equal "Service one is already running." \
  "$(herd start one)"
check "it is listed" matches '^ \+ one$' "$(herd status)"

check "herd stop root ends it" exits 0 herd stop root
check "its exit status is 0" wait_for_daemon
check "the last line of its output is Exiting." \
  equal "Exiting." "$(tail -n 1 "$output")"
check "the last line of its log is Exiting., too" \
  matches ' Exiting\.$' "$(tail -n 1 "$log")"
finish
