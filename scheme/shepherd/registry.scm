;;; (shepherd registry) -- which service provides which name.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A table and nothing else: what registering means for services that are
;;; already there is decided in (shepherd registration).

(define-module (shepherd registry)
  #:use-module (srfi srfi-1)
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

(define names (make-hash-table))        ;symbol -> service
(define services (make-hash-table))     ;registration -> service
(define dependents (make-hash-table))   ;required name -> list of services
(define %registrations 0)

(define (lookup-service name)
  "Return the service that provides @var{name}, a symbol, or @code{#f}."
  (hashq-ref names name))

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
  (hashv-set! services %registrations service)
  (for-each (lambda (name)
              (unless (hashq-ref names name)
                (hashq-set! names name service)))
            (service-provision service))
  (for-each (lambda (name)
              (hashq-set! dependents name
                          (cons service (hashq-ref dependents name '()))))
            (service-requirement service)))

(define (registry-remove! service)
  "Remove @var{service} from all its names."
  (hashv-remove! services (service-registration service))
  (set-service-registration! service 'withdrawn)
  (for-each (lambda (name)
              (when (eq? service (hashq-ref names name))
                (hashq-remove! names name)))
            (service-provision service))
  (for-each (lambda (name)
              (hashq-set! dependents name
                          (delq service (hashq-ref dependents name '()))))
            (service-requirement service)))

(define (registered-services)
  "Return the list of registered services, in order of registration."
  (map cdr
       (sort (hash-map->list cons services)
             (lambda (a b)
               (< (car a) (car b))))))

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
  (hash-count (const #t) names))

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
                 (if (eq? service (hashq-ref names name))
                     (hashq-ref dependents name '())
                     '()))
               (service-provision service))))
