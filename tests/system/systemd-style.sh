# systemd-style.sh -- a process that inherits listening sockets
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

peer=${abs_top_builddir:?}/tests/system/peer
port=$("$peer" free-port)

LISTEN_PID=1 LISTEN_FDS=7 LISTEN_FDNAMES=wrong
export LISTEN_PID LISTEN_FDS LISTEN_FDNAMES
start_daemon <<END
(define (systemd name command endpoints respawn? . keywords)
  (service (list name)
    #:respawn? respawn?
    #:start (apply make-systemd-constructor command endpoints keywords)
    #:stop (make-systemd-destructor)))
(define (file name)
  (endpoint (make-socket-address AF_UNIX (string-append "$directory/" name))
            #:name name))
(define (tcp family address name)
  (endpoint (make-socket-address family address $port) #:name name))
(register-services
 (list (systemd 'lazy '("$peer" "serve")
                (list (tcp AF_INET INADDR_LOOPBACK "four")
                      (tcp AF_INET6 1 "six")
                      (file "lazy.sock"))
                #t #:log-file "$directory/lazy.log")
       (systemd 'eager '("$peer" "serve") (list (file "eager.sock")) #t
                #:lazy-start? #f)
       (systemd 'once '("$peer" "serve" "2") (list (file "once.sock")) #f)
       ;; Each process serves one client.
       (systemd 'brief '("$peer" "serve" "1") (list (file "brief.sock")) #t
                #:lazy-start? #f)
       (systemd 'lazy-missing '("$directory/no-program")
                (list (file "lazy-missing.sock")) #t)
       (systemd 'eager-missing '("$directory/no-program")
                (list (file "eager-missing.sock")) #t #:lazy-start? #f)
       (systemd 'environment
                '("sh" "-c" "env > $directory/environment.out; exec sleep 1000")
                (list (file "a") (file "b")) #f #:lazy-start? #f
                #:directory "/usr" #:environment-variables
                '("PATH=/usr/bin:/bin" "MINE=yes"))
       (service '(careless)
         #:start (make-systemd-constructor '("$peer" "serve")
                                           (list (file "careless.sock")))
         #:stop (const #f))
       (service '(unimpressed)
         #:respawn? #t
         #:start (make-systemd-constructor '("$peer" "serve" "1")
                                           (list (file "unimpressed.sock")))
         #:stop (make-systemd-destructor)
         #:termination-handler (const #f))))
END
unset LISTEN_PID LISTEN_FDS LISTEN_FDNAMES

ask ()
{
  "$peer" talk "$1" < /dev/null
}
main_pid_is ()
{
  test "$(pid_of "$1")" = "$2"
}
before=$(descriptors)

# Lazily.
check "a lazy service starts without a process" quietly herd start lazy
check "herd status shows where it listens, and the names" \
  matches "    - \\[::1\\]:$port \\(\"six\"\\)" "$(herd status lazy)"
answer=$(ask 127.0.0.1:"$port")
pid=${answer%% *}
check "the first client is served by descriptor 3" \
  equal "$pid 3 four" "$answer"
check "the next ones by 4" equal "$pid 4 six" "$(ask "[::1]:$port")"
check "and 5, by the same process" \
  equal "$pid 5 lazy.sock" "$(ask "$directory/lazy.sock")"
check "which is the running value" eventually main_pid_is lazy "$pid"
check "the log says so" logged "Spawning systemd-style service $peer\\.\$"
blocks ()
{
  fails grep -q -E '^flags:[[:space:]]0[0-7]*[4-7][0-7]{3}$' "/proc/$1/fdinfo/$2"
}
check "its sockets block" blocks "$pid" 3
kill -KILL "$pid"
answer=$(ask 127.0.0.1:"$port")
check "when it is killed, the next client gets another" \
  matches '^[0-9]+ 3 four$' "$answer"
check "really another" fails equal "$pid" "${answer%% *}"
kill -KILL "${answer%% *}"
eventually logged 'Running value of service lazy changed'
check "a respawned service waits for a client again" \
  eventually status_matches lazy 'Systemd-style service listening'
# Weak spot: what the process had made blocking was so for the daemon, too.
has_sockets ()
{
  fd=$(herd eval root "(service-running-value (lookup-service 'lazy))" \
         | sed -n 's/.*(sockets (\([0-9]*\).*/\1/p')
  test -n "$fd"
}
eventually has_sockets
check "and its sockets do not block" fails blocks "$daemon" "$fd"
check "it stops" quietly herd stop lazy
check "its sockets are closed" fails ask 127.0.0.1:"$port"
# Weak spot: socket files were left behind.
check "and the file is gone" fails test -e lazy.sock
check "no descriptor is left" eventually no_more_descriptors "$before"

# Eagerly.
herd start eager > /dev/null
pid=$(pid_of eager)
check "an eager service has a process at once" test -n "$pid"
check "which serves" equal "$pid 3 eager.sock" "$(ask "$directory/eager.sock")"
check "stopping it" quietly herd stop eager
check "ends the process" gone "$pid"
check "and closes its socket" fails ask "$directory/eager.sock"

herd start environment > /dev/null
pid=$(pid_of environment)
eventually test -s environment.out
check "LISTEN_PID" equal "LISTEN_PID=$pid" "$(grep LISTEN_PID environment.out)"
check "LISTEN_FDS" equal LISTEN_FDS=2 "$(grep LISTEN_FDS= environment.out)"
check "LISTEN_FDNAMES" \
  equal LISTEN_FDNAMES=a:b "$(grep LISTEN_FDNAMES environment.out)"
check "#:environment-variables" grep -q -x MINE=yes environment.out
check "#:directory" equal /usr "$(readlink "/proc/$pid/cwd")"
herd stop environment > /dev/null

# The end of the process.
herd start once > /dev/null
ask "$directory/once.sock" > /dev/null
ask "$directory/once.sock" > /dev/null
check "without #:respawn? the service is stopped at the end" \
  eventually is_stopped once
check "and does not listen any more" \
  eventually fails test -e once.sock
check "it can be started again" quietly herd start once
check "and serves" matches ' 3 once.sock$' "$(ask "$directory/once.sock")"
herd stop once > /dev/null

# Weak spot: nobody listened between the end of a process and the next one.
herd start brief > /dev/null
"$peer" hammer "$directory/brief.sock" "$directory/enough" > refused 2> hammered &
hammer=$!
disabled ()
{
  status_matches brief 'It is disabled'
}
eventually disabled
touch enough
wait "$hammer"
check "clients are refused only when it is disabled, respawning too fast" \
  equal "" "$(grep -v -e 'No such file' -e 'refused' -e connections hammered)"
check "until then each process had a client" test \
  "$(sed -n 's/^peer: \([0-9]*\) connections/\1/p' hammered)" -ge 5
check "then its socket is closed" eventually fails test -e brief.sock

herd start lazy > /dev/null
rm -f enough
for address in 127.0.0.1:"$port" "$directory/lazy.sock"
do
  "$peer" hammer "$address" "$directory/enough" >> restarted &
  hammers="$hammers $!"
done
for i in 1 2 3 4 5 6 7 8
do
  herd restart lazy > /dev/null || echo "restart $i failed" >> restarted
done
touch enough
# shellcheck disable=SC2086  # a list of words
wait $hammers
check "nobody is refused over restarts" equal "" "$(grep -v -x 0 restarted)"

# A replacement takes over the sockets that it wants, and closes the others.
cat > new.scm <<END
(register-services
 (list (service '(lazy)
         #:start (make-systemd-constructor
                  '("$peer" "serve")
                  (list (endpoint (make-socket-address AF_INET INADDR_LOOPBACK
                                                       $port)
                                  #:name "renamed")))
         #:stop (make-systemd-destructor))))
END
herd load root "$directory/new.scm" > /dev/null
rm -f enough restarted
"$peer" hammer 127.0.0.1:"$port" "$directory/enough" > restarted &
hammer=$!
check "a restart puts a replacement in place" quietly herd restart lazy
touch enough
wait "$hammer"
check "nobody is refused" equal 0 "$(cat restarted)"
check "the replacement serves" \
  matches '^[0-9]+ 3 renamed$' "$(ask 127.0.0.1:"$port")"
check "what it does not want is closed" fails ask "[::1]:$port"
check "and gone" fails test -e lazy.sock
herd stop lazy > /dev/null

# Programs that cannot be run.
check "an eager start fails" exits 1 quietly herd start eager-missing
check "and says why" grep -q "cannot run \"$directory/no-program\"" out
check "nobody listens then" fails test -e eager-missing.sock
herd start lazy-missing > /dev/null
ask "$directory/lazy-missing.sock" > /dev/null 2>&1
check "a lazy one is an end, and respawns are limited" \
  eventually status_matches lazy-missing 'It is disabled'
check "the log says why" logged "Failed to start process of service \
lazy-missing: .*cannot run \"$directory/no-program\""
check "herd status shows it" matches "Process exited with code 127" \
  "$(herd status lazy-missing)"
check "nobody listens any more" eventually fails test -e lazy-missing.sock

# Whatever the stop method and the termination handler do.
herd start careless > /dev/null
herd stop careless > /dev/null
check "a stop method that does nothing leaves no socket" \
  fails test -e careless.sock
herd start unimpressed > /dev/null
ask "$directory/unimpressed.sock" > /dev/null
check "nor does a termination handler" \
  eventually fails test -e unimpressed.sock

check "no descriptor is left" eventually no_more_descriptors "$before"
check "the daemon ends" stop_daemon
finish
