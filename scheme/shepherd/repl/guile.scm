;;; (shepherd repl guile) -- Guile's REPL, made fit for the daemon.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Some procedures of Guile's modules are replaced, by changing their variables:
;;; those that would wait where a fiber cannot, or harm the rest of the process.
;;; What others build on them, such as Geiser, gets ours, too.

(define-module (shepherd repl guile)
  #:use-module (system repl command)
  #:use-module ((system repl common) #:select (->string))
  #:use-module ((shepherd support) #:select (l10n display-line))
  #:export (replace!))

(define (replace! module name make)
  "Give the variable @var{name} of @var{module} the value that @var{make} returns,
called with the value that it has."
  (let ((variable (module-variable (resolve-module module) name)))
    (variable-set! variable (make (variable-ref variable)))))


;;;
;;; Commands.
;;;

;; Guile's takes the name to be one beside its own source.
(define-meta-command (load repl file)
  "load FILE
Load a file in the current module."
  (primitive-load (->string file)))

;; They trace or interrupt whatever the process does, or take signals.
(define-syntax-rule (define-unavailable (name usage) ...)
  (begin
    (define-meta-command (name repl . arguments)
      usage
      (display-line (l10n "This command is not available here: it would \
concern all that the daemon does.")))
    ...))

(define-unavailable
  (break "break PROCEDURE\nNot available.")
  (break-at-source "break-at-source FILE LINE\nNot available.")
  (tracepoint "tracepoint PROCEDURE\nNot available.")
  (trace "trace EXP\nNot available.")
  (profile "profile EXP\nNot available.")
  (step "step\nNot available.")
  (step-instruction "step-instruction\nNot available.")
  (next "next\nNot available.")
  (next-instruction "next-instruction\nNot available.")
  (finish "finish\nNot available."))
