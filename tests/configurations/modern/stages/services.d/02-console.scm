;; 02-console.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define* (make-console tty #:optional (extra-args '()))
  (service
   (list 'console (string->symbol (string-append "console-" tty)))
   #:documentation (string-append "Console on " tty)
   #:requirement '(ready)
   #:start (make-forkexec-constructor
            `("sleep" "1000014" ,@extra-args)
            #:log-file (string-append (getenv "HOME") "/console-" tty ".log"))
   #:stop (make-kill-destructor)
   #:respawn? #t))

(define console-tty1 (make-console "tty1" '("1")))

(register-services
 (list console-tty1))
