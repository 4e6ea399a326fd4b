;;; timers.scm --- The names of (fibers timers)
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; See fibers.scm.

(define-module (fibers timers)
  #:use-module ((fibers) #:select (sleep))
  #:use-module ((shepherd scheduler) #:prefix shepherd:)
  #:re-export (sleep)
  #:export (sleep-operation
            timer-operation))

(define (sleep-operation seconds)
  "Return the operation that waits for @var{seconds}, a real number."
  (shepherd:sleep-operation seconds))

(define (timer-operation expiry)
  "Return the operation that waits until @code{get-internal-real-time} is
@var{expiry}."
  (let ((left (/ (- expiry (get-internal-real-time))
                 internal-time-units-per-second)))
    (shepherd:timer-operation
     (+ (shepherd:scheduler-time)
        (shepherd:seconds->nanoseconds (max 0 left))))))
