;; bar.scm -- a file with a module of its own
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; The names are (shepherd service)'s, but for 'make'.
(define-module (bar-service)
  #:export (bar))

(use-modules ((oop goops) #:select (make))
             (shepherd service))

(define bar
  (make <service>
    #:provides '(bar)
    #:docstring "Runs a bar."
    #:start (make-forkexec-constructor
             '("sleep" "1000010")
             #:log-file (string-append (getenv "HOME") "/bar.log"))
    #:stop (make-kill-destructor)
    #:respawn? #t))
(register-services bar)
(start bar)
