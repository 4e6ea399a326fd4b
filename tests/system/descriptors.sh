# descriptors.sh -- with few descriptors and many clients, all goes on
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

client=${abs_top_builddir:?}/tests/system/client

# The daemon alone has few: it takes all that the hard limit allows.
program=$(command -v shepherd)
mkdir bin
cat > bin/shepherd <<END
#!/bin/sh
ulimit -n 64
exec "$program" "\$@"
END
chmod +x bin/shepherd
PATH=$directory/bin:$PATH

start_daemon <<END
(define (talker name . rest)
  (apply service (list name)
    #:start (make-forkexec-constructor
             '("sh" "-c" "echo \$0 talks; exec sleep 1000"))
    #:stop (make-kill-destructor)
    rest))
(register-services
 (list (service '(other) #:start (const #t) #:stop (const #f))
       (talker 'worker #:respawn? #t #:respawn-delay 0
               #:respawn-limit '(1000 . 1))
       (talker 'spare)))
(register-services
 (map (lambda (n)
        (talker (string->symbol (string-append "t" (number->string n)))))
      '(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
        21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40)))
(start-service (lookup-service 'worker))
END

talks ()
{
  grep -c ' talks$' "$log"
}

talks_more ()
{
  test "$(talks)" -gt "$talked"
}

another_worker ()
{
  new=$(pid_of worker)
  test -n "$new" && test "$new" != "$worker"
}

# everything_works SITUATION
everything_works ()
{
  check "$1: status answers" quietly herd status
  check "$1: a service starts" quietly herd start other
  check "$1: and stops" quietly herd stop other
  talked=$(talks)
  check "$1: a process starts" quietly herd start spare
  check "$1: its output is logged" eventually talks_more
  check "$1: and it stops" quietly herd stop spare
  worker=$(pid_of worker)
  kill -KILL "$worker"
  check "$1: one that dies comes back" eventually another_worker
}

# shellcheck disable=SC3045  # dash and bash have it
ulimit -S -n 1200
check "the daemon has 64 descriptors" grep -q '^Max open files *64 *64 ' \
  "/proc/$daemon/limits"
for mode in idle begun deaf
do
  rm -f held ready
  mkfifo held
  "$client" "$mode" "$socket" 1000 < held > ready 2>&1 &
  holder=$!
  exec 9> held
  check "1,000 clients connect ($mode)" eventually grep -q ready ready
  everything_works "$mode clients"
  exec 9>&-
  wait "$holder"
done
everything_works "after them"

# Services take all that there is.
rest=
for number in $(seq 40)
do
  herd start "t$number" > out 2>&1 || { rest=$number; break; }
done
check "services come to an end" test -n "$rest"
check "who asks is told why" matches 'Too many open files' "$(cat out)"
check "the log has that" logged 'Too many open files'
check "that service is stopped" is_stopped "t$rest"
check "status answers" quietly herd status
check "services without processes start" quietly herd start other
check "and stop" quietly herd stop other
worker=$(pid_of worker)
kill -KILL "$worker"
check "one that dies comes back" eventually another_worker
for number in 1 2 3 4
do
  herd stop "t$number" > /dev/null
done
check "when there are some again, it starts" quietly herd start "t$rest"
check "the daemon ends" stop_daemon
finish
