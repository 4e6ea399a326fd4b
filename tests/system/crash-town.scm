;;; crash-town.scm -- a configuration of 200 services of every kind
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; For storm.scm.  Services whose names begin with act-, slow-, stub- and
;;; flap- are for clients to act on; nobody touches the others, which are as
;;; they are for ever.  WORKER and DIRECTORY are in the environment.

(use-modules (shepherd service timer)
             (srfi srfi-1))

(define worker (getenv "WORKER"))
(define (file . parts)
  (string-append (getenv "DIRECTORY") "/" (string-concatenate parts)))
(define (work name . arguments)
  (cons* worker (symbol->string name) arguments))
(define (names prefix count)
  (map (lambda (i)
         (symbol-append prefix (string->symbol (number->string i))))
       (iota count)))
(define (socket name)
  (list (endpoint (make-socket-address AF_UNIX
                                       (file (symbol->string name) ".sock")))))

(define (lines name)
  (let ((log (file (symbol->string name) ".log")))
    (service (list name)
      #:respawn? #t
      #:start (make-forkexec-constructor (work name "lines" log)
                                         #:log-file log)
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

(define kinds
  `((line- 30 ,lines)
    (idle- 35 ,idle)
    (fork- 15 ,(double-forking "0"))
    (once- 15 ,once)
    (transient- 10 ,transient)
    (disabled- 10 ,idle)
    (off- 10 ,idle)
    (inetd- 5 ,inetd)
    (lazy- 5 ,(systemd #t))
    (eager- 5 ,(systemd #f))
    (timer- 5 ,timer)
    (act- 25 ,lines)
    (slow- 10 ,(double-forking "200"))
    (stub- 10 ,stubborn)
    (flap- 10 ,flapping)))

(for-each (lambda (kind)
            (let ((services (map (third kind)
                                 (names (first kind) (second kind)))))
              (register-services services)
              (when (eq? 'disabled- (first kind))
                (for-each disable-service services))
              (unless (memq (first kind) '(disabled- off-))
                (start-in-the-background
                 (map service-canonical-name services)))))
          kinds)
