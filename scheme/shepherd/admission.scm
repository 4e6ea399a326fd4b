;;; (shepherd admission) -- what may happen to a service, seen from others.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A start waits for what the service requires, a stop for what depends on it;
;;; in between anything can happen.  Therefore controllers look once more, when
;;; they are about to begin, and nothing can come in between any more.

(define-module (shepherd admission)
  #:use-module (ice-9 match)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd requirements)
  #:use-module (shepherd transitions)
  #:export (shutting-down?
            objection))

(define (status service)
  (state-status (service-state service)))

(define (shutting-down?)
  "Return true once the root service is being stopped."
  (match (lookup-service 'root)
    (#f #f)
    (root (eq? 'stopping (status root)))))

(define (objection-to-start service)
  (cond ((shutting-down?)
         ;; It would outlive the shutdown, which has listed what to stop.
         '(refused))
        ((withdrawn? service)
         ;; It would run without being seen.
         '(gone))
        ((not (state-enabled? (service-state service)))
         #f)                            ;let its controller say so
        ((unmet-requirement? service)
         '(unmet))
        (else #f)))

(define (objection-to-stop service excused)
  (match (let loop ((dependents (service-dependents service)))
           (match dependents
             (() '())
             ((first . rest)
              (if (or (eq? 'stopped (status first)) (memq first excused))
                  (loop rest)
                  (cons first (loop rest))))))
    (() #f)
    (dependents `(needed ,dependents))))

(define (objection service event)
  "Return the answer to @var{event} of @var{service} if it is a request that has
to be turned down, or @code{#f}.  The answers are, to a start, @code{(refused)}
during shutdown, @code{(gone)} if it is not registered any more, @code{(unmet)} if
something that it requires does not run; to a stop, @code{(needed SERVICES)} if
others depend on it and run, those in the list that the event ends with aside."
  (match event
    (('start _ _)
     (and (eq? 'stopped (status service))
          (objection-to-start service)))
    (('stop _ _ excused)
     (and (eq? 'running (status service))
          ;; What ends everything begins at once.
          (not (memq 'root (service-provision service)))
          (objection-to-stop service (cons service excused))))
    (_ #f)))
