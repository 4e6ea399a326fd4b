# vm.sh -- boot on Debian's kernel in QEMU, down to power-off
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

# deadline: 600 seconds
need_vm
stage_for_vm
cat > config.scm <<'END'
(define sleeper
  (service '(sleeper)
    #:respawn? #t #:respawn-delay 0
    #:start (make-forkexec-constructor '("sleep" "1000000"))
    #:stop (make-kill-destructor)))
(register-services (list sleeper))
(start-service sleeper)
END
cat > session <<'END'
echo "one is $(cat /proc/1/comm)"
echo "root runs as $(herd status root | sed -n 's/  Main PID: //p')"
herd status sleeper
pid=$(herd status sleeper | sed -n 's/  Main PID: //p')
kill -9 "$pid"
tries=0
until new=$(herd status sleeper | sed -n 's/  Main PID: //p') \
      && test -n "$new" && test "$new" != "$pid"
do
  tries=$((tries + 1))
  test $tries -lt 100 || break
  sleep 0.1
done
test "$new" != "$pid" && echo "respawned"
(setsid true &)
cat /proc/[0-9]*/stat 2>/dev/null | grep ') Z ' || echo "no zombies"
cat /sys/kernel/reboot/cpu >/dev/null 2>&1
exit 7
END
status=0
boot_vm > console 2>&1 || status=$?
cat console
check "the session's exit status comes back, after a clean power-off" \
  equal 7 "$status"
check "the kernel's first process is our init" grep -q '^one is ' console
check "root is PID 1" grep -q '^root runs as 1$' console
check "a service runs" grep -q '  It is running since' console
check "a service killed comes back" grep -q '^respawned$' console
check "no panic" fails grep -q 'Kernel panic' console
finish
