;;; tutorial.scm -- ten services, as the tutorial of the manual has them

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(perform-service-action root-service 'daemonize)

(define clock
  (service '(clock)
    #:documentation "Say what time it is, every minute."
    #:start (make-forkexec-constructor
             '("sh" "-c" "while date; do sleep 60; done"))
    #:stop (make-kill-destructor)
    #:respawn? #t))

(register-services (list clock))
(start-in-the-background '(clock))

(define greeter
  (service '(greeter)
    #:documentation "Greet somebody, again and again."
    #:requirement '(clock)
    #:start (make-forkexec-constructor
             '("sh" "-c"
               "while echo \"$GREETING, $USER\"; do sleep 60; done")
             #:environment-variables
             (cons "GREETING=Good morning" (default-environment-variables))
             #:log-file (string-append (getenv "HOME") "/greeter.log"))
    #:stop (make-kill-destructor)
    #:respawn? #t))

(register-services (list greeter))

(use-modules (shepherd support))        ;for mkdir-p

(define (in-home name)
  (string-append (getenv "HOME") "/" name))

(define directories
  (service '(directories)
    #:documentation "Make the directories that other services need."
    #:one-shot? #t
    #:start (lambda ()
              (mkdir-p (in-home "data"))
              #t)))

(define counter
  (service '(counter)
    #:documentation "Count seconds, and write their number to a file."
    #:requirement '(directories)
    #:start (make-forkexec-constructor
             (list "sh" "-c"
                   (string-append
                    "n=0; trap n=0 USR1; while sleep 1; do "
                    "n=$((n + 1)); echo $n >new; mv new count; done"))
             #:directory (in-home "data"))
    #:stop (make-kill-destructor)
    #:respawn? #t
    #:actions
    (actions
     (show "Show the number."
           (lambda (running)
             (display (call-with-input-file (in-home "data/count") read))
             (newline)))
     (reset "Begin again at 0."
            (lambda (running)
              (when running
                (kill (process-id running) SIGUSR1)))))))

(register-services (list directories counter))

(define moody
  (service '(moody)
    #:documentation "Fail at once, whatever one does."
    #:start (make-forkexec-constructor
             '("sh" "-c" "echo I do not feel like it.; exit 3"))
    #:stop (make-kill-destructor)
    #:respawn? #t
    #:respawn-limit '(3 . 10)))

(register-services (list moody))

(define database
  (service '(database)
    #:documentation "Take a second to get ready."
    #:requirement '(directories)
    #:start (make-forkexec-constructor
             '("sh" "-c"
               "sleep 1000000 & sleep 1; echo $! >database.pid")
             #:directory (in-home "data")
             #:pid-file (in-home "data/database.pid"))
    #:stop (make-kill-destructor)))

(register-services (list database))

(use-modules (shepherd service timer))

(define tidy
  (service '(tidy)
    #:documentation "Delete what is old, each night at half past four."
    #:requirement '(directories)
    #:start (make-timer-constructor
             (calendar-event #:hours '(4) #:minutes '(30))
             (command (list "find" (in-home "data")
                            "-mtime" "+30" "-delete")))
    #:stop (make-timer-destructor)
    #:actions (list timer-trigger-action)))

(register-services (list tidy))
(start-in-the-background '(tidy))

(define time-server
  (service '(time-server)
    #:documentation "Tell the time to whoever connects."
    #:start (make-inetd-constructor
             '("date")
             (list (endpoint (make-socket-address
                              AF_INET INADDR_LOOPBACK 1300))))
    #:stop (make-inetd-destructor)))

(register-services (list time-server))
(start-in-the-background '(time-server))

(use-modules (shepherd service transient))

(register-services (list (transient-service)))

(use-modules (shepherd service log-rotation))

(register-services
 (list (log-rotation-service #:rotation-size-threshold 0)))
(start-in-the-background '(log-rotation))
