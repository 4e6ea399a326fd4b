# shutdown-stuck.sh -- PID 1 ends in time, whatever hangs
# shellcheck shell=sh
# deadline: 600 seconds

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

need_namespaces

powered_off=130
restarted=129

# What the core may take: 30 seconds for an interpreter that does not react,
# or what that said; then 5 for services after SIGTERM, 5 more for everybody,
# 2 after SIGKILL, and twice 2 for the log.  The rest is for busy machines.
bound=60

mkfifo fifo

# On SIGTERM, children that ignore it, each in a session of its own.
cat > forker <<END
#!/bin/sh
if test \$# -eq 0
then
  trap 'i=0
        while test \$i -lt 20
        do
          setsid $directory/forker survivor &
          i=\$((i + 1))
        done
        exit 0' TERM
  echo ready
  while :; do sleep 0.05; done
else
  trap "" TERM
  echo survivor
  while :; do sleep 0.05; done
fi
END

# A daemon that its service lost sight of.
cat > double <<END
#!/bin/sh
(setsid sh -c 'trap "" TERM
               echo ready
               while :; do sleep 0.05; done' &)
exit 0
END

cat > stubborn <<END
#!/bin/sh
trap '' TERM HUP INT
echo ready
while :; do sleep 0.05; done
END
chmod +x forker double stubborn

cat > common.scm <<END
(default-shutdown-timeout 2)
(default-execution-limit 100)           ;longer than all this takes

(define* (run name program #:optional (stop (make-kill-destructor)))
  (service (list name)
    #:start (make-forkexec-constructor (list program))
    #:stop stop))

(define (culprit name compute)
  (service (list name)
    #:start (lambda _ (compute) #t)
    #:stop (const #f)))

;; As long as C code computes, no Scheme runs.
(define (compute-in-c)
  (regexp-exec (make-regexp "(.*)*(.*)*(.*)*\\\\1\\\\2\\\\3b\$")
               (make-string 500 #\a)))
END

# Start PID 1 with what is in common.scm and on standard input.
restart_init ()
{
  rm -f "$log"
  { cat common.scm -; } > all.scm
  start_init < all.scm
}

# check_end NAME STATUS: PID 1, asked at $begin to end, does so in time.
check_end ()
{
  deadline=90
  check "$1: PID 1 ends" exits "$2" wait_for_daemon
  took=$(($(date +%s) - begin))
  check "$1: in time ($took s)" test "$took" -le "$bound"
}

is_busy ()
{
  herd status | grep -q 'busy for [0-9]* s' \
    || status_matches "$1" '^  It is starting'
}

# stuck NAME CODE WAY: while the interpreter does CODE, the end is asked for
# by a command or a signal.
stuck ()
{
  restart_init <<END
(register-services (list (culprit '$1 $2)))
END
  command herd -s "$socket" start "$1" > start.out 2>&1 &
  asker=$!
  check "$1: the interpreter is busy" eventually is_busy "$1"
  begin=$(date +%s)
  if test "$3" = command
  then
    command herd -s "$socket" power-off root > out 2>&1 &
    ender=$!
    check_end "$1: power-off" $powered_off
    wait "$ender"
  else
    inside sh -c 'kill -INT 1'
    check_end "$1: SIGINT" $restarted
  fi
  wait "$asker"
}

stuck looper '(lambda () (let loop () (loop)))' command
stuck looper '(lambda () (let loop () (loop)))' signal
stuck blocked "(lambda () (open-fdes \"$directory/fifo\" O_RDONLY))" command
stuck regexp compute-in-c signal

# Services and their stop methods.
restart_init <<END
(register-services
 (list (run 'stubborn "$directory/stubborn")
       (run 'forker "$directory/forker")
       (run 'double "$directory/double")
       (run 'stopped "$directory/stubborn")
       (run 'thrower "$directory/stubborn" (lambda _ (throw 'oops "no")))
       (run 'sleeper "$directory/stubborn" (lambda _ (sleep 100000) #f))
       (run 'looper "$directory/stubborn" (lambda _ (let loop () (loop))))))
(for-each (compose start-service lookup-service)
          '(stubborn forker double stopped thrower sleeper looper))
END
ready ()
{
  test "$(grep -c 'ready$' "$log")" -eq 7
}
check "the services are ready" eventually ready
inside sh -c "kill -STOP $(pid_of stopped)"
begin=$(date +%s)
herd power-off root >/dev/null 2>&1
check_end "stuck services" $powered_off
check "a service forked while it ended" logged 'survivor$'
check "a stop method that throws is reported" logged 'oops'
check "what does not stop is said" logged 'Services did not stop in time'
finish
