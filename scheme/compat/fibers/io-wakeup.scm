;;; io-wakeup.scm --- The names of (fibers io-wakeup)
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; See fibers.scm.

(define-module (fibers io-wakeup)
  #:use-module (shepherd scheduler)
  #:export (wait-until-port-readable-operation
            wait-until-port-writable-operation))

(define (wait-until-port-readable-operation port)
  "Return the operation that waits until a read from the descriptor of
@var{port} would not block."
  (wait-until-readable-operation (fileno port)))

(define (wait-until-port-writable-operation port)
  "Return the operation that waits until a write to the descriptor of
@var{port} would not block."
  (wait-until-writable-operation (fileno port)))
