;;; (shepherd actions) -- performing actions on services.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A custom action takes precedence over the default one of the same name;
;;; `start' and `stop' are not actions.

(define-module (shepherd actions)
  #:use-module (ice-9 match)
  #:use-module (shepherd bequests)
  #:use-module (shepherd comm)
  #:use-module (shepherd conditions)
  #:use-module (shepherd controller)
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd requirements)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd support)
  #:export (perform-service-action))

(define (stop-and-start service arguments)
  (match (stop-service service)
    ((first . dependents)
     (let ((started? (or (not (registered? first))
                         (apply start-service first arguments))))
       (for-each (lambda (dependent)
                   (when (registered? dependent)
                     (start-service dependent)))
                 dependents)
       (->bool started?)))))

(define (restart service . arguments)
  "Stop @var{service} and what depends on it, then start all of it again, save
transient services, which are gone; return true if @var{service}, or what
replaces it, started or is gone."
  (if (service-enabled? service)
      (call-expecting-restart
       (cons service (running-dependents service)) service-stopped?
       (lambda ()
         (stop-and-start service arguments)))
      (begin
        (local-output (l10n "Service ~a is currently disabled.")
                      (service-canonical-name service))
        #f)))

(define (enable service)
  (enable-service service)
  (local-output (l10n "Enabled service ~a.")
                (service-canonical-name service)))

(define (disable service)
  (disable-service service)
  (local-output (l10n "Disabled service ~a.")
                (service-canonical-name service)))

(define (document-action service name)
  (match (lookup-service-action service (string->symbol name))
    (#f
     (raise-exception (make-unknown-action-error service name)))
    (action
     (local-output "~a: ~a" name (action-documentation action)))))

(define (document service . arguments)
  "Output the documentation of @var{service}, or of some of its actions."
  (match arguments
    ((or () ((or "full" "short")))
     (local-output "~a" (service-documentation service)))
    (("action" names ...)
     (for-each (lambda (name)
                 (document-action service name))
               names))
    (("list-actions")
     (for-each (lambda (action)
                 (local-output "~a:~%  ~a~%"
                               (action-name action)
                               (action-documentation action)))
               (service-actions service)))
    (_
     (local-output (l10n "Unknown keyword.  Try 'herd help'.")))))

(define (show-backtrace service)
  "Output what each fiber of @var{service} does, or of all of them for root."
  (for-each (lambda (fiber)
              (local-output "~a" ((@ (shepherd backtrace) fiber-report)
                                  fiber)))
            (if (memq 'root (service-provision service))
                (all-fibers)
                (service-fibers service))))

(define (default-action name)
  "Return the procedure, of a service and arguments, behind the action @var{name}
that every service has, or @code{#f}."
  (match name
    ('restart restart)
    ('status (lambda (service) service))
    ('enable (lambda (service) (enable service) *unspecified*))
    ('disable (lambda (service) (disable service) *unspecified*))
    ('backtrace (lambda (service)
                  (show-backtrace service)
                  *unspecified*))
    ('doc (lambda (service . arguments)
            (apply document service arguments)
            *unspecified*))
    (_ #f)))

(define (first-value thunk)
  (call-with-values thunk
    (case-lambda
      (() *unspecified*)
      ((value . _) value))))

(define (perform-service-action service name . arguments)
  "Perform action @var{name} of @var{service}: one of its own, or
@code{restart}, @code{status}, @code{enable}, @code{disable},
@code{backtrace} or @code{doc}.
Return its first value.  Raise @code{&unknown-action-error} if there is none,
@code{&action-runtime-error} if it throws.  May suspend."
  (define thunk
    (match (lookup-service-action service name)
      (#f
       (match (default-action name)
         (#f
          (raise-exception (make-unknown-action-error service name)))
         (procedure
          (lambda ()
            (apply procedure service arguments)))))
      (action
       (lambda ()
         (apply (action-procedure action)
                (service-running-value service)
                arguments)))))

  (call-with-exception-handling
   service name
   (lambda ()
     (call-in-service-context service (%current-client-socket)
                              (lambda ()
                                (first-value thunk))))))
