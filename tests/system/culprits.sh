# culprits.sh -- what may hang, and how long others wait meanwhile
# shellcheck shell=sh
# deadline: 900 seconds

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

PATH=${abs_top_builddir:?}/tests/system:$PATH

# What takes seconds may take minutes on a busy machine.
deadline=120

mkfifo pipe
: > lock
start_daemon <<END
(use-modules (shepherd service timer))
(default-execution-limit 3)
(default-give-up-limit #f)
(default-memory-limit (* 192 1024 1024))

;; One whose start does not end by itself.
(define* (culprit name compute #:optional limit)
  (service (list name)
    #:execution-limit limit
    #:start (lambda _ (compute) #t)
    #:stop (const #f)))

(define (endlessly . _)
  (let loop () (loop)))

;; Connecting waits for an accept that nobody does.
(define (connect-for-ever)
  (let ((listener (socket AF_UNIX SOCK_STREAM 0)))
    (bind listener AF_UNIX "$directory/full")
    (listen listener 0)
    (let loop ((others '()))
      (let ((one (socket AF_UNIX SOCK_STREAM 0)))
        (connect one AF_UNIX "$directory/full")
        (loop (cons one others))))))

(register-services
 (list (culprit 'looper endlessly)
       (culprit 'bignums (lambda ()
                           (let loop ((n 7))
                             (loop (if (> (integer-length n) 100000)
                                       7
                                       (* n n))))))
       (culprit 'sorter (lambda () (sort '(3 2 1) endlessly)))
       (culprit 'reader (lambda () (read (car (pipe)))))
       (culprit 'sleeper (lambda () (usleep 60000000)))
       (culprit 'locker (lambda ()
                          (flock (open-input-file "$directory/lock") LOCK_EX)))
       (culprit 'opener (lambda () (open-fdes "$directory/pipe" O_RDONLY)))
       (culprit 'connecter connect-for-ever)
       (culprit 'matcher (lambda ()     ;in C, for some seconds
                           (regexp-exec (make-regexp "(a*)*\\\\1b")
                                        (make-string 170 #\\a)))
                1/2)
       (culprit 'huge (lambda ()        ;likewise
                        (number->string (expt 7 (* 13 (expt 10 7)))))
                1/2)
       (culprit 'recursion (lambda ()
                             (let loop ((n 0)) (+ 1 (loop n)))))
       (culprit 'conser (lambda ()
                          (let loop ((l '()))
                            (loop (cons (make-vector 100) l)))))
       (service '(other) #:start (const #t) #:stop (const #f))
       (service '(worker)
         #:respawn? #t
         #:respawn-limit '(1000 . 1)
         #:respawn-delay 0
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))
       (service '(ticker)               ;each second, on the second
         #:start (make-timer-constructor
                  (calendar-event #:seconds (iota 60))
                  (lambda _
                    (simple-format #t "late by ~a us~%"
                                   (cdr (gettimeofday)))))
         #:stop (make-timer-destructor))
       (service '(talker)
         #:start (make-forkexec-constructor
                  '("sh" "-c" "while sleep 0.05; do echo talk; done"))
         #:stop (make-kill-destructor))))
(start-in-the-background '(worker talker ticker))
END
eventually is_running worker
eventually is_running talker
eventually status_matches ticker 'running'

# Somebody else has the lock.
{ flock 9; sleep 1000; } 9< lock &
holder=$!
locked_by_others ()
{
  fails flock --nonblock lock true
}
eventually locked_by_others

asker=
ask ()
{
  command herd -s "$socket" "$@" > answer 2>&1 &
  asker=$!
}
answered ()
{
  gone "$asker"
}
answer_status ()
{
  eventually answered || { kill -KILL "$asker"; return 99; }
  wait "$asker"
}

# Is the first word of $1, of "MEDIAN MAX", below $2, and the second below $3?
within ()
{
  printf '%s\n' "$1" | awk -v median="$2" -v max="$3" \
    '{ exit !($1 < median && $2 < max) }'
}

names_culprit ()
{
  quietly latency "$socket" 1 status root
  matches "busy for [0-9]+ s in service $1\"" "$(cat out)" > /dev/null
}

talked ()
{
  grep -c 'talk$' "$log"
}
talks_on ()
{
  test "$(talked)" -gt "$before"
}

ticked ()
{
  grep -c 'late by [0-9]* us$' "$log"
}
ticks_on ()
{
  test "$(ticked)" -gt "$ticks"
}

another_worker ()
{
  new=$(pid_of worker)
  test -n "$new" && test "$new" != "$worker"
}

# Memory, in KiB.
memory ()
{
  sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$daemon/status"
}
memory_is_back ()
{
  test "$(memory)" -lt $((memory_before * 2 + 50000))
}
memory_before=$(memory)

begin ()
{
  ask start "$1"
  check "$1 starts" eventually logged "Starting service $1\\.\\.\\.\$"
  before=$(talked)
  ticks=$(ticked)
  delays=$(latency "$socket" 100 status root status "$1" 2>status.out)
  echo "measured: $1: status: median, max: $delays ms"
  check "$1: status is answered soon" within "$delays" 50 1000
}
go_on ()
{
  delays=$(latency "$socket" "$2" start other stop other 2>/dev/null)
  echo "measured: $1: start and stop of others: median, max: $delays ms"
  check "$1: others start and stop" within "$delays" "$3" $((deadline * 1000))
  worker=$(pid_of worker)
  kill -KILL "$worker"
  check "$1: others come back" eventually another_worker
  check "$1: others log" eventually talks_on
  check "$1: timers fire" eventually ticks_on
}

for culprit in looper bignums
do
  begin $culprit
  go_on $culprit 20 1000
  check "$culprit is named" eventually names_culprit $culprit
  check "herd stop ends it" quietly timeout "$deadline" herd -s "$socket" \
    stop $culprit
  check "by an exception" exits 1 answer_status
  check "which says so" matches \
    "^interrupted in service $culprit: it computed" "$(cat answer)"
  check "$culprit is stopped" is_stopped $culprit
done

late=$(sed -n 's/.*late by \([0-9]*\) us$/\1/p' "$log" | sort -n \
         | awk '{ late[NR] = $1 } END { print late[int((NR + 1) / 2)] }')
echo "measured: timers: median delay: $late us"
check "timers are hardly late where code can be preempted" \
  test "$late" -lt 50000

for culprit in sorter reader sleeper locker opener connecter matcher huge
do
  begin $culprit
  check "$culprit: others log meanwhile" eventually talks_on
  check "$culprit is named" eventually names_culprit $culprit
  # Before it is interrupted.
  command herd -s "$socket" stop $culprit > stop.out 2>&1 &
  stopper=$!
  go_on $culprit 2 $((deadline * 1000))
  check "$culprit is interrupted" exits 1 answer_status
  check "$culprit: the exception says where it sat" matches \
    "^interrupted in service $culprit: it did not give up control for" \
    "$(cat answer)"
  wait "$stopper"
  check "$culprit is stopped" is_stopped $culprit
done
for name in sort read-char usleep flock open-fdes connect regexp-exec
do
  echo "$name: $(grep -c "interrupted in .*, in $name\$" "$log")"
done

for culprit in recursion conser
do
  begin $culprit
  go_on $culprit 2 $((deadline * 1000))
  check "$culprit is interrupted" exits 1 answer_status
  check "$culprit: the exception says why" matches \
    "^interrupted in service $culprit: it used too much" "$(cat answer)"
  check "$culprit is stopped" is_stopped $culprit
  echo "measured: $culprit: memory before: $memory_before KiB, after: $(memory)"
  check "$culprit: memory goes back to the system" eventually memory_is_back
done

kill "$holder"
check "the daemon ends" stop_daemon
finish
