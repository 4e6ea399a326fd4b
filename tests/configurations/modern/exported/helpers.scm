;; helpers.scm -- exports 'start' and 'make'
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (helpers)
  #:use-module (shepherd service)
  #:export (start make))

(define (start name)
  (start-in-the-background (list name)))

(define (make name seconds)
  (service (list name)
    #:start (make-forkexec-constructor (list "sleep" seconds))
    #:stop (make-kill-destructor)))
