;;; (shepherd queries) -- asking about services.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Answered from the state that the controller keeps in the service: none of
;;; these waits, except for the recent messages, which the logger has.

(define-module (shepherd queries)
  #:use-module (ice-9 match)
  #:use-module (shepherd controller)
  #:use-module (shepherd log-source)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd successor)
  #:use-module (shepherd transitions)
  #:export (service-status
            service-running?
            service-stopped?
            service-enabled?
            service-running-value
            service-status-changes
            service-startup-failures
            service-respawn-times
            service-process-exit-statuses
            service-replacement
            service-logger
            service-recent-messages
            service-log-files
            lookup-running
            enable-service
            disable-service
            register-service-logger))

(define-syntax-rule (define-queries (name accessor documentation) ...)
  (begin
    (define (name service)
      documentation
      (accessor (service-state service)))
    ...))

(define-queries
  (service-status state-status
   "Return the status of @var{service}: @code{stopped}, @code{starting},
@code{running} or @code{stopping}.")
  (service-enabled? state-enabled?
   "Return true if @var{service} may be started.")
  (service-running-value state-value
   "Return the running value of @var{service}, or @code{#f}.")
  (service-status-changes state-changes
   "Return the latest status changes of @var{service}, latest first, as pairs of
status and seconds since the Epoch.")
  (service-startup-failures state-failures
   "Return when @var{service} failed to start, latest first, in seconds since the
Epoch.")
  (service-process-exit-statuses state-exits
   "Return how the processes of @var{service} ended, latest first, as pairs of
wait status and seconds since the Epoch.")
  (service-replacement state-replacement
   "Return the service that takes the place of @var{service} once it is stopped,
or @code{#f}.")
  (service-logger state-logger
   "Return the logger of @var{service}, or @code{#f}."))

(define (service-running? service)
  "Return true unless @var{service} is stopped."
  (not (service-stopped? service)))

(define (service-stopped? service)
  "Return true if @var{service} is stopped."
  (eq? 'stopped (service-status service)))

(define (service-respawn-times service)
  "Return when @var{service} was respawned, latest first, in seconds since the
Epoch."
  (map cdr (state-respawns (service-state service))))

(define (service-recent-messages service)
  "Return the latest lines logged by @var{service}, latest first, as pairs of
seconds since the Epoch and string.  Suspends."
  (match (service-logger service)
    (#f '())
    (logger (logger-recent-messages logger))))

(define (service-log-files service)
  "Return the names of the files that @var{service} logs to now."
  (match (service-logger service)
    (#f '())
    (logger (logger-files logger))))

(define (lookup-running name)
  "Return the service that provides @var{name} if it is running, or @code{#f}."
  (let ((service (lookup-service name)))
    (and service
         (eq? 'running (service-status service))
         service)))

(define (enable-service service)
  "Allow @var{service} to be started, and forget its past respawns.  Suspends."
  (or (resuming?)
      (ask-service service (lambda (request) `(enable ,request)))))

(define (disable-service service)
  "Refuse to start @var{service} from now on; call off a respawn that is due.
Suspends."
  (or (resuming?)
      (ask-service service (lambda (request) `(disable ,request)))))

(define (register-service-logger service logger)
  "Make @var{logger} the logger of @var{service}."
  (post-event! service `(logger ,logger)))
