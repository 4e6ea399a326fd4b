# preemption.sh -- code that loops, waits or takes all memory stops nobody else
# shellcheck shell=sh
# deadline: 600 seconds

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

# What takes seconds may take minutes on a busy machine.
deadline=150

mkfifo pipe
start_daemon <<END
(default-execution-limit 2)
(default-give-up-limit #f)
(default-memory-limit (* 192 1024 1024))

;; A service whose start does not end by itself.
(define* (culprit name compute #:optional limit)
  (service (list name)
    #:execution-limit limit
    #:start (lambda _ (compute) #t)
    #:stop (const #f)
    #:actions (list (action 'compute (lambda _ (compute))))))

(define (endlessly . _)
  (let loop () (loop)))
(define (until-released . _)
  (let loop () (unless (file-exists? "$directory/released") (loop))))

(register-services
 (list (culprit 'looper endlessly)
       (culprit 'matcher              ;in C, for seconds
                (lambda ()
                  (regexp-exec (make-regexp "(a*)*\\\\1b")
                               (make-string 180 #\\a)))
                1/2)
       (culprit 'traced (lambda () (sort '(3 2 1) until-released)) 300)
       (culprit 'sorter (lambda () (sort '(3 2 1) endlessly)))
       (culprit 'reader (lambda () (read-char (car (pipe)))))
       (culprit 'sleeper (lambda () (usleep 60000000)))
       (culprit 'opener (lambda () (open-fdes "$directory/pipe" O_RDONLY)))
       (culprit 'locker (lambda ()
                          (let ((one (open-output-file "$directory/lock"))
                                (two (open-output-file "$directory/lock")))
                            (flock one LOCK_EX)
                            (flock two LOCK_EX))))
       (culprit 'recursion (lambda ()
                             (let loop ((n 0)) (+ 1 (loop n)))))
       (culprit 'conser (lambda ()
                          (let loop ((l '()))
                            (loop (cons (make-vector 100) l)))))
       (service '(catcher)            ;the exception does not end it
         #:start (lambda _
                   (catch #t endlessly (lambda _ #f))
                   #t)
         #:stop endlessly)
       (service '(patient)            ;a limit of its own
         #:execution-limit 5
         #:start (lambda _ (sort '(3 2 1) endlessly) #t))
       (service '(hasty)
         #:execution-limit 1/10
         #:start (lambda _ (sort '(3 2 1) endlessly) #t))
       (service '(other) #:start (const #t) #:stop (const #f))
       (service '(worker)
         #:respawn? #t
         #:respawn-limit '(100 . 1)
         #:respawn-delay 0
         #:start (make-forkexec-constructor '("sleep" "1000"))
         #:stop (make-kill-destructor))))
END
herd start worker > out

soon ()
{
  timeout "$deadline" herd -s "$socket" "$@" > out 2>&1
}

# In the background: herd WORD..., $asker its PID, what it says in "answer".
ask ()
{
  command herd -s "$socket" "$@" > answer 2>&1 &
  asker=$!
}

answered ()
{
  gone "$asker"
}

# The exit status of what was asked.
answer_status ()
{
  eventually answered || { kill -KILL "$asker"; return 99; }
  wait "$asker"
}

another_worker ()
{
  new=$(pid_of worker)
  test -n "$new" && test "$new" != "$worker"
}

others_go_on ()
{
  check "$1: herd status answers" soon status
  check "$1: another service starts" soon start other
  check "$1: and stops" soon stop other
  worker=$(pid_of worker)
  kill -KILL "$worker"
  check "$1: one that dies comes back" eventually another_worker
}

is_starting ()
{
  status_matches "$1" '^  It is starting'
}

for culprit in sorter reader sleeper opener locker recursion conser
do
  ask start "$culprit"
  check "$culprit starts" eventually logged "Starting service $culprit\\.\\.\\."
  others_go_on "$culprit"
  check "$culprit: it gets an exception" exits 1 answer_status
  check "$culprit: which says why" matches \
    "^interrupted in service $culprit: it " "$(cat answer)"
  check "$culprit: the log says where it was" logged \
    "interrupted in service $culprit: it .*"
  check "$culprit: it is stopped" is_stopped "$culprit"
done
check "the procedure is named" logged 'service sorter: .* [0-9.]* s, in sort$'
check "and so are frames" logged '    in open-fdes$'
check "what waits too long is announced" logged \
  'The interpreter is stuck in service sleeper: interrupting it after 2 s\.$'

# Where it cannot be interrupted.
ask start matcher
check "a match starts" eventually logged 'Starting service matcher\.\.\.'
check "herd status answers" soon status
check "herd backtrace answers for an interpreter that cannot" soon backtrace
check "and says where that is" matches \
  '^matcher: has not given up control for [0-9.]* s, in regexp-exec: it comp' \
  "$(cat out)"
check "its end is late" exits 1 answer_status
check "the exception names the procedure" matches 'in regexp-exec$' \
  "$(cat answer)"
check "the log said so by itself" logged \
  'cannot be interrupted.  matcher: .*, in regexp-exec: it computes\.$'
check "herd backtrace asks in vain no more" fails in_log \
  'runs, without waiting since'

ask start traced
check "a sort starts" eventually logged 'Starting service traced\.\.\.'
in_time ()
{
  soon backtrace && matches '^    in sort$' "$(cat out)" > /dev/null
}
check "herd backtrace shows the stack of what is stuck" eventually in_time
check "and where the service is defined" matches \
  "^traced \\($directory/config\\.scm:[0-9]*\\): runs, w" "$(cat out)"
touch released
check "what is stuck may end by itself" exits 0 answer_status

# Memory, in KiB.
memory ()
{
  sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$daemon/status"
}
memory_is_back ()
{
  test "$(memory)" -lt 100000
}
check "memory goes back to the system" eventually memory_is_back

# One that can be preempted may go on for ever.
ask start looper
check "a loop starts" eventually is_starting looper
others_go_on looper
check "herd backtrace shows it" soon backtrace
check "by name" matches '^looper \(.*\): is to run, without waiting' "$(cat out)"
check "and who waits for it" matches \
  '^looper \(.*\): waits for wait since' "$(cat out)"
check "herd backtrace SERVICE" soon backtrace worker
check "shows that service's" matches '^worker \(.*\): runs' "$(cat out)"
check "and no others" fails grep -q '^looper' out
check "herd stop ends it" soon stop looper
check "with an exception" exits 1 answer_status
check "that says why" matches \
  '^interrupted in service looper: it computed while' "$(cat answer)"
check "it is stopped" is_stopped looper

ask compute looper
others_go_on action
stopped_computing ()
{
  soon stop looper && answered
}
check "herd stop ends an action" eventually stopped_computing
check "which then fails" exits 1 answer_status

ask start catcher
eventually is_starting catcher
soon stop catcher
check "herd stop ends methods that catch the exception" is_stopped catcher
check "and says that the stop failed" matches 'interrupted in service catcher' \
  "$(cat out)"
wait "$asker"

# For whom nobody waits.
ask eval root '(let loop () (loop))'
others_go_on eval
kill -KILL "$asker"
check "what herd evaluates ends when herd is gone" eventually logged \
  'interrupted in service root: it computes, and its client is gone$'

# Limits of their own.
ask start hasty
check "a service may have a lower limit" exits 1 answer_status
check "and is interrupted then" matches \
  '^interrupted in service hasty: it .* for 0\.[1-9] s, in sort' "$(cat answer)"

ask start patient
check "or a higher one" exits 1 answer_status
check "and is interrupted later" matches \
  '^interrupted in service patient: it .* for ([5-9]|[1-9][0-9])\.[0-9] s' \
  "$(cat answer)"

check "the daemon ends all the same" exits 0 stop_daemon
finish
