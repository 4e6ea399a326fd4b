# vm-clock.sh -- timers on a machine whose clock is set
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

need_vm
stage_for_vm
cat > config.scm <<'END'
(use-modules (shepherd service timer))
(define noon
  (service '(noon)
    #:start (make-timer-constructor
             (calendar-event #:hours '(12) #:minutes '(0))
             (command '("/bin/sh" "-c" "date '+noon at %F %H:%M' >> /noon")))
    #:stop (make-timer-destructor)))
(register-services (list noon))
(start-service noon)
END
cat > session <<'END'
# Wait until the file has COUNT lines, for half a minute at most.
noons ()
{
  tries=0
  until test "$(cat /noon 2>/dev/null | wc -l)" -ge "$1"
  do
    tries=$((tries + 1))
    test $tries -lt 300 || break
    sleep 0.1
  done
}
touch /noon
# There is no other time in it.
date -s '2030-05-05 11:59:57' >/dev/null
noons 1
# Far ahead, over many noons, to just before one.
date -s '2031-06-06 11:59:57' >/dev/null
noons 2
# Years back.
date -s '2027-02-03 11:59:57' >/dev/null
noons 3
# A little back: not once more.
date -s '2027-02-03 11:59:58' >/dev/null
sleep 4
cat /noon
herd status noon
echo "$(grep -c . /noon) noons"
END
boot_vm > console 2>&1 || true
cat console
check "the clock is set to just before noon: it acts at noon" \
  grep -q '^noon at 2030-05-05 12:00' console
check "the clock is set ahead" grep -q '^noon at 2031-06-06 12:00' console
check "the clock is set back" grep -q '^noon at 2027-02-03 12:00' console
check "once each" grep -q '^3 noons' console
check "no panic" fails grep -q 'Kernel panic' console
finish
