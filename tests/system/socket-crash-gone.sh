# socket-crash-gone.sh -- sockets of services that a configuration has no more
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

peer=${abs_top_builddir:?}/tests/system/peer
port=$("$peer" free-port)

start_daemon <<END
(register-services
 (list (service '(cat)
         #:start (make-inetd-constructor '("cat")
                  (list (endpoint (make-socket-address AF_INET INADDR_LOOPBACK
                                                       $port))))
         #:stop (make-inetd-destructor))
       (service '(lazy)
         #:start (make-systemd-constructor '("$peer" "serve")
                  (list (endpoint (make-socket-address AF_UNIX
                                                       "$directory/lazy"))))
         #:stop (make-systemd-destructor))))
(start-in-the-background '(cat lazy))
END
says ()
{
  echo "$2" | "$peer" talk "$1"
}
eventually is_running cat || die "cat does not start"
eventually is_running lazy || die "lazy does not start"
eventually says 127.0.0.1:"$port" one > /dev/null \
  || die "the service does not listen"

# None of it has sockets: the code that knows them is not loaded.
cat > config.scm <<'END'
(register-services
 (list (service '(cat)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))))
END
went_on ()
{
  logged 'Going on after a crash' && is_running cat
}
kill -SEGV "$daemon"
eventually went_on || die "the daemon does not go on"
for place in "127.0.0.1:$port" "$directory/lazy"
do
  check "$place: it is said to be closed" eventually logged \
    "No service uses .*$place.* any more; it is closed\."
  check "$place: nobody waits in vain" fails says "$place" two
done
check "the value that is lost is named" logged \
  'The running value of service cat could not be kept; it is #t now\.'
# Its stop method is for a process.
herd stop cat > /dev/null 2>&1
check "the service starts as it is now" quietly herd start cat
check "with a process" status_matches cat 'Main PID'
check "the daemon ends" stop_daemon
finish
