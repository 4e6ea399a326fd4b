;;; (shepherd repl session) -- a session of Guile's REPL.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Loaded by the first client: this has Guile's compiler behind it.

(define-module (shepherd repl session)
  #:use-module (ice-9 history)
  #:use-module (system repl common)
  #:use-module (system repl repl)
  #:use-module (shepherd repl code)
  #:use-module (shepherd repl errors)
  #:use-module (shepherd repl guile)
  #:use-module ((shepherd scheduler) #:select (fiber-dynamic-wind))
  #:use-module (shepherd user-module)
  #:export (run-session))


;;;
;;; The module that expressions are evaluated in.
;;;

(define (make-session-module)
  (let ((module (parameterize ((user-module-interfaces '()))
                  (make-user-module))))
    (set-module-name! module '(shepherd-user))
    (nested-define-module! (resolve-module '() #f) '(shepherd-user) module)
    module))

(define session-module
  ;; One for all sessions.
  (make-session-module))


;;;
;;; Values.
;;;

;; They are called $1, $2 and so on, in a module of Guile's, which keeps all.
(define history (resolve-module '(value-history)))

(define %values-kept 100)

(define (value-number name)
  (string->number (substring (symbol->string name) 1)))

(define (forget-value! name)
  ;; A module where it was referred to has the variable, too.
  (variable-set! (module-variable history name) #f)
  (module-remove! history name)
  (module-remove! (module-public-interface history) name))

(define (value-names)
  "Return the names of the values that there are, latest first."
  (sort (hash-map->list (lambda (name variable) name)
                        (module-obarray history))
        (lambda (a b)
          (> (value-number a) (value-number b)))))

(define (forget-values! kept)
  "Forget values, but for the latest @var{kept} ones."
  (let ((names (value-names)))
    (when (> (length names) kept)
      (for-each forget-value! (list-tail names kept)))))

(define (print-value repl value)
  (write value)
  (newline)
  (forget-values! %values-kept))


;;;
;;; Sessions.
;;;

(define sessions 0)                     ;number of those that go on

(define (enter)
  (set! sessions (+ sessions 1)))

(define (leave)
  (set! sessions (- sessions 1))
  (when (zero? sessions)
    (forget-values! 0)))

(define (make-session)
  (let ((repl (make-repl (current-language))))
    (repl-option-set! repl 'print print-value)
    repl))

(define (run-session)
  "Read expressions and commands from the current input port, evaluate them, and
print values and errors on the current ports, until there are no more or the client
quits.  Suspends."
  (save-module-excursion
   (lambda ()
     (set-current-module session-module)
     (parameterize ((current-language 'scheme))
       (with-fluids ((*repl-stack* '())
                     ;; Commands such as Geiser's take no syntax objects.
                     (current-reader read))
         (fiber-dynamic-wind enter
                             (lambda ()
                               (run-repl (make-session)))
                             leave))))))
