;; misspelt.scm -- keywords that were ignored
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: screen lamp
;; Stands for: (shepherd service) imported though it is there; a docstring that
;; is a list; unknown keywords and slips of the pen, which GOOPS let pass; one
;; service registered and started at a time, the second one by object.

(use-modules (shepherd service))

(define %bin-directory "/bin")

(define screen
  (make <service>
    #:docstring '("Adjust the" "screen.")
    #:provides '(screen)
    #:start (make-forkexec-constructor
             `(,(string-append %bin-directory "/sleep") "1000006"))
    #:stop (make-kill-destructor)
    #:respawn #f
    #:auto-start? #t
    #:environment (environ)
    #:declarative? #f
    #:enable? #t))

(register-services screen)

(start 'screen)

(define lamp
  (make <service>
    #:provides '(lamp)
    #:doctring "Light."
    #:start (make-forkexec-constructor '("sleep" "1000007"))
    #:stop (make-kill-destructor SIGKILL)
    #:enabled? #t
    #:actions (make-actions)))

(register-services lamp)
(start lamp)

(action 'shepherd 'daemonize)
