;;; container.scm -- the init of a container

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; The container runs one application, which wants its data prepared and a
;; helper beside it.  Everything that is printed goes to the container's
;; log: run `shepherd --config=THIS-FILE --logfile=/dev/stdout --silent'.

;; What is set from outside, with defaults.
(define data-directory (or (getenv "DATA") "/tmp/data"))
(define seconds (or (getenv "SECONDS_TO_RUN") "infinity"))

;; Prepare the data.  If this fails the application does not start, and the
;; log says that it depends on `data'.
(define data
  (service '(data)
    #:documentation "Make the directory of data, and what must be in it."
    #:one-shot? #t
    #:start (make-system-constructor
             "mkdir -p " data-directory " && "
             "echo prepared > " data-directory "/state")))

;; A helper that may die and come back without harm.
(define sweeper
  (service '(sweeper)
    #:documentation "Remove what the application leaves behind."
    #:requirement '(data)
    #:respawn? #t
    #:respawn-delay 1
    #:start (make-forkexec-constructor
             (list "sh" "-c"
                   "while sleep 3600; do rm -f *.tmp; done")
             #:directory "/tmp")
    #:stop (make-kill-destructor)))

;; The application.  When it ends by itself the container has done its work,
;; or it is somebody else's task to try again: shut down.
(define application
  (service '(application)
    #:documentation "Do what this container is for."
    #:requirement '(data sweeper)
    #:start (make-forkexec-constructor
             (list "sh" "-c"
                   "echo serving $STATE; exec sleep $SECONDS_TO_RUN")
             #:environment-variables
             (append (list (string-append "STATE=" data-directory "/state")
                           (string-append "SECONDS_TO_RUN=" seconds))
                     (default-environment-variables)))
    #:stop (make-kill-destructor)
    #:termination-handler
    (lambda (service process status)
      (default-service-termination-handler service process status)
      (stop-service root-service))))

(register-services (list data sweeper application))
(start-in-the-background '(application))
