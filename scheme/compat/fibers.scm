;;; fibers.scm --- The names of (fibers), for configurations that use it
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; In this directory are modules with the names of the Fibers library and its
;;; most used procedures, all over (shepherd scheduler).  Only shepherd has
;;; this directory on its load path.

(define-module (fibers)
  #:use-module ((shepherd scheduler) #:prefix shepherd:)
  #:export (run-fibers
            spawn-fiber
            yield-current-fiber)
  #:replace (sleep))

(define* (run-fibers #:optional (thunk (const #t)) #:key
                     hz scheduler parallelism cpus
                     install-suspendable-ports? drain?)
  "Call @var{thunk} in the current fiber and return its values: the scheduler
runs already.  The keywords have no effect."
  (thunk))

(define* (spawn-fiber thunk #:optional scheduler #:key parallel?)
  "Run @var{thunk} in a new fiber.  There is one scheduler: the other
arguments have no effect."
  (shepherd:spawn-fiber thunk)
  *unspecified*)

(define (sleep seconds)
  "Wait for @var{seconds}, a real number; other fibers run meanwhile."
  (shepherd:fiber-sleep seconds))

(define (yield-current-fiber)
  "Let other runnable fibers run first."
  (shepherd:yield-fiber))
