;;; town.scm -- a configuration of some dozens of services of every kind
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; For soak.scm, which tells what is done to them.

(add-to-load-path (string-append (getenv "abs_top_srcdir") "/tests/modules"))
(use-modules (shepherd service log-rotation)
             (shepherd service monitoring)
             (shepherd service repl)
             (shepherd service system-log)
             (shepherd service timer)
             (shepherd service transient)
             (tests town))

(define (broken name)
  (service (list name)
    #:start (make-forkexec-constructor (list (file "no-such-program")))
    #:stop (make-kill-destructor)))

(define (socket-address name)
  (make-socket-address AF_UNIX (file name)))

(populate `(line- 2 ,lines)
          `(idle- 8 ,idle)
          `(fork- 2 ,(double-forking "0"))
          `(once- 2 ,once)
          `(off- 2 ,idle down)
          `(disabled- 2 ,idle disabled)
          `(broken- 2 ,broken down)
          `(inetd- 2 ,inetd)
          `(lazy- 2 ,(systemd #t))
          `(eager- 2 ,(systemd #f))
          `(timer- 3 ,timer)
          `(act- 3 ,lines)
          `(slow- 2 ,(double-forking "200"))
          `(stub- 2 ,stubborn)
          `(flap- 2 ,flapping))

(register-services
 (list (system-log-service
        (list (endpoint (socket-address "log") #:style SOCK_DGRAM))
        #:kernel-log-file #f
        #:message-destination (const (list (file "messages.log"))))
       (log-rotation-service
        (calendar-event #:months '(2) #:days-of-month '(29)) ;else when told to
        #:external-log-files (list (file "messages.log"))
        #:expiry 0
        #:rotation-size-threshold 0)
       (monitoring-service #:period 1)
       (repl-service (file "repl.sock"))
       (timer-service)
       (transient-service)))
(start-in-the-background
 '(system-log log-rotation monitoring repl timer transient))
