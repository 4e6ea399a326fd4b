# s6.sh -- s6-svscan and the programs around it
# shellcheck shell=sh disable=SC2034

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

programs="s6-svscan s6-svc s6-svstat s6-svok s6-log"
no_loop="no start method"
no_raw_status="the state is in files"
no_raw_start="one supervisor for each service"
no_inetd="its super-server is in another package, s6-networking"

configure ()
{
  mkdir scan
  for name in $(seq -f s%.0f "$2")
  do
    mkdir "scan/$name"
    ln -s "$WORK" "scan/$name/run"
    test "$1" = up || : > "scan/$name/down"
  done
  log=$PWD/lines/current
  if test "$1" = log
  then
    mkdir scan/s1/log
    rm scan/s1/run
    printf '#!/bin/sh\nexec %s talk %s\n' "$WORK" "$BENCH_LINES" > scan/s1/run
    printf '#!/bin/sh\nexec s6-log t s268435455 %s/lines\n' "$PWD" \
      > scan/s1/log/run
    chmod +x scan/s1/run scan/s1/log/run
  fi
  each start "s6-svc -u"; each stop "s6-svc -d"; each status s6-svstat
  each ask s6-svok
  case $2 in
    0) ask="s6-svscanctl -a scan" status='' ;;
    # One that is started before it was noticed to be down starts late.
    1) start="s6-svc -wu -u scan/s1" stop="s6-svc -wD -d scan/s1" ;;
  esac
  # Unless told otherwise, it takes 500 services at most.
  daemon="s6-svscan -c $(($2 + 500)) $PWD/scan"
}

# each VARIABLE COMMAND: one that does it for each service.
each ()
{
  echo "set -e; for s in scan/s*; do $2 \$s; done" > "$1"
  eval "$1='sh $1'"
  test -e scan/s2 || eval "$1='$2 scan/s1'"
}
