;;; operations.scm --- The names of (fibers operations)
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; See fibers.scm.  Operations cannot be made from scratch.

(define-module (fibers operations)
  #:use-module (shepherd scheduler)
  #:re-export (perform-operation
               choice-operation
               wrap-operation))
