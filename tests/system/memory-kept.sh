# memory-kept.sh -- who is interrupted, and keeps what it took, harms nobody else
# shellcheck shell=sh

# Copyright (C) 2026 The Shepherd authors
# SPDX-License-Identifier: GPL-3.0-or-later

# shellcheck source=tests/system/lib.sh
. "${abs_top_srcdir:?}/tests/system/lib.sh"

start_daemon <<'END'
(use-modules (fibers))
(default-memory-limit (* 128 1024 1024))
(define kept '())
;; Not too fast for a clock that is late.
(define (keep)
  (set! kept (cons (make-vector 1000) kept))
  (let wait ((n 300))
    (when (> n 0)
      (wait (- n 1))))
  (keep))
;; As much in one go, after others that run but shortly.
(define (grab)
  (for-each (lambda (_)
              (spawn-fiber (lambda () (sleep 0.1))))
            (iota 5))
  (sleep 0.101)
  (set! kept (make-vector (* 18 1024 1024)))
  (let loop () (loop)))
;; Hardly any garbage, until told to end.
(define ended? #f)
(define (compute)
  (make-vector 10)
  (or ended? (compute)))
;; Garbage of three times the limit, and long enough to be preempted.
(define (work)
  (let loop ((n 0))
    (if (< n 50000)
        (begin
          (make-vector 1000)
          (loop (+ n 1)))
        "has worked")))
(register-services
 (list (service '(keeper)
         #:actions (list (action 'keep (lambda _ (keep)))
                         (action 'grab (lambda _ (grab)))
                         (action 'forget (lambda _ (set! kept '())))))
       (service '(worker)
         #:actions (list (action 'work (lambda _ (work)))
                         (action 'compute (lambda _ (compute)))
                         (action 'end (lambda _ (set! ended? #t)))))))
END
herd start keeper > /dev/null
herd start worker > /dev/null

command herd -s "$socket" compute worker > computer.out 2>&1 &
computer=$!
computes ()
{
  quietly herd backtrace worker && grep -q 'is to run, without waiting' out
}
check "one computes" eventually computes
check "who takes all at once is interrupted" exits 1 quietly timeout "$deadline" \
  herd -s "$socket" grab keeper
check "which is said, too" grep -q 'used too much memory' out
check "who computes goes on" computes
check "until the end" quietly herd end worker
check "which comes" exits 0 wait "$computer"
check "memory is forgotten" quietly herd forget keeper

check "who takes too much is interrupted" exits 1 quietly herd keep keeper
check "which is said" grep -q 'used too much memory' out
for n in 1 2 3 4 5
do
  check "another can work ($n)" quietly herd work worker
done
check "also later" eventually quietly herd work worker
check "who takes more is interrupted again" exits 1 quietly herd keep keeper
check "another can work" quietly herd work worker
check "memory is forgotten" quietly herd forget keeper
check "the limit is what it was" exits 1 quietly herd keep keeper
check "nobody else was interrupted" equal "" \
  "$(grep 'interrupted in service' "$log" | grep -v 'interrupted in service keeper')"
check "the daemon ends" stop_daemon
finish
