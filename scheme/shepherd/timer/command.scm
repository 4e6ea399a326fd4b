;;; (shepherd timer command) -- what timers run.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (shepherd timer command)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (shepherd comm)
  #:use-module (shepherd process)
  #:use-module (shepherd support)
  #:export (command
            command?
            command-arguments
            command-user
            command-group
            command-supplementary-groups
            command-environment-variables
            command-directory
            command-resource-limits
            command->datum
            command->sexp
            sexp->command))

(define-record-type <command>
  (make-command arguments user group supplementary-groups
                environment-variables directory resource-limits)
  command?
  (arguments             command-arguments)   ;list of strings
  (user                  command-user)        ;string, integer or #f
  (group                 command-group)       ;string, integer or #f
  (supplementary-groups  command-supplementary-groups)
  (environment-variables command-environment-variables)
  (directory             command-directory)   ;string
  (resource-limits       command-resource-limits))

(define (non-empty-list-of-strings? object)
  (and (pair? object) (list-of-strings? object)))

(define* (command arguments
                  #:key user group (supplementary-groups '())
                  (environment-variables (default-environment-variables))
                  (directory (default-service-directory))
                  (resource-limits '()))
  "Return the command to run the program and arguments in the list
@var{arguments}.  The keywords are those of @code{fork+exec-command}."
  (check-argument-types (list-of-strings? arguments)
                        (non-empty-list-of-strings? arguments)
                        (list-of-strings? environment-variables)
                        (string? directory))
  (make-command arguments user group supplementary-groups
                environment-variables directory resource-limits))

(define (write-command command port)
  (simple-format port "#<command ~s>" (command-arguments command)))

(set-record-type-printer! <command> write-command)

(define* (command->datum command
                         #:optional (environment-variables
                                     (command-environment-variables command)))
  "Return @var{command} as data, with @var{environment-variables}."
  `(command (version 0)
            (arguments ,(command-arguments command))
            (user ,(command-user command))
            (group ,(command-group command))
            (supplementary-groups ,(command-supplementary-groups command))
            (environment-variables ,environment-variables)
            (directory ,(command-directory command))
            (resource-limits ,(command-resource-limits command))))

(define-record-type-serializer (command->sexp (command <command>))
  ;; Whoever may ask for the status need not know the environment, where
  ;; people put passwords.
  (command->datum command '()))

(define (sexp->command sexp)
  "Return the command that @var{sexp}, as clients receive it, stands for, or
@code{#f} if it stands for none."
  (match sexp
    (('command ('version 0 _ ...)
               ('arguments ((? string? arguments) ..1))
               ('user user)
               ('group group)
               ('supplementary-groups (groups ...))
               ('environment-variables ((? string? variables) ...))
               ('directory (? string? directory))
               ('resource-limits (limits ...))
               _ ...)
     (make-command arguments user group groups variables directory limits))
    (_ #f)))
