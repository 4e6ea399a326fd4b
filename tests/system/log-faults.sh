# log-faults.sh -- a log whose disk is full or that nobody reads slows nothing
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

need_namespaces

# The log is on a small disk of its own.
program=$(command -v shepherd)
mkdir bin disk
cat > bin/shepherd <<END
#!/bin/sh
mount -t tmpfs -o size=64k tmpfs "$directory/disk"
exec "$program" "\$@"
END
chmod +x bin/shepherd
PATH=$directory/bin:$PATH
mkfifo fifo

# 50 MB: more than is kept in memory.
lines=500000
cat > writer <<END
#!/bin/sh
yes "\$1 \$(seq -s , 34)" | head -n $lines
echo > "$directory/\$1.done"
exec sleep 1000
END
chmod +x writer

cat > config.scm <<END
(define (writer name . rest)
  (service (list name)
    #:start (apply make-forkexec-constructor
                   (list "$directory/writer" (symbol->string name))
                   rest)
    #:stop (make-kill-destructor)))
(register-services
 (list (writer 'filler)
       (writer 'staller #:log-file "$directory/fifo")
       (service '(other) #:start (const #t) #:stop (const #f))
       (service '(worker)
         #:respawn? #t #:respawn-delay 0 #:respawn-limit '(1000 . 1)
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))))
(start-service (lookup-service 'worker))
END
# shellcheck disable=SC2086
unshare $namespace_options shepherd -c config.scm -s "$socket" \
  -l "$directory/disk/log" > "$output" 2>&1 </dev/null &
daemon=$!
eventually quietly herd status filler || die "the init did not start"
init=$(cat "/proc/$daemon/task/$daemon/children")
init=${init% }
log=/proc/$init/root$directory/disk/log

another_worker ()
{
  new=$(pid_of worker)
  test -n "$new" && test "$new" != "$worker"
}

resident ()
{
  sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$init/status"
}

# nothing_is_slow SITUATION
nothing_is_slow ()
{
  check "$1: status answers" quietly timeout 5 herd -s "$socket" status
  check "$1: a service starts" quietly timeout 5 herd -s "$socket" start other
  check "$1: and stops" quietly timeout 5 herd -s "$socket" stop other
  worker=$(pid_of worker)
  inside kill -KILL "$worker"
  check "$1: one that dies comes back" eventually another_worker
  size=$(resident)
  check "$1: memory is bounded ($size kB)" test "$size" -lt 150000
}

herd start filler > /dev/null
check "a service that fills the disk is not kept" eventually test -e filler.done
nothing_is_slow "disk full"
check "status shows its last line" matches ' filler 1,2,' "$(herd status filler)"

# Everything is there, or counted.
inside mount -o remount,size=200m "$directory/disk"
accounted ()
{
  written=$(grep -c ' writer\[[0-9]*\] filler 1,.*,34$' "$log")
  lost=$(sed -n 's/^[-0-9]* [:0-9]* Lines dropped: \([0-9]*\)$/\1/p' "$log" \
           | awk '{ sum += $1 } END { print sum + 0 }')
  # Some of the lost ones may be of the daemon itself.
  test "$lost" -gt 0 && test $((written + lost)) -ge "$lines" \
    && test $((written + lost)) -lt $((lines + 100))
}
deadline=10
check "when there is room, lines are there or counted" eventually accounted
echo "written: $written, dropped: $lost, of $lines"
check "and nothing is cut short" fails grep -q -v '^20' "$log"

# A reader that does not read.
sh -c 'exec sleep 1000' < fifo &
reader=$!
herd start staller > /dev/null
check "a service whose log is stalled is not kept" \
  eventually test -e staller.done
nothing_is_slow "log stalled"
kill "$reader"
herd power-off root > /dev/null 2>&1
check "PID 1 ends in time" exits 130 wait_for_daemon
finish
