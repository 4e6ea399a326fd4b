;; logs.scm -- the log of the system, and what becomes of logs
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: system-log log-rotation noisy
;; Stands for: the services that the collection makes, with their settings.

(use-modules (shepherd service timer)
             (shepherd service system-log)
             (shepherd service log-rotation))

(define directory (getenv "HOME"))

(register-services
 (list (system-log-service
        (list (endpoint (make-socket-address
                         AF_UNIX (string-append directory "/dev-log"))
                        #:style SOCK_DGRAM))
        #:kernel-log-file #f
        #:message-destination
        (lambda (message)
          (list (string-append directory "/messages"))))
       (log-rotation-service
        (calendar-event #:days-of-week '(sunday) #:hours '(22) #:minutes '(0))
        #:external-log-files (list (string-append directory "/external.log"))
        #:compression 'none
        #:rotation-size-threshold 0)
       (service '(noisy)
         #:requirement '(system-log)
         #:start (make-forkexec-constructor
                  '("sh" "-c" "while echo noise; do sleep 1; done")
                  #:log-file (string-append directory "/noisy.log"))
         #:stop (make-kill-destructor))))

(start-in-the-background '(log-rotation noisy))
