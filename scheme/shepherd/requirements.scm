;;; (shepherd requirements) -- who must run before whom.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Graph questions, answered from the registry without starting anything.

(define-module (shepherd requirements)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (shepherd conditions)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module ((shepherd support syntax) #:select (l10n))
  #:use-module (shepherd transitions)
  #:export (service-requirements
            unmet-requirement?
            unmet-requirements
            starting-order
            running-dependents
            requirement-problems))

(define (service-requirements service)
  "Return the services that @var{service} requires.  Raise
@code{&missing-service-error} for a name that nothing provides."
  (each-once
   (map (lambda (name)
          (or (lookup-service name)
              (raise-exception (make-missing-service-error name))))
        (service-requirement service))))

(define (met? requirement)
  ;; A one-shot service has done its work by the time it is asked.
  (or (one-shot-service? requirement)
      (eq? 'running (state-status (service-state requirement)))))

(define (unmet-requirements service)
  "Return the services that @var{service} requires and that do not run, one-shot
services aside.  Raise @code{&missing-service-error} as above."
  (remove met? (service-requirements service)))

(define (unmet-requirement? service)
  "Return true if @var{service} requires a name that nothing provides, or a
service that does not run, one-shot services aside."
  (any (lambda (name)
         (not (and=> (lookup-service name) met?)))
       (service-requirement service)))

(define (service-up? service)
  (memq (state-status (service-state service)) '(running starting)))

(define (cycle->string cycle)
  (string-join (map (lambda (service)
                      (symbol->string (service-canonical-name service)))
                    cycle)
               " -> "))

(define (close-cycle path service)
  "Return the members of the cycle that leads from @var{service} to itself through
@var{path}, latest first."
  (cons service
        (reverse (cons service
                       (take-while (lambda (other)
                                     (not (eq? other service)))
                                   path)))))

(define (raise-cycle path service)
  "Raise the error that says that @var{service} requires itself through
@var{path}."
  (let ((cycle (close-cycle path service)))
    (raise-exception
     (make-action-runtime-error
      service 'start 'misc-error
      (list #f (l10n "service ~a requires itself: ~a")
            (list (service-canonical-name service) (cycle->string cycle))
            #f)))))

(define* (starting-order services #:key (skip? service-up?))
  "Return @var{services} and all that they require, directly or not, each after
its requirements, leaving out those that satisfy @var{skip?}.  Raise
@code{&missing-service-error} or, for a cycle, @code{&action-runtime-error}."
  (define marks (make-hash-table))      ;service -> visiting | done

  (define (visit service path order)
    (match (hashq-ref marks service)
      ('done order)
      ('visiting (raise-cycle path service))
      (#f
       (hashq-set! marks service 'visiting)
       (let ((order (fold (lambda (requirement order)
                            (if (skip? requirement)
                                order
                                (visit requirement (cons service path) order)))
                          order
                          (service-requirements service))))
         (hashq-set! marks service 'done)
         (cons service order)))))

  (reverse (fold (lambda (service order)
                   (if (skip? service)
                       order
                       (visit service '() order)))
                 '() services)))

(define (live? service)
  "Return true unless @var{service} is stopped for good."
  (let ((state (service-state service)))
    (not (and (eq? 'stopped (state-status state))
              (not (state-respawn-due? state))))))

(define (running-dependents service)
  "Return the services, other than @var{service}, that are not stopped, or about to
be respawned, and require it, directly or not; nearest first."
  (define seen (make-hash-table))

  (define (unseen-dependents service)
    (filter (lambda (dependent)
              (and (live? dependent)
                   (not (hashq-ref seen dependent))
                   (hashq-set! seen dependent #t)))
            (service-dependents service)))

  (hashq-set! seen service #t)
  (let loop ((level (list service)) (result '()))
    (if (null? level)
        (reverse result)
        (let ((next (append-map unseen-dependents level)))
          (loop next (append-reverse next result))))))

(define (requirement-problems services)
  "Return what is wrong with the requirements of @var{services}: a list of
(missing SERVICE NAME) and (cycle SERVICE TEXT), each cycle once."
  (define problems
    (append-map (lambda (service)
                  (filter-map (lambda (name)
                                (and (not (lookup-service name))
                                     `(missing ,service ,name)))
                              (service-requirement service)))
                services))

  (define marks (make-hash-table))

  (define (visit service path cycles)
    (match (hashq-ref marks service)
      ('done cycles)
      ('visiting
       (cons `(cycle ,service ,(cycle->string (close-cycle path service)))
             cycles))
      (#f
       (hashq-set! marks service 'visiting)
       (let ((cycles (fold (lambda (name cycles)
                             (match (lookup-service name)
                               (#f cycles)
                               (requirement
                                (visit requirement (cons service path)
                                       cycles))))
                           cycles
                           (service-requirement service))))
         (hashq-set! marks service 'done)
         cycles))))

  (append problems
          (reverse (fold (lambda (service cycles)
                           (visit service '() cycles))
                         '() services))))
