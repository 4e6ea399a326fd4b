# repl-faults.sh -- clients of the REPL that harm themselves alone
# shellcheck shell=sh
# deadline: 600 seconds

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/repl-lib.sh
. "${abs_top_srcdir:?}/tests/system/repl-lib.sh"

start_daemon_with_repl <<END
(default-execution-limit 3)
(define (await-file)
  (unless (file-exists? "$directory/go")
    (sleep 0.05)
    (await-file)))
(register-services
 (list (service '(other))
       (service '(slow) #:start (lambda _ (await-file)))))
END

# Everything that is loaded, or made, when needed.
touch go
for name in other slow
do
  herd start "$name" > /dev/null
  herd stop "$name" > /dev/null
done
rm go
session > warm <<'END'
(display "warm")
(car 1)
,help
END
herd backtrace root > /dev/null
eventually fails quietly herd status repl-client-1
before=$(holdings)

# A witness.
dial 9 witness
count=1
works ()
{
  tell 9 "(+ 1000 $count)"
  eventually said witness "= $((1000 + count))\$" || return 1
  count=$((count + 1))
}
others_go_on ()
{
  works && soon status && soon start other && soon stop other
}
soon ()
{
  quietly timeout 10 herd -s "$socket" "$@"
}
does ()
{
  matches "^$1: $2" "$(herd backtrace root)" > /dev/null
}
check "a client is served" works
after=$(holdings)

# Loops.
dial 8 looping
service=$(latest)
tell 8 '(let lp () (lp))'
check "while one loops, others go on" others_go_on
check "what loops is shown" eventually does "$service" 'is to run'
check "it can be stopped" quietly herd stop "$service"
check "which closes its connection" eventually gone "$looping"

dial 8 stubborn
service=$(latest)
tell 8 '(let lp () (catch #t (lambda () (sleep 1000)) (const #f)) (lp))'
eventually does "$service" 'waits for sleep'
check "also if it catches all exceptions" quietly herd stop "$service"
check "while it waits" eventually gone "$stubborn"
dial 8 obstinate
service=$(latest)
tell 8 '(let lp () (catch #t (lambda () (let lp () (lp))) (const #f)) (lp))'
eventually does "$service" 'is to run'
check "or computes" quietly herd stop "$service"
check "the connection is closed" eventually gone "$obstinate"

# In C.
dial 8 blocked
tell 8 '(sort (iota 10) (lambda (a b) (let lp () (lp))))' "'then"
check "what cannot be suspended gets an exception" \
  eventually said blocked 'it did not give up control for [0-9.]+ s, in sort'
check "with a backtrace" said blocked 'sort \(0 1 2 3'
check "and the session goes on" eventually said blocked '= then$'
tell 8 "(select '() '() '() 1000)" "'again"
check "and so it is when it blocks" eventually said blocked '= again$'
tell 8 '(map (lambda (x) (sleep x) x) (list 0.01 0.02))'
check "what can be suspended may wait" eventually said blocked '= \(0\.01 0\.02\)$'
tell 8 '(sort (list 1 2) (lambda (a b) (sleep 1) #t))'
check "what cannot be is told so" \
  eventually said blocked 'cannot wait \(sleep\) inside sort'
check "others go on" others_go_on

# Without end.
tell 8 '(let lp ((n 0)) (+ 1 (lp n)))' "'deep"
check "recursion gets an exception" eventually said blocked '= deep$'
tell 8 '(use-modules (shepherd service))' \
     '(default-memory-limit (* 256 1024 1024))' \
     '(define all (quote ()))' \
     '(let lp () (set! all (cons (make-vector 1000) all)) (lp))' \
     '(set! all #f)'
check "who takes all memory gets an exception" \
  eventually said blocked '^(.*it used too much memory|Out of memory)$'
check "others go on" others_go_on
tell 8 ',q'
eventually gone "$blocked"
exec 8>&-

# Who reads slowly, or not at all.
numbers ()
{
  # Before the end of input, lest it be the end of the session.
  echo "(for-each (lambda (i) (display i) (newline)) (iota $1 1))"
  echo ',q'
}
numbers 200000 | "$peer" converse "$repl" | { sleep 1; cat; } > slow
check "who reads slowly gets all" equal "$(seq 200000 | cksum)" \
  "$(sed '1,/^Enter/d; s/^[a-z-]*@([^)]*)> //' slow | grep . | cksum)"

session > dropped <<'END'
(use-modules (shepherd service))
(begin (default-memory-limit (* 512 1024 1024)) (default-execution-limit 60) 1)
(sort '(2 1) (lambda (a b)
               (for-each (lambda (i) (display (make-string 999 #\x)) (newline))
                         (iota 17000))
               #t))
(begin (default-execution-limit 3) 'rest)
END
check "who is too far behind misses something, and sees that" \
  grep -q '^\[[0-9]* bytes were not read in time]$' dropped
check "and gets the rest" grep -q '= rest$' dropped

# lazily FILE: a client that types FILE and does not read; $lazy ends it.
lazily ()
{
  others=$(latest)
  # shellcheck disable=SC2216  # that is the point
  "$peer" converse "$repl" < "$1" | sleep 1000 &
  lazy=$!
  eventually another
  service=$(latest)
}
another ()
{
  fails equal "$others" "$(latest)" > /dev/null
}
cat > endless <<'END'
(let lp () (display "no end of it\n") (lp))
END
lazily endless
check "who does not read is waited for" \
  eventually does "$service" 'waits for wait'
check "others go on" others_go_on
kill "$lazy"
check "until it goes" eventually fails quietly herd status "$service"
cat > endless <<'END'
(define (print) (display "no end of it\n") (print))
(sort (iota 10) (lambda (a b) (print)))
(let lp () (lp))
END
lazily endless
check "where it cannot be waited for, the code gets an exception" \
  eventually does "$service" 'waits for wait'
check "such a client can be stopped" quietly herd stop "$service"
kill "$lazy"
lazily /dev/zero
check "what is no expression harms nobody" others_go_on
kill "$lazy"
eventually fails quietly herd status "$service"

# Who vanishes.  $! is that of the client itself.
vanish ()
{
  kill -KILL "$client"
  wait "$client"
  exec 8>&-
  rm "$name.in"
  check_holdings "who vanishes $1 leaves nothing behind" "$after"
}
call ()
{
  name=$1
  dial 8 "$name"
  eval "client=\$$name"
  service=$(latest)
}
call idle
vanish "while it is asked for more"
call typing
printf '(+ 1 (* 2 "' >&8
vanish "in the middle of an expression"
call computing
tell 8 '(let lp () (lp))'
eventually does "$service" 'is to run'
vanish "while it computes"
call sleeping
tell 8 '(let lp () (false-if-exception (sleep 1000)) (lp))'
eventually does "$service" 'waits for sleep'
vanish "while it sleeps"
call printing
tell 8 '(let lp () (display "x") (lp))'
eventually said printing xxx
vanish "while it prints"
call sorting
tell 8 '(sort (iota 10) (lambda (a b) (let lp () (lp))))'
vanish "while it cannot be suspended"
call starting
tell 8 "(use-modules (shepherd service))" \
     "(start-service (lookup-service 'slow))"
eventually status_matches slow 'It is starting'
kill -KILL "$client"
wait "$client"
exec 8>&-
check "a service that it was starting goes on" status_matches slow 'It is starting'
check "without it" eventually fails quietly herd status "$service"

# Many.
clients ()
{
  test "$(herd status | grep -c 'repl-client')" -eq "$1"
}
mkfifo gate
"$peer" hold "$repl" 200 < gate > held &
exec 8> gate
eventually clients 201
check "many are served" others_go_on
exec 8>&-
check "and forgotten" eventually clients 1

tell 9 ',q'
eventually gone "$witness"
exec 9>&-
touch go
eventually is_running slow
herd stop slow > /dev/null
check_holdings "in the end, the daemon has what it had in the beginning" \
  "$before"
check "it never crashed" fails in_log 'Going on after a crash'
check "the daemon ends" stop_daemon
finish
