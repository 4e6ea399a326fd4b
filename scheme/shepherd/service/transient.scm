;;; (shepherd service transient) -- a service that makes others of commands.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (shepherd service transient)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd conditions)
  #:use-module (shepherd service)
  #:use-module (shepherd service-maker)
  #:use-module (shepherd support)
  #:export (transient-service))

(define (transient-methods words log-file . settings)
  (values (apply make-forkexec-constructor words #:log-file log-file settings)
          (make-kill-destructor)
          '()
          (l10n "Command run by 'spawn'.")))

(declare-service-maker! 'transient transient-methods)

(define (spawn running . arguments)
  (let-values (((command options) (words-and-options arguments)))
    (when (null? command)
      (raise-message #f (l10n "spawn lacks a command to run.")))
    (local-output (l10n "Spawning transient service for ~s.") command)
    (make-and-start 'transient command options)))

(define* (transient-service #:optional (provision '(transient))
                            #:key (requirement '()))
  "Return a service whose action @code{spawn} runs a command as a transient
service of its own.  Stopping it ends and forgets all of them."
  (service provision
           #:requirement requirement
           #:documentation (l10n "Run commands as services.")
           #:start (const #t)
           #:stop (const #f)
           #:actions (list (action 'spawn spawn
                                   (l10n "Run a command as a service, for \
example: herd spawn transient -N make -d /src -- make -j4")))))
