# repl-lib.sh -- for tests of the REPL service
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# Sourced after lib.sh.

# shellcheck disable=SC2154  # from lib.sh
repl=$socket_directory/repl
peer=${abs_top_builddir:?}/tests/system/peer
# The first expression of all has Guile load its compiler.
# shellcheck disable=SC2034
deadline=120

# A configuration with the REPL, and what is on standard input.
start_daemon_with_repl ()
{
  {
    cat <<END
(use-modules (shepherd service repl))
(register-services (list (repl-service "$repl")))
(start-in-the-background '(repl))
END
    cat
  } > repl.scm
  start_daemon < repl.scm
  eventually is_running repl || die "no REPL"
}

# Type what is on standard input; print what comes back, but for the greeting, and
# for prompts, which there are when nothing has been typed yet.
session ()
{
  "$peer" converse "$repl" | sed '1,/^Enter/d; s/[a-z-]*@([^)]*)> //g'
}

# dial FD NAME: connect; what is typed by FD is answered in NAME.out.
dial ()
{
  mkfifo "$2.in"
  "$peer" converse "$repl" < "$2.in" > "$2.out" &
  eval "$2=\$!"
  eval "exec $1> $2.in"
  eventually said "$2" "^Enter"
}

# The service of the client that came last.
latest ()
{
  herd status | sed -n 's/^ [+-] repl-client-//p' | sort -n | tail -n 1 \
    | sed 's/^/repl-client-/'
}

# tell FD LINE...
tell ()
{
  fd=$1
  shift
  printf '%s\n' "$@" >&"$fd"
}

said ()
{
  grep -q -E -e "$2" "$1.out"
}

# What a daemon that leaks has more and more of.
descriptors ()
{
  # shellcheck disable=SC2154
  find "/proc/$daemon/fd" -mindepth 1 | wc -l
}

fibers ()
{
  herd backtrace root | grep -c '^[^ ]'
}

services ()
{
  herd status | grep -c '^ [+-]'
}

holdings ()
{
  echo "$(descriptors) descriptors, $(fibers) fibers, $(services) services"
}

# check_holdings SENTENCE HOLDINGS: that is what the daemon has, soon.
check_holdings ()
{
  check "$1" eventually holds "$2"
  holds "$2" || cat seen
}
holds ()
{
  equal "$1" "$(holdings)" > seen
}
