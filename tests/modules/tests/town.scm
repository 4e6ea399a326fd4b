;;; town.scm --- Services of every kind, for configurations of tests
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; WORKER, the program of worker.c, and DIRECTORY are in the environment.

(define-module (tests town)
  #:use-module (ice-9 match)
  #:use-module (shepherd service)
  #:use-module (shepherd service timer)
  #:export (file
            work
            populate

            lines
            idle
            double-forking
            once
            transient
            stubborn
            flapping
            inetd
            systemd
            timer))

(define worker (getenv "WORKER"))
(define (file . parts)
  "Return the name of a file of the town."
  (string-append (getenv "DIRECTORY") "/" (string-concatenate parts)))
(define (work name . arguments)
  "Return the command that a service called NAME runs."
  (cons* worker (symbol->string name) arguments))

(define (socket name)
  (list (endpoint (make-socket-address AF_UNIX
                                       (file (symbol->string name) ".sock")))))

(define (lines name)
  (let ((counts (file (symbol->string name) ".count")))
    (service (list name)
      #:respawn? #t
      #:start (make-forkexec-constructor
               (work name "lines" counts)
               #:log-file (file (symbol->string name) ".log"))
      #:stop (make-kill-destructor))))

(define (idle name)
  (service (list name)
    #:respawn? #t
    #:start (make-forkexec-constructor (work name "idle"))
    #:stop (make-kill-destructor)))

(define (double-forking delay)
  (lambda (name)
    (let ((pid-file (file (symbol->string name) ".pid")))
      (service (list name)
        #:start (make-forkexec-constructor
                 (work name "daemon" delay pid-file)
                 #:pid-file pid-file #:pid-file-timeout 60)
        #:stop (make-kill-destructor)
        #:respawn? #f))))

(define (once name)
  (service (list name)
    #:one-shot? #t
    #:start (lambda _
              (zero? (spawn-command (work name "for" "1"))))))

(define (transient name)
  (service (list name)
    #:transient? #t
    #:start (make-forkexec-constructor (work name "idle"))
    #:stop (make-kill-destructor)))

(define (stubborn name)
  (service (list name)
    #:start (make-forkexec-constructor (work name "stubborn"))
    #:stop (make-kill-destructor #:grace-period 0.5)))

(define (flapping name)
  (service (list name)
    #:respawn? #t
    #:respawn-limit '(1000000 . 1)
    #:respawn-delay 0.2
    #:start (make-forkexec-constructor (work name "for" "300"))
    #:stop (make-kill-destructor)))

(define (inetd name)
  (service (list name)
    #:start (make-inetd-constructor (work name "echo") (socket name)
                                    #:max-connections 100)
    #:stop (make-inetd-destructor)))

(define (systemd lazy?)
  (lambda (name)
    (service (list name)
      #:respawn? #t
      #:start (make-systemd-constructor (work name "serve") (socket name)
                                        #:lazy-start? lazy?)
      #:stop (make-systemd-destructor))))

(define (timer name)
  (service (list name)
    #:start (make-timer-constructor (calendar-event #:seconds (iota 60))
                                    (command (work name "for" "100")))
    #:stop (make-timer-destructor)))

(define (names prefix count)
  (map (lambda (i)
         (symbol-append prefix (string->symbol (number->string i))))
       (iota count)))

(define (populate . kinds)
  "Register services, and start them in the background: KINDS are lists of the
beginning of their names, their number and a procedure that makes one of its name;
with `down' or `disabled' behind, they are not started."
  (for-each (match-lambda
              ((prefix count make . state)
               (let ((services (map make (names prefix count))))
                 (register-services services)
                 (match state
                   (() (start-in-the-background
                        (map service-canonical-name services)))
                   (('down) #t)
                   (('disabled) (for-each disable-service services))))))
            kinds))
