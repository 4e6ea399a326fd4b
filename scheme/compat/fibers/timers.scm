;;; timers.scm --- The names of (fibers timers)
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; See fibers.scm.

(define-module (fibers timers)
  #:use-module ((shepherd scheduler)
                #:select (fiber-sleep
                          scheduler-time
                          seconds->nanoseconds
                          sleep-operation
                          (timer-operation . timer-at)))
  #:re-export (sleep-operation)
  #:re-export-and-replace ((fiber-sleep . sleep))
  #:export (timer-operation))

(define (timer-operation expiry)
  "Return the operation that waits until @code{get-internal-real-time} is
@var{expiry}."
  (let ((left (/ (- expiry (get-internal-real-time))
                 internal-time-units-per-second)))
    (timer-at (+ (scheduler-time)
                 (seconds->nanoseconds (max 0 left))))))
