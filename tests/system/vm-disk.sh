# vm-disk.sh -- a machine that powers off leaves its disk clean
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

# deadline: 600 seconds
PATH=$PATH:/usr/sbin:/sbin
for program in mkfs.ext4 e2fsck debugfs dumpe2fs
do
  command -v $program >/dev/null || skip "no $program"
done
need_vm
test -d "$VM_CACHE/modules" || skip "no modules of the kernel"
stage_for_vm

truncate -s 24M disk.image
mkfs.ext4 -q disk.image || die "mkfs.ext4 failed"

# The disk is there before shepherd, which logs to it.
mkdir -p stage/etc
cat > stage/etc/start <<'END'
#!/bin/sh
mount -t devtmpfs devtmpfs /dev
for module in /modules/*.ko
do
  insmod $module
done
mkdir -p '/mnt/a disk'
mount -t ext4 /dev/vda '/mnt/a disk' && mkdir -p '/mnt/a disk/below it' \
  && mount -t tmpfs tmpfs '/mnt/a disk/below it'
exec /sbin/shepherd --logfile='/mnt/a disk/shepherd.log'
END
chmod +x stage/etc/start

# One that does not want to go, at home on the disk.
cat > config.scm <<'END'
(default-shutdown-timeout 2)
(register-services
 (list (service '(writer)
         #:start (make-forkexec-constructor
                  '("/bin/sh" "-c"
                    "trap '' TERM INT HUP; exec 9>open
                     while :; do echo line; echo more >&9; sleep 0.1; done")
                  #:directory "/mnt/a disk/below it/.."
                  #:log-file "/mnt/a disk/writer.log")
         #:stop (lambda _ (sleep 1000) #f))))
(start-in-the-background '(writer))
END
cat > session <<'END'
grep disk /proc/mounts
tries=0
until grep -q line '/mnt/a disk/writer.log'
do
  tries=$((tries + 1))
  test $tries -lt 300 || exit 1
  sleep 0.1
done
herd status
echo 'written last' > '/mnt/a disk/last'
exit 7
END
status=0
boot_vm --disk "$directory/disk.image" --kernel rdinit=/etc/start \
  > console 2>&1 || status=$?
cat console
check "the machine powers off" equal 7 "$status"
check "its disk was mounted read-write" \
  grep -q '^/dev/vda /mnt/a\\040disk ext4 rw' console
on_disk ()
{
  debugfs -R "cat /$1" disk.image 2>/dev/null
}
check "what was written last is there" equal 'written last' "$(on_disk last)"
check "so are lines of a service" matches ' line$' "$(on_disk writer.log)"
check "and of shepherd, to the end" matches 'did not stop in time' \
  "$(on_disk shepherd.log)"
dumpe2fs -h disk.image > super 2>&1
check "the file system is clean" grep -q '^Filesystem state: *clean$' super
check "its journal is done with" fails grep -q needs_recovery super
check "fsck succeeds" quietly e2fsck -f -n disk.image
check "and has nothing to fix" fails grep -E 'Fix|WARNING|skipping' out
finish
