;;; (shepherd conditions) -- errors of acting on services.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Raised where the fact is known, turned into the error of a reply
;;; (protocol, section 4) by `condition->sexp' alone.

(define-module (shepherd conditions)
  #:use-module ((ice-9 exceptions) #:select (define-exception-type
                                             &external-error))
  #:use-module (ice-9 match)
  #:use-module (shepherd comm)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd records)
  #:use-module ((shepherd support syntax) #:select (format-message l10n))
  #:export (&service-error
            service-error?
            &missing-service-error
            missing-service-error?
            missing-service-name
            &unknown-action-error
            unknown-action-error?
            unknown-action-name
            unknown-action-service
            &action-runtime-error
            action-runtime-error?
            action-runtime-error-service
            action-runtime-error-action
            action-runtime-error-key
            action-runtime-error-arguments
            make-missing-service-error
            make-unknown-action-error
            make-action-runtime-error
            raise-message
            call-with-exception-handling
            condition->sexp
            condition->string))

;; SRFI-35 calls that type &error.
(define-exception-type &service-error &external-error
  make-service-error service-error?)

(define-exception-type &missing-service-error &service-error
  %make-missing-service-error missing-service-error?
  (name missing-service-name))

(define-exception-type &unknown-action-error &service-error
  %make-unknown-action-error unknown-action-error?
  (service unknown-action-service)
  (action unknown-action-name))

(define-exception-type &action-runtime-error &service-error
  %make-action-runtime-error action-runtime-error?
  (service action-runtime-error-service)
  (action action-runtime-error-action)
  (key action-runtime-error-key)
  (arguments action-runtime-error-arguments))

(define (make-missing-service-error name)
  "Return the condition that says that nothing provides @var{name}."
  (%make-missing-service-error name))

(define (make-unknown-action-error service action)
  "Return the condition that says that @var{service} lacks @var{action}."
  (%make-unknown-action-error service action))

(define (make-action-runtime-error service action key arguments)
  "Return the condition that says that @var{action} of @var{service} threw
@var{key} with @var{arguments}."
  (%make-action-runtime-error service action key arguments))

(define (raise-message subject format . arguments)
  "Throw a @code{misc-error} about @var{subject} (a string or @code{#f}), whose
text is @var{format}, with @code{~a} and @code{~s}, applied to
@var{arguments}."
  (scm-error 'misc-error subject format arguments #f))

(define (call-with-exception-handling service action thunk)
  "Call @var{thunk}, which performs @var{action} of @var{service}; raise what it
throws as @code{&action-runtime-error}, unless it is a service error already."
  (catch #t thunk
    (lambda (key . arguments)
      (match arguments
        (((? service-error? condition))
         (raise-exception condition))
        (_
         (raise-exception
          (make-action-runtime-error service action key arguments)))))))

(define (name-of service)
  (if (service? service)
      (service-canonical-name service)
      service))

(define (condition->sexp condition)
  "Return the error, as sent to clients, that stands for @var{condition}."
  (cond ((missing-service-error? condition)
         `(error (version 0) service-not-found
                 ,(result->sexp (missing-service-name condition))))
        ((unknown-action-error? condition)
         `(error (version 0) action-not-found
                 ,(result->sexp (unknown-action-name condition))
                 ,(name-of (unknown-action-service condition))))
        ((action-runtime-error? condition)
         `(error (version 0) action-exception
                 ,(action-runtime-error-action condition)
                 ,(name-of (action-runtime-error-service condition))
                 ,(action-runtime-error-key condition)
                 ,(map result->sexp
                       (action-runtime-error-arguments condition))))
        (else
         '(error (version 0) service-error))))

(define (condition->string condition)
  "Return what @var{condition} says, or @code{#f} if it is no service error."
  (cond ((missing-service-error? condition)
         (format-message (l10n "service '~a' could not be found")
                         (missing-service-name condition)))
        ((unknown-action-error? condition)
         (format-message (l10n "service '~a' does not have an action '~a'")
                         (name-of (unknown-action-service condition))
                         (unknown-action-name condition)))
        ((action-runtime-error? condition)
         (format-message (l10n "action '~a' on service '~a' failed: ~a")
                         (action-runtime-error-action condition)
                         (name-of (action-runtime-error-service condition))
                         (exception->string
                         (action-runtime-error-key condition)
                         (action-runtime-error-arguments condition))))
        (else #f)))
