;;; (shepherd publication) -- what clients and successors see of services.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; After each transition the service's datum goes to the core, which answers
;;; `status' from it.  The ring of recent lines is spliced in by the core, so
;;; the datum is given as what stands before it and what stands after it.

(define-module (shepherd publication)
  #:use-module (ice-9 match)
  #:use-module (shepherd comm)
  #:use-module (shepherd host)
  #:use-module (shepherd log-source)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module (shepherd transitions)
  #:export (enroll-service!
            dismiss-service!
            replace-service!
            publish-service!
            published?
            set-adoption!
            service->head
            service->sexp))

(define %custom-status 1)               ;PUBLISH_CUSTOM_STATUS of message.h

(define (service-head service state)
  "Return the datum of @var{service} as far as the recent messages."
  `(service (version 0)
            (provides ,(service-provision service))
            (requires ,(service-requirement service))
            (respawn? ,(respawn-service? service))
            (docstring ,(service-documentation service))
            (enabled? ,(state-enabled? state))
            (running ,(match (state-value state)
                        ((? pending-value? value) (pending-shown value))
                        (value (result->sexp value))))
            (conflicts ())
            (last-respawns ,(map cdr (state-respawns state)))
            (status-changes ,(state-changes state))
            (startup-failures ,(state-failures state))
            (status ,(state-status state))
            (one-shot? ,(one-shot-service? service))
            (transient? ,(transient-service? service))
            (respawn-limit ,(service-respawn-limit service))
            (respawn-delay ,(service-respawn-delay service))
            (actions ,(service-action-list service))
            (exit-statuses ,(state-exits state))))

(define (service-tail state)
  "Return the properties that follow the recent messages."
  `((log-files ,(match (state-logger state)
                  (#f '())
                  (logger (logger-files logger))))
    (pending-replacement? ,(->bool (state-replacement state)))))

(define (service->head service)
  "Return what clients see of @var{service} before its recent messages."
  (service-head service (service-state service)))

(define (service->sexp service)
  "Return the datum that clients receive for @var{service}.  Suspends if it has a
logger."
  (let ((state (service-state service)))
    (append (service-head service state)
            `((recent-messages ,(match (state-logger state)
                                  (#f '())
                                  (logger (logger-recent-messages logger)))))
            (service-tail state))))

(define-record-type-serializer (serialize-service (service <service>))
  (service->sexp service))

(define (publish-service! service)
  "Tell the core the state of @var{service} if it is registered."
  ;; What is published last must be the latest.
  (without-preemption
   (when (registered? service)
     (let ((state (service-state service)))
       (publish! service state)
       (set-service-published! service state)))))

(define (published? service)
  "Is what the core knows of @var{service} its present state?"
  (and (registered? service)
       (eq? (service-state service) (service-published service))))

;; What an empty list says is not worth mentioning.
(define-syntax-rule (unless-null name items)
  (match items
    (() '())
    (some `((name ,@some)))))

(define (service-saved service state)
  "Return what a successor needs to know beside what clients see, an association
list, or @code{#f} for nothing."
  (match `(,@(match (state-value state)
               (#f '())
               (value `((value ,(value->datum value)))))
           ,@(unless-null respawns (state-respawns state))
           ,@(unless-null unclaimed (state-unclaimed state))
           ,@(if (state-respawn-due? state) '((due)) '())
           ,@(match (and (eq? 'starting (state-status state))
                         (start-progress service))
               (#f '())
               (progress `((progress ,progress))))
           ,@(unless-null parts (saved-parts service))
           ,@(if (memq 'root (service-provision service))
                 `((memory ,@(memory)))
                 '()))
    (() #f)
    (saved saved)))

(define (publish! service state)
  (host-publish! (if (and (service-defines-action? service 'status)
                          (not (memq 'root (service-provision service))))
                     %custom-status
                     0)
                 (match (state-logger state)
                   (#f 0)
                   (logger (logger-ring logger)))
                 (service-provision service)
                 (service-head service state)
                 (service-tail state)
                 (service-saved service state)))

;; Procedure that gives a service, being registered, the state that an earlier
;; image of the process left, and one that takes it back from a service that is
;; not registered any more and returns true if it had any; or #f.
(define adopt! #f)
(define disown! #f)

(define (set-adoption! adopt disown)
  "Have @var{adopt} called with each service that is being registered, before it
is published, and @var{disown} with each that no longer is; not any more if they
are @code{#f}.  They must not suspend."
  (set! adopt! adopt)
  (set! disown! disown))

(define (enroll-service! service)
  "Register and publish @var{service}."
  (without-preemption
   (registry-add! service)
   (when adopt!
     (adopt! service))
   (publish-service! service)))

(define (dismiss-service! service)
  "Undo @code{enroll-service!}."
  (without-preemption
   (when (registered? service)
     (registry-remove! service)
     ;; The state that was left remains known until somebody else has it.
     (unless (and disown! (disown! service))
       (host-unpublish! (service-canonical-name service))))))

(define (replace-service! old new)
  "Register @var{new} in place of @var{old}, stopped, whose flag it inherits, and
of the other services that provide one of its names, which are stopped, too."
  (without-preemption
   (unless (state-enabled? (service-state old))
     (set-service-state! new (adjust-enabled (service-state new) #f)))
   (dismiss-service! old)
   (for-each dismiss-service! (service-clashes new))
   (unless (registered? new)
     (enroll-service! new))))
