;;; (shepherd definition) -- making services.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; What an author writes is checked here, where the mistake is.

(define-module (shepherd definition)
  #:use-module (ice-9 match)
  #:use-module ((shepherd controller) #:select (current-service log-message))
  #:use-module (shepherd lasting)
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd preemption)
  #:use-module (shepherd records)
  #:use-module (shepherd support)
  #:use-module (shepherd transitions)
  #:use-module (shepherd user-module)
  #:export (service
            default-respawn-limit
            default-respawn-delay))

(define default-respawn-limit
  ;; (TIMES . SECONDS): at most so many respawns within so many seconds.
  (make-parameter '(5 . 7)))

(define default-respawn-delay
  ;; Seconds between the end of a process and its respawn.
  (make-parameter 0.1))

(define (respawn-limit? object)
  (match object
    (((? real? times) . (? real? seconds))
     (and (>= times 0) (>= seconds 0)))
    (_ #f)))

(define (limit-or-false? object)
  (or (not object) (execution-limit? object)))

(define (non-negative-number? object)
  (and (real? object) (>= object 0)))

(define (name? symbol)
  ;; Those whom the state is published to take NUL for the end.
  (let ((text (symbol->string symbol)))
    (not (or (string-null? text) (string-index text #\nul)))))

(define (list-of-names? object)
  (and (pair? object) (and-map name? object)))

(define (leave-alone running . _)
  "The @code{stop} method of services that are given none.  To forget it is a common
mistake where there is a process."
  (when (process? running)
    (log-message (l10n "Service ~a has no #:stop method: process ~a goes on.")
                 (service-canonical-name (current-service))
                 (process-id running)))
  #f)

(define* (service provision
                  #:key (requirement '())
                  (one-shot? #f) (transient? #f) (respawn? #f)
                  (respawn-limit (default-respawn-limit))
                  (respawn-delay (default-respawn-delay))
                  (start (lambda _ #t))
                  (stop leave-alone)
                  (actions '())
                  (execution-limit #f)
                  (termination-handler default-service-termination-handler)
                  (documentation (l10n "[No description].")))
  "Return a service that provides the names @var{provision}, a list of symbols,
the first of which is its canonical name.  It is to be registered with
@code{register-services}."
  (check-argument-types (list-of-symbols? provision)
                        (list-of-names? provision)
                        (list-of-symbols? requirement)
                        (boolean? one-shot?)
                        (boolean? transient?)
                        (boolean? respawn?)
                        (respawn-limit? respawn-limit)
                        (non-negative-number? respawn-delay)
                        (procedure? start)
                        (procedure? stop)
                        (list-of-actions? actions)
                        (limit-or-false? execution-limit)
                        (procedure? termination-handler)
                        (string? documentation))
  (make-service (lasting-list provision)
                #:requirement requirement
                #:one-shot? one-shot?
                #:transient? transient?
                #:respawn? respawn?
                #:respawn-limit respawn-limit
                #:respawn-delay respawn-delay
                #:start start
                #:stop stop
                #:actions actions
                #:execution-limit execution-limit
                #:termination-handler termination-handler
                #:documentation documentation
                #:location (current-load-location)
                #:state initial-state))
