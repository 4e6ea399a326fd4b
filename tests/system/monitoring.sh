# monitoring.sh -- what the daemon uses, told from time to time
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'END'
(use-modules (shepherd service monitoring))
(register-services (list (monitoring-service)))
END
line='service names: [0-9]+; heap: [0-9]+\.[0-9][0-9] MiB; file descriptors: [0-9]+$'
reports ()
{
  grep -c -E "$line" "$log"
}
more_reports ()
{
  test "$(reports)" -gt "$1"
}

check "it starts" exits 0 quietly herd start monitoring
check "and tells at once" matches "^$line" "$(head -n 1 out)"
check "in the log, too" eventually more_reports 0
check "herd log has it tell" matches "^$line" "$(herd log monitoring)"
check "names are those registered" \
  matches "^service names: $(herd eval root '(service-name-count)' \
                               | tail -n 1);" "$(herd log monitoring)"
before=$(reports)
check "the period is changed, in seconds" equal \
  "Monitoring logging period changed to 1 seconds." \
  "$(herd period monitoring 1)"
check "it tells once a period" eventually more_reports $((before + 2))
check "status shows the period" status_matches monitoring '\(period 1\)'
for text in 0 1.5 some -1
do
  check "$text is no period" exits 1 quietly herd period monitoring -- $text
  check "which is said" equal \
    "$text: invalid number; expected a positive integer" "$(cat out)"
done
check "none is none either" exits 1 quietly herd period monitoring
check "a period without end is one" \
  exits 0 quietly herd period monitoring 99999999999999999999
check "the daemon is well" exits 0 quietly herd log monitoring

herd stop monitoring > out
check "it tells when it ends, too" matches "^$line" "$(head -n 1 out)"
check "and that it ends" \
  equal "Terminating shepherd monitoring." "$(tail -n +2 out)"
check "in the log, too" eventually logged 'Terminating shepherd monitoring\.$'
check "when stopped it can be asked" matches "^$line" "$(herd log monitoring)"
check "but has no period" exits 1 quietly herd period monitoring 5
check "which is said" equal "Service monitoring is not running." "$(cat out)"
check "the daemon ends" stop_daemon

rm -f "$log"
start_daemon <<'END'
(use-modules (shepherd service monitoring))
(monitoring-service #:period "60")
END
check "a mistake in the configuration is told where it is" \
  grep -q "config.scm:2:1: .*'period': \"60\"" "$output"
check "the daemon ends" stop_daemon
finish
