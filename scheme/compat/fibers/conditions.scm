;;; conditions.scm --- The names of (fibers conditions)
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; See fibers.scm.

(define-module (fibers conditions)
  #:use-module (shepherd scheduler)
  #:re-export (make-condition
               condition?
               signal-condition!
               wait
               wait-operation))
