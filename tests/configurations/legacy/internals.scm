;; internals.scm -- what was not exported
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: compositor
;; once: greeting
;; Stands for: '@@' into (shepherd service); services that replace themselves when
;; the file is loaded again; macros that define services.

(use-modules (ice-9 match)
             (srfi srfi-1))

(define-syntax-rule (forever body ...)
  (while #t body ...))

(define provided-by (@@ (shepherd service) provided-by))
(define deregister-service (@@ (shepherd service) deregister-service))

(define deregister-service*
  (compose deregister-service symbol->string))

(define (register-services* . services)
  (for-each deregister-service* (append-map provided-by services))
  (apply register-services services))

(define-syntax-rule (define-service name service)
  (define name (begin (register-services* service) service)))

(define (simple-service program)
  (make <service>
    #:provides (list (string->symbol program))
    #:requires '()
    #:start (make-forkexec-constructor (list "sleep" "1000022"))
    #:stop (make-kill-destructor)))

(define-service compositor (simple-service "compositor"))
(define-service compositor-again (simple-service "compositor"))

(define-service greeting
  (make <service>
    #:provides '(greeting)
    #:one-shot? #t
    #:requires '()
    #:start (lambda _
              (display "hello\n")
              #t)))

(action 'shepherd 'daemonize)

(for-each start '(compositor))
