# repl-crash.sh -- the REPL after a crash of the daemon, and an upgrade
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/repl-lib.sh
. "${abs_top_srcdir:?}/tests/system/repl-lib.sh"

start_daemon_with_repl <<END
(register-services
 (list (service '(process)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))))
END

crashes=0
went_on ()
{
  test "$(grep -c 'Going on after a crash' "$log")" -ge "$crashes" \
    && is_running repl
}
crash ()
{
  crashes=$((crashes + 1))
  kill -SEGV "$daemon"
  eventually went_on || die "the daemon does not go on"
}
no_clients ()
{
  ! herd status | grep -q repl-client
}

dial 7 idle
dial 8 busy
tell 7 "(define here #t)" "(use-modules (shepherd service))" \
     "(begin (start-service (lookup-service 'process)) 'started)"
eventually said idle '= started$'
process=$(pid_of process)
tell 8 '(let lp () (lp))'
before=$(descriptors)

crash
check "the connections of clients end with the process image" eventually gone "$idle"
check "whatever they do" eventually gone "$busy"
check "and so do their services" eventually no_clients
check "which is logged" logged 'Transient service repl-client-1 terminated'
check "nothing is said to be lost" fails in_log 'repl-client.*(not defined|could not be kept)'
check "what they started goes on" equal "$process" "$(pid_of process)"
check "nobody is refused" matches '= 5$' "$(echo '(+ 2 3)' | session)"
check "numbers go on" logged 'Service repl-client-3 has been started'
check "definitions are gone" \
  matches '= #f$' "$(echo "(defined? 'here)" | session)"
check "the socket file is as private as ever" equal 600 "$(stat -c %a "$repl")"
exec 7>&- 8>&-

check "there may be an upgrade" quietly herd reexec root
dial 7 third
tell 7 '(+ 20 22)'
check "afterwards, clients are served as well" eventually said third '= 42$'
tell 7 "(use-modules (shepherd service))" \
     "(perform-service-action root-service 'reexec)"
check "a client may ask for it itself" eventually gone "$third"
check "its service ends then" eventually no_clients
exec 7>&-

# A configuration that does not know of it any more.
dial 7 fourth
echo "(register-services (list (service '(other))))" > config.scm
check "when the configuration forgets it, it goes on or is stopped" \
  quietly herd reexec root
eventually gone "$fourth"
exec 7>&-
check "clients' services vanish all the same" eventually no_clients
check "it can be stopped" quietly herd stop repl
few ()
{
  test "$(descriptors)" -le "$before"
}
check "no descriptor is left over" eventually few
check "the daemon ends" stop_daemon
finish
