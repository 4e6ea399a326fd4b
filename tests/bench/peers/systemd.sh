# systemd.sh -- the manager of a user
# shellcheck shell=sh disable=SC2034

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

programs="systemd systemctl"
no_loop="no start method"
no_log="its journal is the system's, and a file has no time stamps"
no_raw_start="a D-Bus call returns before anything is done"

configure ()
{
  own_groups
  export HOME="$PWD" XDG_RUNTIME_DIR="$PWD" SYSTEMD_UNIT_PATH="$PWD/units"
  mkdir -p units/default.target.wants
  ln -s /usr/lib/systemd/user/*.target /usr/lib/systemd/user/*.slice units
  for name in $(seq -f s%.0f "$2")
  do
    unit "$name.service" "[Unit]" PartOf=all.target StartLimitIntervalSec=0 \
      "[Service]" "ExecStart=$WORK" Restart=always RestartSec=0
  done
  unit all.target "[Unit]" "Wants=$(seq -s ' ' -f s%.0f.service "$2")"
  case $1 in
    up) ln -s ../all.target units/default.target.wants ;;
    inetd)
      inetd=yes
      unit greet.socket "[Socket]" "ListenStream=127.0.0.1:$port" \
        Accept=yes TriggerLimitIntervalSec=0
      unit greet@.service "[Unit]" CollectMode=inactive-or-failed \
        "[Service]" "ExecStart=$WORK greet" StandardInput=socket
      ln -s ../greet.socket units/default.target.wants ;;
  esac
  ctl="systemctl --user"
  start="$ctl start all.target" stop="$ctl stop all.target"
  status="$ctl list-units" ask="$ctl show -p Version"
  # Its own socket, not that of a bus: log in, then call ListUnits.
  raw_status=@systemd/private@list@open
  {
    printf '\0AUTH EXTERNAL 30\r\nBEGIN\r\nl\1\0\1\0\0\0\0\1\0\0\0\221\0\0\0'
    printf '\1\1o\0\31\0\0\0/org/freedesktop/systemd1\0\0\0\0\0\0\0'
    printf '\3\1s\0\11\0\0\0ListUnits\0\0\0\0\0\0\0'
    printf '\2\1s\0\40\0\0\0org.freedesktop.systemd1.Manager'
    printf '\0\0\0\0\0\0\0\0\6\1s\0\30\0\0\0org.freedesktop.systemd1'
    printf '\0\0\0\0\0\0\0\0'
  } > list
  daemon="systemd --user"
}

# unit NAME LINE...
unit ()
{
  file=units/$1
  shift
  printf '%s\n' "$@" > "$file"
}

# It wants a machine that was booted with systemd and a control group of its
# own, and joins each hierarchy it sees: show it those it cannot do without.
own_groups ()
{
  mount -t tmpfs none /run
  mkdir -p /run/systemd/system groups
  mount --rbind /sys/fs/cgroup groups
  test -e groups/cgroup.procs || mount -t tmpfs none /sys/fs/cgroup
  for hierarchy in systemd unified .
  do
    test -w groups/$hierarchy/cgroup.procs || continue
    case $hierarchy in systemd) line=name=systemd ;; *) line= ;; esac
    above=$(sed -n "s/^[0-9]*:$line://p" /proc/self/cgroup)
    group=$(mktemp -d "groups/$hierarchy/$above/$BENCH_GROUP.XXXXXX")
    echo $$ > "$group/cgroup.procs"
    test $hierarchy = . && continue
    mkdir /sys/fs/cgroup/$hierarchy
    mount --rbind groups/$hierarchy /sys/fs/cgroup/$hierarchy
  done
}
