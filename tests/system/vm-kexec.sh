# vm-kexec.sh -- from one kernel to another, without the firmware
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# deadline: 900 seconds

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

need_vm
stage_for_vm

# What the second kernel runs: it says so, and turns the machine off.
mkdir -p second/bin second/dev second/etc stage/boot stage/bin
cp "$(command -v busybox)" second/bin
echo "the second" > second/etc/name
cat > second/init <<'END'
#!/bin/busybox sh
/bin/busybox echo "this is another kernel: $(/bin/busybox cat /etc/name)"
/bin/busybox poweroff -f
END
chmod +x second/init
(cd second && find . | cpio --quiet -o -H newc --owner 0:0) \
  | gzip -1 > stage/boot/initramfs
cp "$VM_CACHE/vmlinuz" stage/boot
cp "${abs_top_builddir:?}/tests/system/kexec-load" stage/bin

cat > config.scm <<'END'
(define witness
  (service '(witness)
    #:start (const #t)
    #:stop (lambda _
             (system* "/bin/sh" "-c" "echo witness is stopped > /dev/ttyS0")
             #f)))
(register-services (list witness))
(start-service witness)
END
# /sbin, as busybox has an own one.
cat > session <<'END'
/sbin/reboot -k
echo "without a kernel: status $?"
herd status witness | grep running
kexec-load /boot/vmlinuz /boot/initramfs 'console=ttyS0 quiet panic=-1 no_timer_check'
/sbin/reboot -k && exec sleep 1000000
END
status=0
boot_vm --ending 'reboot: Power down' > console 2>&1 || status=$?
cat console
said ()
{
  grep -q "$1" console
}
check "reboot -k without a kernel is refused" \
  said '^No kexec image loaded; doing nothing\.'
check "and fails" said '^without a kernel: status 1'
check "and stops nothing" said 'It is running since'
check "with one, services are stopped" said '^witness is stopped'
check "and the other kernel runs" said '^this is another kernel: the second'
check "to its own end" equal 0 "$status"
check "no panic" fails said 'Kernel panic'
finish
