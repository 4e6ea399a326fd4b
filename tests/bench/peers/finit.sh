# finit.sh -- finit, which must be PID 1
# shellcheck shell=sh disable=SC2034

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Services belong to runlevel 3, and are started and stopped by going there
# and back.  The time from its exec includes that of unshare(1).
programs="finit initctl unshare"
no_loop="no start method"
no_log="its log has no time stamps"
no_inetd="it has no such services any more"
no_raw_status="its messages are structures of a private header"
no_raw_start=$no_raw_status

configure ()
{
  # Nothing of the machine's is within its reach.  It empties /tmp, where our
  # programs may be.
  cp "$WORK" "$PROBE" .
  mount --bind . /mnt
  cd /mnt || return
  WORK=$PWD/$(basename "$WORK") PROBE=$PWD/$(basename "$PROBE") MARKS=$PWD/marks
  mount -t tmpfs none /tmp
  mkdir dev finit.d
  mount -t tmpfs none dev
  for device in null zero full random urandom tty
  do
    : > dev/$device
    mount --bind /dev/$device dev/$device
  done
  mkdir dev/pts dev/shm
  mount --rbind dev /dev
  mount -t tmpfs none /run
  mount -t tmpfs none /var
  mkdir /var/log
  ln -s /run /var/run
  : > fstab
  case $1 in up) level=2 ;; *) level=3 ;; esac
  { echo runlevel 2
    seq -f "service :%.0f [$level] $WORK" "$2"; } > finit.conf
  for file in finit.conf finit.d fstab
  do
    mount --bind $file /etc/$file
  done
  mount -o remount,bind,ro /
  start="initctl runlevel 3" stop="initctl runlevel 2"
  status="initctl status" ask="initctl status" ready=finit_ready
  daemon="unshare --pid --fork --mount --mount-proc finit"
}

# While it still boots, it answers, but would go back to runlevel 2.
finit_ready ()
{
  test "$(initctl runlevel)" = "N 2"
}
