;;; channels.scm --- The names of (fibers channels)
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; See fibers.scm.

(define-module (fibers channels)
  #:use-module (shepherd scheduler)
  #:re-export (make-channel
               channel?
               put-operation
               get-operation
               put-message
               get-message))
