;;; (shepherd registry) -- which service provides which name.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A table and nothing else: what registering means for services that are
;;; already there is decided in (shepherd registration).

(define-module (shepherd registry)
  #:use-module (srfi srfi-1)
  #:use-module (shepherd lasting)
  #:use-module (shepherd records)
  #:export (lookup-service
            registry-add!
            registry-remove!
            registered?
            withdrawn?
            service-clashes
            registered-services
            registrations
            registered-since
            for-each-service
            service-name-count
            service-dependents
            each-once))

(define names (make-table))             ;symbol -> (SERVICE . DEPENDENTS)
(define services '())                   ;latest first
(define %registrations 0)

(define (lookup-service name)
  "Return the service that provides @var{name}, a symbol, or @code{#f}."
  (and=> (table-ref names name) car))

(define (name-dependents name)
  "Return the services that require @var{name}, latest first."
  (or (and=> (table-ref names name) cdr)
      '()))

(define (set-name! name service dependents)
  "Let @var{service}, or nothing if @code{#f}, provide @var{name}, which
@var{dependents} require."
  (let ((entry (table-ref names name)))
    (cond ((not (or service (pair? dependents)))
           (table-remove! names name))
          (entry
           (set-car! entry service)
           (set-cdr! entry dependents))
          (else
           (table-set! names name (lasting-cons service dependents))))))

(define (registered? service)
  "Return true if @var{service} is registered."
  (integer? (service-registration service)))

(define (withdrawn? service)
  "Return true if @var{service} was registered and is not any more."
  (eq? 'withdrawn (service-registration service)))

(define (registry-add! service)
  "Register @var{service} under each of its names that is free."
  (set! %registrations (+ 1 %registrations))
  (set-service-registration! service %registrations)
  (set! services (lasting-cons service services))
  (for-each (lambda (name)
              (unless (lookup-service name)
                (set-name! name service (name-dependents name))))
            (service-provision service))
  (for-each (lambda (name)
              (set-name! name (lookup-service name)
                         (lasting-cons service (name-dependents name))))
            (service-requirement service)))

(define (registry-remove! service)
  "Remove @var{service} from all its names."
  (set! services (delq! service services))
  (set-service-registration! service 'withdrawn)
  (for-each (lambda (name)
              (when (eq? service (lookup-service name))
                (set-name! name #f (name-dependents name))))
            (service-provision service))
  (for-each (lambda (name)
              (set-name! name (lookup-service name)
                         (delq! service (name-dependents name))))
            (service-requirement service)))

(define (registered-services)
  "Return the list of registered services, in order of registration."
  (reverse services))

(define (registrations)
  "Return how many services have been registered so far."
  %registrations)

(define (registered-since count)
  "Return the list of registered services, in order of registration, that were
not yet when @code{(registrations)} was @var{count}."
  (filter (lambda (service)
            (> (service-registration service) count))
          (registered-services)))

(define (for-each-service procedure)
  "Call @var{procedure} with each registered service, in order of registration.
It may suspend."
  (for-each procedure (registered-services)))

(define (service-name-count)
  "Return the number of registered names, aliases included."
  (table-fold (lambda (name entry count)
                (if (car entry) (+ 1 count) count))
              0 names))

(define (each-once services)
  "Return @var{services} without those that came before, in time linear in their
number, which may be thousands."
  (if (or (null? services) (null? (cdr services)))
      services
      (let ((seen (make-hash-table)))
        (filter (lambda (service)
                  (and (not (hashq-ref seen service))
                       (hashq-set! seen service #t)))
                services))))

(define (service-clashes service)
  "Return the other services that provide a name of @var{service}."
  (delq service
        (each-once (filter-map lookup-service (service-provision service)))))

(define (service-dependents service)
  "Return the registered services that require a name of @var{service}."
  (each-once
   (append-map (lambda (name)
                 (if (eq? service (lookup-service name))
                     (name-dependents name)
                     '()))
               (service-provision service))))
