;; goops.scm -- GOOPS, for other things than services
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: classy
;; goops
;; Stands for: (oop goops) in a configuration of today.

(use-modules (oop goops)
             (shepherd service))

(define-class <program> ()
  (name #:init-keyword #:name #:getter name-of)
  (arguments #:init-keyword #:arguments #:init-value '()))

(define-method (->service (program <program>))
  (service (list (name-of program))
    #:start (make-forkexec-constructor
             (cons "sleep" (slot-ref program 'arguments)))
    #:stop (make-kill-destructor)))

(define-method (start (program <program>))
  (start-service (lookup-service (name-of program))))

(define classy (make <program> #:name 'classy #:arguments '("1000025")))
(register-services (list (->service classy)))
(start classy)
