# limit.sh -- what no supervisor can beat: bare loops around vfork and exec
# shellcheck shell=sh disable=SC2034

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

programs="cat"
no_loop="no start method"
no_inetd="a connection more than a start"

configure ()
{
  # A copy, since $WORK itself does not count as a part of the supervisor.
  cp "$WORK" bare
  printf u > up; printf d > down; printf '?' > query
  raw_start=@socket@up raw_stop=@socket@down raw_status=@socket@query
  start=$raw_start stop=$raw_stop status="$PROBE time 1 0 $raw_status"
  ask=$raw_status log=$PWD/lines
  # As long as a reply of ours.
  daemon="./bare serve socket $2 $((1000 + 650 * $2))"
  case $1 in
    down) daemon="$daemon $WORK" ;;
    up) daemon="./bare respawn $2 $WORK" ;;
    log) echo "$WORK talk $BENCH_LINES | cat > $log" > script
         daemon="$daemon sh script" ;;
  esac
}
