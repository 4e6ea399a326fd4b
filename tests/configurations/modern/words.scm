;; words.scm -- names that once meant something
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: span own
;; Stands for: 'start', 'stop', 'provides', 'doc', 'make' and their like as names of
;; the user's own: variables, parameters, parts of patterns, fields of records,
;; procedures, keywords.  None of it is of the old interface.

(use-modules (ice-9 match)
             (srfi srfi-9))

(define-record-type <span>
  (make start stop)
  span?
  (start span-start)
  (stop span-stop))

(define (length-of span)
  (match span
    (($ <span> start stop)
     (- stop start))))

(define (names-of config)
  (match config
    ((provides requires doc) provides)
    ((provides . rest) provides)))

(define* (daemon name #:key (start "1000022") (stop SIGTERM)
                 (requires '()) (doc "") enable)
  (let ((disable (not enable)))
    (service (list name)
      #:requirement requires
      #:documentation doc
      #:start (make-forkexec-constructor (list "sleep" start))
      #:stop (make-kill-destructor stop))))

(define (running? name)
  (eq? 'running (service-status (lookup-service name))))

(define (start . names)
  (for-each (lambda (name)
              (start-service (lookup-service name)))
            names))

(define stop "not a procedure")

(register-services (list (daemon (car (names-of '((span own) () "")))
                                 #:start (number->string
                                          (+ 1000000
                                             (length-of (make 77 100)))))
                         (let loop ((action 'own))
                           (daemon action #:doc stop))))
(start 'span 'own)
(unless (and (running? 'span) (running? 'own))
  (error "not started"))
