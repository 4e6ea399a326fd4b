;;; (tests simulation chance) -- decisions drawn from a seed.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A stream of chance is named by the seed and by what it decides, so that
;;; leaving out one step of a simulation does not change what the others are.

(define-module (tests simulation chance)
  #:export (make-chance
            below
            between
            odds?
            one-of
            chance-case
            delay-of-chance
            milliseconds))

(define (mix number)
  "Return a number of 64 bits each of which depends on all those of NUMBER."
  (let* ((mask #xffffffffffffffff)
         (scramble (lambda (number shift factor)
                     (logand mask
                             (* factor
                                (logxor number (ash number (- shift))))))))
    (scramble (scramble number 30 #xbf58476d1ce4e5b9)
              27 #x94d049bb133111eb)))

(define (make-chance . names)
  "Return the stream of chance that NAMES, numbers and symbols, stand for."
  ;; Guile would give similar streams for similar seeds.
  (seed->random-state
   (string-fold (lambda (chr number)
                  (mix (+ #x9e3779b97f4a7c15 number (char->integer chr))))
                0 (object->string names))))

(define (below chance n)
  "Return an integer from 0 on and below N."
  (random n chance))

(define (between chance low high)
  "Return an integer from LOW to HIGH, both included."
  (+ low (random (+ 1 (- high low)) chance)))

(define (odds? chance n m)
  "Return true in N of M cases."
  (< (random m chance) n))

(define (one-of chance items)
  "Return one of ITEMS, a list that is not empty."
  (list-ref items (random (length items) chance)))

(define-syntax-rule (chance-case chance (weight expression ...) ...)
  ;; Evaluate one of the clauses; WEIGHTs, literal integers, are how often.
  (weighted chance
            (list weight ...)
            (list (lambda () expression ...) ...)))

(define (weighted chance weights thunks)
  (let loop ((n (random (apply + weights) chance))
             (weights weights)
             (thunks thunks))
    (if (< n (car weights))
        ((car thunks))
        (loop (- n (car weights)) (cdr weights) (cdr thunks)))))

(define (milliseconds n)
  "Return N milliseconds, in nanoseconds."
  (* n 1000000))

(define (delay-of-chance chance)
  "Return how long something takes that mostly takes no time, in nanoseconds."
  (chance-case chance
    (50 0)
    (30 (below chance (milliseconds 1)))
    (15 (below chance (milliseconds 50)))
    (5 (below chance (milliseconds 2000)))))
