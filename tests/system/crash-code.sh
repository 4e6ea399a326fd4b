# crash-code.sh -- code that crashes the process that it runs in
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"
# shellcheck source=tests/system/crash-lib.sh
. "${abs_top_srcdir:?}/tests/system/crash-lib.sh"

cat > "$directory/crashing.scm" <<'END'
(define-module (crashing)
  #:use-module (ice-9 threads)
  #:use-module (rnrs bytevectors)
  #:use-module (system foreign)
  #:export (malloc free abort-process call poke peek-byte deep-in-c spoil-heap
            in-thread))
(define (c-procedure result name . arguments)
  (pointer->procedure result (dynamic-func name (dynamic-link)) arguments))
(define malloc (c-procedure '* "malloc" size_t))
(define free (c-procedure void "free" '*))
(define abort-process (c-procedure void "abort"))
(define call (pointer->procedure void (make-pointer 4096) '()))
(define (byte-at address)
  (pointer->bytevector (make-pointer address) 1))
(define (poke address)
  (bytevector-u8-set! (byte-at address) 0 1))
(define (peek-byte address)
  (bytevector-u8-ref (byte-at address) 0))
(define (deep-in-c)
  (make-regexp (make-string 1000000 #\()))
(define (spoil-heap)
  (let ((blocks (map (lambda (i) (malloc 24)) (iota 64))))
    (for-each (lambda (block)
                (bytevector-fill! (pointer->bytevector block 256) 255))
              blocks)
    (for-each free blocks)
    (for-each free (map (lambda (i) (malloc 100000)) (iota 64)))))
(define (exhaust)
  (let loop ((size 67108864))
    (if (null-pointer? (malloc size))
        (when (> size 64)
          (loop (quotient size 2)))
        (loop size)))
  (let loop ((all '()))
    (loop (cons all all))))
(define (in-thread thunk)
  (join-thread (call-with-new-thread thunk)))
END
GUILE_LOAD_PATH=$directory:$GUILE_LOAD_PATH
crash_configuration > input
start_daemon < input
process=$daemon
note_services

evaluate ()
{
  check_crash "$1" quietly herd eval root "(begin (use-modules (crashing)) $2)"
  check "$1: whoever asked is told" \
    grep -q 'Interrupted: shepherd crashed' out
}

evaluate "a wild write" "(poke 4096)"
evaluate "a wild read" "(peek-byte 4096)"
evaluate "a call of a bad address" "(call)"
evaluate "abort" "(abort-process)"
evaluate "freeing what is none" \
  "(free ((@ (system foreign) make-pointer) 4096))"
evaluate "freeing twice" "(let ((block (malloc 24))) (free block) (free block))"
evaluate "writing beyond blocks" "(begin (spoil-heap) (spoil-heap))"
evaluate "deep recursion in C" "(deep-in-c)"
evaluate "a thread of the user's" "(in-thread (lambda () (poke 4096)))"
evaluate "deep recursion in C in a thread of the user's" \
  "(in-thread (lambda () (deep-in-c)))"

before=$(crashes)
check "a child that user code forked may crash" quietly herd eval root \
  "(begin (use-modules (crashing))
     (let ((pid (primitive-fork)))
       (when (zero? pid) (abort-process))
       pid))"
child=$(sed -n 's/^\([0-9][0-9]*\)$/\1/p' out)
check "it just ends" eventually gone "$child"
check "no crash is logged" equal "$before" "$(crashes)"
check "services are the same" services_unchanged
check "the daemon ends as usual" stop_daemon

# An exception or, where libgc gives up, a crash.
rm -f "$log"
# shellcheck disable=SC3045  # everywhere in fact
ulimit -S -v 500000
start_daemon < input
# shellcheck disable=SC3045
ulimit -S -v unlimited
process=$daemon
note_services
check "no more memory: whoever asked is told" fails quietly herd eval root \
  "(begin (use-modules (crashing)) (exhaust))"
check "by some words" test -s out
check "no more memory: it goes on" eventually thinks
check "no more memory: services are the same" services_unchanged
check "no more memory: no zombie is left" eventually no_zombies
check "the daemon ends as usual" stop_daemon
finish
