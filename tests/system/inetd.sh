# inetd.sh -- a process for each connection
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

peer=${abs_top_builddir:?}/tests/system/peer
port=$("$peer" free-port)

mkdir -m 1777 existing
start_daemon <<END
(define (inetd name command endpoints . keywords)
  (service (list name)
    #:start (apply make-inetd-constructor command endpoints keywords)
    #:stop (make-inetd-destructor)))
(define (file name . keywords)
  (apply endpoint
         (make-socket-address AF_UNIX (string-append "$directory/" name))
         keywords))
(define (tcp family address . keywords)
  (apply endpoint (make-socket-address family address $port) keywords))
(register-services
 (list (inetd 'cat '("cat")
              (list (tcp AF_INET INADDR_LOOPBACK) (tcp AF_INET6 1)
                    (file "cat.sock")))
       (inetd 'limited '("cat") (list (file "limited.sock"))
              #:max-connections 3 #:service-name-stem "visit"
              #:requirements '(needed))
       (service '(needed))
       (inetd 'environment '("sh" "-c" "env; pwd; umask; id -u")
              (list (tcp AF_INET6 0))
              #:directory "/usr" #:file-creation-mask #o027
              #:environment-variables
              '("PATH=/usr/bin:/bin" "TCPREMOTEIP=wrong" "MINE=yes"))
       (inetd 'made '("true")
              (list (file "new/parent/made.sock"
                          #:socket-directory-permissions #o710)))
       (inetd 'there '("true")
              (list (file "existing/there.sock"
                          #:socket-directory-permissions #o700)))
       (inetd 'missing '("$directory/no-program")
              (list (file "missing.sock")) #:max-connections 2)
       (inetd 'many '("cat") (list (file "many.sock" #:backlog 1000))
              #:max-connections 1000)
       (service '(old)
         #:start (make-inetd-constructor
                  '("cat")
                  (make-socket-address AF_UNIX "$directory/old.sock"))
         #:stop (make-inetd-destructor))))
END

says ()
{
  echo "$2" | "$peer" talk "$1"
}
before=$(descriptors)

check "an inetd-style service starts" quietly herd start cat
check "a client is served by IPv4" equal one "$(says 127.0.0.1:"$port" one)"
check "the log says how many are left" \
  eventually logged "0 connections still in use after cat-1 termination\\.\$"
check "by IPv6" equal two "$(says "[::1]:$port" two)"
check "and through a file" equal three "$(says "$directory/cat.sock" three)"
check "to which everybody may connect" \
  equal "666 socket" "$(stat -c '%a %F' cat.sock)"
check "and who came" \
  logged "Accepted connection on 127.0.0.1:$port from 127.0.0.1:[0-9]+\\.\$"
check "in each case" \
  logged "Accepted connection on \\[::1\\]:$port from \\[::1\\]:[0-9]+\\.\$"
check "as far as it is known" \
  logged "Accepted connection on $directory/cat.sock from local process\\.\$"
check "herd status shows where it listens" matches \
  "Inetd-style service listening on 3 endpoints:" "$(herd status cat)"
check "and what it runs" matches "^  Command: cat\$" "$(herd status cat)"

# Connections go on when the service that accepted them stops.
mkfifo gate
"$peer" hold "$directory/cat.sock" 2 < gate > held &
exec 8> gate
held ()
{
  grep -q ready "$1"
}
eventually held held
both_running ()
{
  is_running cat-4 && is_running cat-5
}
check "connections are services" eventually both_running
# Weak spot: connections were not listed with the service that accepted them.
check "that herd status lists" \
  matches '^  Connections: cat-[45] cat-[45]$' "$(herd status cat)"
check "the service stops" quietly herd stop cat
check "nobody can connect any more" fails says 127.0.0.1:"$port" one
# Weak spot: socket files were left behind.
check "the socket file is gone" fails test -e cat.sock
check "connections go on" is_running cat-4
check "one can be stopped on its own" quietly herd stop cat-4
check "and is gone" fails quietly herd status cat-4
check "a restart numbers on" quietly herd start cat
says "$directory/cat.sock" one > /dev/null
check "as no number is used twice" eventually logged 'Starting service cat-6\.\.\.'
exec 8>&-
check "a connection that its client ends is gone" \
  eventually fails quietly herd status cat-5
herd stop cat > /dev/null

# The environment.
herd start environment > /dev/null
"$peer" talk "[::1]:$port" < /dev/null > environment.out
# Weak spot: TCPREMOTEPORT lacked its equals sign.
check "TCPREMOTEPORT" grep -q -x -E 'TCPREMOTEPORT=[0-9]+' environment.out
check "TCPREMOTEIP has no brackets, and no other value" \
  equal "TCPREMOTEIP=::1" "$(grep TCPREMOTEIP environment.out)"
check "TCPLOCALIP is the address that was called" \
  grep -q -x TCPLOCALIP=::1 environment.out
check "TCPLOCALPORT" grep -q -x "TCPLOCALPORT=$port" environment.out
check "#:environment-variables" grep -q -x MINE=yes environment.out
check "#:directory" grep -q -x /usr environment.out
check "#:file-creation-mask" grep -q -x 0027 environment.out
check "an IPv6 endpoint is not one for IPv4" fails says 127.0.0.1:"$port" one
herd stop environment > /dev/null

# The maximum.
herd start limited > /dev/null
check "requirements are those of connections" is_stopped needed
mkfifo gate2
"$peer" hold "$directory/limited.sock" 3 < gate2 > held2 &
exec 8> gate2
eventually held held2
check "#:service-name-stem" eventually is_running visit-3
check "#:requirements are started for a connection" is_running needed
check "at the maximum, connections are closed" \
  equal "" "$(says "$directory/limited.sock" one)"
check "the log says so" eventually logged "Maximum number of $directory/limited.sock \
clients reached; rejecting connection from local process\\.\$"
check "the others go on" is_running visit-1
herd stop visit-1 > /dev/null
check "there is room again when one is stopped" \
  equal two "$(says "$directory/limited.sock" two)"
exec 8>&-
herd stop limited > /dev/null

# Weak spot: a connection whose program could not be run counted for ever.
herd start missing > /dev/null
for i in 1 2 3 4
do
  says "$directory/missing.sock" "$i" > /dev/null
done
check "a program that cannot be run is reported" eventually logged \
  "Exception caught while starting no-program-1: .*/no-program"
check "every time" eventually logged "Starting service no-program-4\\.\\.\\."
check "and does not count" fails in_log "Maximum number of .*missing"
check "nor stay" eventually fails quietly herd status no-program-4
herd stop missing > /dev/null

# Directories.
check "a directory that lacks is made" quietly herd start made
check "with the mode wanted" equal 710 "$(stat -c %a new/parent)"
check "its parent is an ordinary one" equal 755 "$(stat -c %a new)"
# Weak spot: directories that existed changed owner and mode.
check "a directory that exists" quietly herd start there
check "keeps its mode" equal 1777 "$(stat -c %a existing)"
check "an old socket file is no obstacle" quietly herd restart there
herd stop made > /dev/null
herd stop there > /dev/null

check "the deprecated form is accepted" quietly herd start old
check "and works" equal one "$(says "$directory/old.sock" one)"
herd stop old > /dev/null

check "no descriptor is left" eventually no_more_descriptors "$before"

# Many at once.
herd start many > /dev/null
check "300 connections at once are all served" \
  equal 300 "$("$peer" many "$directory/many.sock" 300)"
check "and once more" equal 300 "$("$peer" many "$directory/many.sock" 300)"
no_connections ()
{
  test -z "$(herd status | grep 'cat-')"
}
check "all end" eventually no_connections
herd stop many > /dev/null
check "no descriptor is left" eventually no_more_descriptors "$before"

# Restarts.
herd start cat > /dev/null
for address in "127.0.0.1:$port" "[::1]:$port" "$directory/cat.sock"
do
  "$peer" hammer "$address" "$directory/enough" >> refused &
  hammers="$hammers $!"
done
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
do
  herd restart cat > /dev/null || echo "restart $i failed" >> refused
done
touch enough
# shellcheck disable=SC2086  # a list of words
wait $hammers
check "nobody is refused over restarts" equal "" "$(grep -v -x 0 refused)"
check "the daemon ends" stop_daemon
check "and leaves no socket behind" equal "" "$(find . -name '*.sock')"
finish
