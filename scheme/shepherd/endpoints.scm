;;; (shepherd endpoints) -- where services can be reached.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; For services that open sockets themselves; most leave that to the
;;; constructors of (shepherd service).

(define-module (shepherd endpoints)
  #:use-module (shepherd sockets endpoint)
  #:use-module (shepherd sockets opening)
  #:re-export (default-bind-attempts
               endpoint
               endpoint?
               endpoint-name
               endpoint-address
               endpoint-style
               endpoint-backlog
               endpoint-socket-owner
               endpoint-socket-group
               endpoint-socket-directory-permissions
               endpoint-bind-attempts
               endpoint->sexp
               bind/retry-if-in-use
               open-sockets)
  #:export (IN6ADDR_LOOPBACK
            IN6ADDR_ANY))

;; Guile lacks them.
(define IN6ADDR_LOOPBACK 1)
(define IN6ADDR_ANY 0)
