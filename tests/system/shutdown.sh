# shutdown.sh -- stopping everything, in order, to the last line
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

# Ignores SIGTERM.
cat > stubborn <<'END'
#!/bin/sh
trap '' TERM
echo stubborn ready
while :; do sleep 0.1; done
END

# Has a lot to say at its end, and starts something that ignores SIGTERM.
cat > talker <<END
#!/bin/sh
trap '(trap "" TERM; exec sleep 1000) & echo \$! > $directory/late.pid
seq -f "line %g" 1000; printf "last words"; exit 0' TERM
echo talker ready
while :; do sleep 0.05; done
END
chmod +x stubborn talker

cat > config.in <<END
(define (stubborn name . rest)
  (apply service (list name)
    #:start (make-forkexec-constructor '("$directory/stubborn"))
    #:stop (make-kill-destructor #:grace-period 1)
    rest))
(define names '(stubborn-1 stubborn-2 stubborn-3 stubborn-4
                stubborn-5 stubborn-6 stubborn-7 stubborn-8))
(register-services (map stubborn names))
(register-services
 (list (service '(base)
         #:start (const #t)
         #:stop (lambda _ (local-output "base ends") #f))
       (service '(prepared) #:one-shot? #t #:requirement '(base)
         #:start (const #t))
       (stubborn 'top #:requirement '(prepared))
       (service '(guard) #:requirement '(root)
         #:start (const #t)
         #:stop (lambda _ (local-output "guard ends") #f))
       (service '(talker)
         #:start (make-forkexec-constructor '("$directory/talker"))
         #:stop (make-kill-destructor #:grace-period 1))
       (service '(broken)
         #:start (const #t)
         #:stop (lambda _ (throw 'oops "broken")))
       (service '(returning) #:respawn? #t #:respawn-delay 1
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))
       (service '(slow)
         #:start (lambda _
                   (let loop ()
                     (unless (file-exists? "$directory/go")
                       (sleep 0.05)
                       (loop)))
                   #t)
         #:stop (const #f))
       (service '(dependent) #:requirement '(slow)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))
       (service '(other)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))))
(for-each (compose start-service lookup-service)
          (append names '(top guard talker broken returning)))
END
start_daemon < config.in
ready ()
{
  test "$(grep -c 'stubborn ready$' "$log")" = 9 && logged 'talker ready$'
}
eventually ready || die "the services are not ready"
herd start dependent > dependent.out 2>&1 &
dependent=$!
eventually status_matches slow 'It is starting'

# Weak spot: (exit) ended the daemon at once, or restarted the machine.
for expression in '(exit)' '(exit 3)' '(quit)' "(throw 'quit 1)" \
  '(primitive-exit 0)' '(primitive-_exit 0)' \
  "(start-service (service '(quitter) #:start (lambda _ (exit))))"
do
  check "herd eval root $expression is an error" \
    exits 1 quietly herd eval root "$expression"
done
check "and nothing ended" is_running guard

# Weak spot: halt stopped everything, then failed or halted the machine.
for action in halt power-off kexec
do
  check "herd $action root is refused unless PID 1" \
    exits 1 quietly herd $action root
  check "$action: and says so" matches 'doing nothing\.$' "$(cat out)"
done
check "and nothing is stopped" is_running guard

# Weak spot: one after the other, waiting for ever, starts accepted.
returning=$(pid_of returning)
begin=$(date +%s)
kill -KILL "$returning"
eventually is_stopped returning
herd stop root > stop.out 2>&1 &
stop=$!
eventually logged 'Stopping service root'
check "a start during shutdown is refused" exits 1 quietly herd start other
check "it says so" matches '^Shutting down; not starting service other\.$' \
  "$(cat out)"
stopped_all_but_slow ()
{
  logged 'Service base is now stopped'
}
eventually stopped_all_but_slow
check "status answers during shutdown" status_matches slow 'It is starting'
# The respawn would have come by now.
two_seconds_later ()
{
  test "$(date +%s)" -ge $((begin + 2))
}
eventually two_seconds_later
echo > go
check "the daemon ends with status 0" wait_for_daemon
end=$(date +%s)
wait $dependent
wait $stop || die "herd stop root failed"
check "services are stopped in parallel ($((end - begin)) seconds)" \
  test $((end - begin)) -lt 7
check "herd stop root succeeds without a reply" equal '' "$(cat stop.out)"
check "what waited for a requirement is not started any more" \
  fails in_log 'Starting service dependent'
check "and that is said" grep -q 'not starting service dependent' \
  dependent.out
respawned_meanwhile ()
{
  sed '1,/Stopping service root/d' "$log" | grep -q Respawning
}
check "a respawn that was due is called off" fails respawned_meanwhile
check "a stop method that throws keeps nobody" \
  logged 'Ignoring error while stopping broken: \(oops "broken"\)$'

# before FIRST SECOND: these lines of the log are in this order.
before ()
{
  first=$(grep -n -E -e "$1" "$log" | head -n 1)
  second=$(grep -n -E -e "$2" "$log" | head -n 1)
  test -n "$first" && test -n "$second" \
    && test "${first%%:*}" -lt "${second%%:*}"
}
check "what requires root is stopped first" \
  before 'Service guard is now stopped' 'Stopping service stubborn-1'
check "a service is stopped after what depends on it" \
  before 'Service top is now stopped' 'Stopping service base'

# Weak spot: what is forked in the last moment survived.
check "what a service forks while it ends is gone" gone "$(cat late.pid)"

# Weak spot: the last lines were lost.
check "the log has all lines of a service that talks at its end" \
  equal 1000 "$(grep -c 'talker\[[0-9]*\] line [0-9]*$' "$log")"
check "also one without a newline" logged 'talker\[[0-9]*\] last words$'
check "the last line is that of the daemon's end" \
  matches ' Exiting\.$' "$(tail -n 1 "$log")"
check "also on standard output" equal 'Exiting.' "$(tail -n 1 "$output")"

# Weak spot: the socket stayed behind.
check "the socket is removed" fails test -e "$socket"

# As PID 1, what no service knows is told to end, too.
need_namespaces
rm -f "$log"
start_init </dev/null
cat > stray <<END
#!/bin/sh
trap 'echo ended > $directory/stray.ended; exit 0' TERM
echo ready > $directory/stray.ready
while :; do sleep 0.05; done
END
chmod +x stray
inside setsid "$directory/stray" &
eventually test -s stray.ready
check "herd stop root as PID 1 does not fail" \
  exits 0 quietly herd stop root
wait_for_daemon 2>/dev/null
check "PID 1 ends all processes in order" test -s stray.ended
check "and says what comes" logged 'Rebooting\.\.\.$'
finish
