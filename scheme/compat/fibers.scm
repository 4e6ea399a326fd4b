;;; fibers.scm --- The names of (fibers), for configurations that use it
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; In this directory are modules with the names of the Fibers library and its
;;; most used procedures, all over (shepherd scheduler).  Only shepherd has
;;; this directory on its load path.

(define-module (fibers)
  #:use-module ((shepherd scheduler)
                #:select (fiber-sleep
                          yield-fiber
                          (spawn-fiber . spawn)))
  #:export (run-fibers
            spawn-fiber
            yield-current-fiber)
  #:re-export-and-replace ((fiber-sleep . sleep)))

(define* (run-fibers #:optional (thunk (const #t)) #:key
                     hz scheduler parallelism cpus
                     install-suspendable-ports? drain?)
  "Call @var{thunk} in the current fiber and return its values: the scheduler
runs already.  The keywords have no effect."
  (thunk))

(define* (spawn-fiber thunk #:optional scheduler #:key parallel?)
  "Run @var{thunk} in a new fiber, and return that.  There is one scheduler: the
other arguments have no effect."
  (spawn thunk))

(define (yield-current-fiber)
  "Let other runnable fibers run first."
  (yield-fiber))
