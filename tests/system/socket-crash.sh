# socket-crash.sh -- services with sockets are taken up after a crash
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

peer=${abs_top_builddir:?}/tests/system/peer
port=$("$peer" free-port)

start_daemon <<END
(define (file name)
  (endpoint (make-socket-address AF_UNIX (string-append "$directory/" name))))
(define tcp
  (list (endpoint (make-socket-address AF_INET INADDR_LOOPBACK $port))
        (endpoint (make-socket-address AF_INET6 1 $port))))
(define (systemd name . keywords)
  (service (list name)
    #:respawn? #t
    #:start (apply make-systemd-constructor '("$peer" "serve")
                   (list (file (symbol->string name))) keywords)
    #:stop (make-systemd-destructor)))
(register-services
 (list (service '(cat)
         #:start (make-inetd-constructor '("cat") (cons (file "cat.sock") tcp)
                                         #:max-connections 3)
         #:stop (make-inetd-destructor))
       (systemd 'waiting)
       (systemd 'serving)
       (systemd 'stopped)))
(start-in-the-background '(cat waiting serving))
END

says ()
{
  echo "$2" | "$peer" talk "$1"
}
ask ()
{
  "$peer" talk "$directory/$1" < /dev/null
}
crashes=0
crash ()
{
  crashes=$((crashes + 1))
  kill -SEGV "$daemon"
  eventually went_on || die "the daemon does not go on"
}
went_on ()
{
  test "$(grep -c 'Going on after a crash' "$log")" -ge "$crashes" \
    && is_running cat
}

eventually is_running cat
eventually is_running serving
answer=$(ask serving)
pid=${answer%% *}
eventually status_matches serving 'Main PID'

mkfifo gate
"$peer" hold "$directory/cat.sock" 2 < gate > held &
exec 8> gate
eventually grep -q ready held
eventually is_running cat-1
eventually is_running cat-2
first=$(pid_of cat-1)
before=$(descriptors)

crash
check "an inetd-style service listens on" equal one "$(says 127.0.0.1:"$port" one)"
check "at each endpoint" equal two "$(says "[::1]:$port" two)"
check "also in the file system" equal three "$(says "$directory/cat.sock" three)"
check "connections in progress have the same process" \
  equal "$first" "$(pid_of cat-1)"
check "and are shown" matches '^  Connections: .*cat-[12]' "$(herd status cat)"
check "numbers go on" logged 'Starting service cat-5\.\.\.'
mkfifo gate2
"$peer" hold "$directory/cat.sock" 1 < gate2 > held2 &
exec 9> gate2
eventually is_running cat-6
check "and count for the maximum" \
  equal "" "$(says "$directory/cat.sock" four)"
check "a service that waits for a client has waited on" \
  matches ' 3 unknown$' "$(ask waiting)"
check "a process that serves serves on" equal "$pid 3 unknown" "$(ask serving)"
kill "$pid"
answer=$(ask serving)
check "when it ends, clients wait for the next one" \
  matches '^[0-9]+ 3 unknown$' "$answer"
check "which is another" fails equal "$pid" "${answer%% *}"

exec 8>&- 9>&-
check "connections end" eventually fails quietly herd status cat-1
check "their end is noted" eventually logged \
  '[0-9] connections? still in use after cat-1 termination'

# On purpose.
mkfifo gate3
"$peer" hold "$directory/cat.sock" 1 < gate3 > held3 &
exec 9> gate3
eventually grep -q ready held3
eventually logged 'Service cat-7 has been started'
first=$(pid_of cat-7)
check "an upgrade" quietly herd reexec root
check "leaves connections in progress alone" \
  equal "$first" "$(pid_of cat-7)"
check "and its services listen" equal one "$(says 127.0.0.1:"$port" one)"
check "for their processes, too" equal "$answer" "$(ask serving)"
exec 9>&-
check "which end when their clients do" \
  eventually fails quietly herd status cat-7

# While clients come and go, and nobody is refused.
for address in 127.0.0.1:"$port" "$directory/cat.sock"
do
  "$peer" hammer "$address" "$directory/enough" >> refused &
  hammers="$hammers $!"
done
crash
eventually says 127.0.0.1:"$port" five > /dev/null
touch enough
# shellcheck disable=SC2086  # a list of words
wait $hammers
check "nobody is refused in a crash" equal "" "$(grep -v -x 0 refused)"

for name in cat waiting serving
do
  check "$name stops" quietly herd stop $name
done
check "then nobody listens" fails says 127.0.0.1:"$port" one
check "no socket file is left" \
  equal "" "$(find . -name '*.sock' -o -name waiting -o -name serving)"
check "nor a descriptor" eventually no_more_descriptors "$before"
check "the daemon ends" stop_daemon
finish
