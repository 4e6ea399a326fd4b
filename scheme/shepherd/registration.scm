;;; (shepherd registration) -- what registering and unregistering mean.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A name belongs to one service at a time.  Whoever registers a service with
;;; a name in use either takes over, or waits to take over, but never leaves
;;; a service running unseen.

(define-module (shepherd registration)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd conditions)
  #:use-module (shepherd controller)
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd publication)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (register-services
            unregister-services))

(define list-of-services? (list-predicate service?))

(define (register-service service)
  "Register @var{service}, in place of the stopped services that provide one of
its names; if one of those is not stopped, @var{service} becomes its
replacement.  Throw @code{misc-error} if there are several of these."
  (without-preemption
   (register-or-replace service)))

(define (register-or-replace service)
  (let-values (((stopped live)
                (partition service-stopped? (service-clashes service))))
    (match live
      (()
       (match stopped
         (() (unless (registered? service)
               (enroll-service! service)))
         ((old . _) (replace-service! old service))))
      ((old)
       (post-event! old `(replacement ,service)))
      (_
       (raise-message #f (l10n "service ~a provides names of ~a, which are \
running; stop them first")
                      (service-canonical-name service)
                      (string-join
                       (map (compose symbol->string service-canonical-name)
                            live)
                       ", "))))))

(define (register-services . services)
  "Register @var{services}, a list; they can then be started by any of their
names.  A service that provides a name of one that is not stopped is recorded as
its replacement."
  (let ((services (match services
                    (((? service?) ...) services) ;deprecated form
                    ((services . _) services))))
    (check-argument-types (list-of-services? services))
    (for-each register-service services)))

(define (stop-for-good services)
  "Stop and unregister @var{services}, and what replaces them once they are
stopped.  Return those that are not stopped.  Suspends."
  (for-each (lambda (service)
              (cond ((service-stopped? service)
                     (log-message (l10n "Service ~a is not running.")
                                  (service-canonical-name service))
                     (call-off-respawn service))
                    (else
                     (stop-service service))))
            services)
  ;; None must begin to start between the look at it and its dismissal.
  (without-preemption
   (let-values (((stopped others)
                 (partition service-stopped?
                            (each-once (map successor services)))))
     (when (null? others)
       (for-each dismiss-service! stopped))
     others)))

(define (forget services)
  "Unregister @var{services} but leave what runs, for who next has their names."
  (for-each dismiss-service! services)
  '())

(define (unregister-services services)
  "Stop each of @var{services}, a list, if need be, and unregister it.  Throw
@code{misc-error} if one is still not stopped.  Suspends."
  (check-argument-types (list-of-services? services))
  (match ((if (resuming?) forget stop-for-good)
          (filter registered? services))
    (()
     #t)
    (running
     (raise-message #f (l10n "Cannot unregister service ~a, which is still \
running"
                             "Cannot unregister services ~a, which are still \
running"
                             (length running))
                    (string-join (map (compose symbol->string
                                               service-canonical-name)
                                      running)
                                 ", ")))))
