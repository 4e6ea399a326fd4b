;; timers.scm -- commands and procedures at certain times
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: backup mirror tidy
;; stopped: index
;; Stands for: calendar events and cron strings; commands with their settings;
;; procedures; the action that every timer gets.

(use-modules (shepherd service timer))

(define backup
  (service '(backup)
    #:documentation "Back up every night."
    #:start (make-timer-constructor
             (calendar-event #:minutes '(2)
                             #:hours '(4))
             (command
              (list "true" "--all")
              #:environment-variables
              (cons "BACKUP=yes" (default-environment-variables)))
             #:wait-for-termination? #t)
    #:stop (make-timer-destructor)
    #:actions (list timer-trigger-action)))

(define mirror
  (service '(mirror)
    #:start (make-timer-constructor
             (cron-string->calendar-event "0 8 * * *")
             (lambda ()
               (display "mirroring\n"))
             #:wait-for-termination? #f)
    #:stop (make-timer-destructor)))

(define index
  (service '(index)
    #:requirement '(backup)
    #:start (make-timer-constructor
             (calendar-event #:days-of-week '(sunday)
                             #:hours '(22) #:minutes '(0))
             (command '("sh" "-c" "true"))
             #:log-file (string-append (getenv "HOME") "/index.log")
             #:max-duration 3600)
    #:stop (make-timer-destructor)))

(define tidy
  (service '(tidy)
    #:start (make-timer-constructor
             (calendar-event #:minutes (iota 6 0 10))
             (let ((count 0))
               (lambda ()
                 (set! count (+ 1 count)))))
    #:stop (make-timer-destructor)))

(register-services (list backup mirror index tidy))
(start-in-the-background '(backup mirror tidy))
