;;; choices.scm --- Very many choices between a message and a timeout
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; What one such choice leaves behind, at the channel or among the timers, adds
;;; up.

(define-module (tests choices)
  #:use-module (shepherd scheduler)
  #:export (choose-often
            time-out-often))

(define (choose-from channel seconds count)
  (let loop ((n 0))
    (when (< n count)
      (perform-operation
       (choice-operation (get-operation channel)
                         (sleep-operation seconds)))
      (loop (+ n 1)))))

(define (choose-often count)
  "Choose COUNT times between a message and a far timeout, when the message wins."
  (let ((channel (make-channel)))
    (spawn-fiber (lambda ()
                   (let loop ((left count))
                     (unless (zero? left)
                       (put-message channel #t)
                       (loop (- left 1))))))
    (choose-from channel 1000 count)))

(define (time-out-often count seconds)
  "The same, when the timeout of so many SECONDS wins, as there is no message."
  (choose-from (make-channel) seconds count))
