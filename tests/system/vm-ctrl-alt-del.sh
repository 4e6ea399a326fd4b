# vm-ctrl-alt-del.sh -- the three keys restart the machine, and cleanly
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# deadline: 600 seconds

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

need_vm
stage_for_vm
cat > config.scm <<'END'
(define witness
  (service '(witness)
    #:start (const #t)
    #:stop (lambda _
             (system* "/bin/sh" "-c"
                      "cat /proc/sys/kernel/ctrl-alt-del > /dev/ttyS0; \
echo witness is stopped > /dev/ttyS0")
             #f)))
(register-services (list witness))
(start-service witness)
END
echo 'echo ready; exec sleep 1000000' > session
deadline=300
boot_vm --ending 'reboot: Restarting system' --monitor "$directory/monitor" > console 2>&1 &
vm=$!
ended ()
{
  grep -q '^ready' console || ! kill -0 "$vm"
}
eventually ended
check "the machine boots" grep -q '^ready' console
check "the keys are pressed" \
  sh -c 'echo "sendkey ctrl-alt-delete" \
           | "$1" half "$2" >/dev/null 2>&1 || true' sh \
  "${abs_top_builddir:?}/tests/system/client" "$directory/monitor"
check "the machine restarts" wait "$vm"
check "after stopping services" grep -q '^witness is stopped' console
check "the kernel left that to us" grep -q '^0' console
cat console
finish
