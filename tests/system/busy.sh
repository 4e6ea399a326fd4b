# busy.sh -- user code that loops: herd status answers all the same
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'END'
(register-services
 (list (service '(looper) #:start (lambda () (let loop () (loop))))
       (service '(other) #:start (const #t))))
END
herd start other >/dev/null
# Nobody will answer this one.
command herd -s "$socket" start looper >/dev/null 2>&1 &
starter=$!
looping ()
{
  logged 'Starting service looper\.\.\.$'
}
eventually looping
soon ()
{
  timeout 5 herd -s "$socket" "$@" > out 2>&1
}
check "herd status answers" soon status
check "with what is known" matches '^ \+ other$' "$(cat out)"
check "herd status SERVICE answers" soon status other
busy ()
{
  soon status && matches 'looper' "$(grep -v '^ [-+^*!]' out)" >/dev/null
}
check "it tells who keeps the interpreter busy" eventually busy
kill -KILL "$daemon"
wait "$daemon" "$starter" 2>/dev/null
daemon=
finish
