# runit.sh -- runsvdir and the programs around it
# shellcheck shell=sh disable=SC2034

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

programs="runsvdir runsv sv svlogd"
no_loop="no start method"
no_raw_status="the state is in files"
no_raw_start="one supervisor for each service"
no_growth="it starts a service once a second at most"

configure ()
{
  mkdir scan
  for name in $(seq -f s%.0f "$2")
  do
    mkdir "scan/$name"
    ln -s "$WORK" "scan/$name/run"
    test "$1" = up || : > "scan/$name/down"
  done
  # It waits a second before it reads a directory of this very second.
  touch -d "1 minute ago" scan
  log=$PWD/lines/current
  daemon="runsvdir $PWD/scan"
  case $1 in
    log)
      mkdir lines scan/s1/log
      printf 's0\nn0\n' > lines/config
      rm scan/s1/run
      printf '#!/bin/sh\nexec %s talk %s\n' "$WORK" "$BENCH_LINES" \
        > scan/s1/run
      printf '#!/bin/sh\nexec svlogd -t %s/lines\n' "$PWD" > scan/s1/log/run
      chmod +x scan/s1/run scan/s1/log/run ;;
    inetd)
      # Debian's package ipsvd, of the same author.
      inetd=$(command -v tcpsvd)
      daemon="tcpsvd -l localhost 127.0.0.1 $port $WORK greet" ;;
  esac
  set -- "$PWD"/scan/s*
  start="sv up $*" stop="sv down $*" status="sv status $*" ask=$status
  test -e "$1" || { status='' ask=true; }
}
