# dinit.sh -- dinit, from DINIT=/directory/of/its/programs or PATH
# shellcheck shell=sh disable=SC2034

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Not tried, as Debian 12 has no package of it: after dinit(8), dinitctl(8) and
# dinit-service(5), and the number of a request in its control-cmds.h.
programs="${DINIT:+$DINIT/}dinit ${DINIT:+$DINIT/}dinitctl"
no_loop="no start method"
no_log="its log has no time stamps"
no_inetd="it has no such services"
no_raw_start="a service is told by a handle from another reply"

configure ()
{
  mkdir dinit.d
  for name in $(seq -f s%.0f "$2")
  do
    printf '%s\n' "type = process" "command = $WORK" "restart = true" \
      "restart-delay = 0" "restart-limit-count = 0" > "dinit.d/$name"
  done
  # What it starts because another service waits for it, it stops with that.
  { echo "type = internal"
    seq -f "waits-for = s%.0f" "$2"; } > dinit.d/all
  echo "type = internal" > dinit.d/boot
  test "$1" != up || echo "waits-for = all" >> dinit.d/boot
  ctl="${DINIT:+$DINIT/}dinitctl -p $PWD/socket"
  start="$ctl start all" stop="$ctl stop all" status="$ctl list" ask=$status
  # A packet of one byte asks for the list.
  printf '\10' > list
  raw_status=@socket@list@open
  daemon="${DINIT:+$DINIT/}dinit -u -q -d $PWD/dinit.d -p $PWD/socket boot"
}
