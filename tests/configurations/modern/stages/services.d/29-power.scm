;; 29-power.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define reboot
  (service '(reboot)
           #:documentation "Reboot the machine."
           #:requirement '(root-rw)
           #:start (lambda _
                     (sync)
                     (run-or-ignored "true" "-a" "-r")
                     (call-with-output-file
                         (string-append (getenv "HOME") "/trigger")
                       (lambda (port)
                         (display "b" port)))
                     #t)
           #:one-shot? #t))

(define halt
  (service '(halt poweroff)
           #:documentation "Power off the machine."
           #:requirement '(root-rw)
           #:start (lambda _
                     (let ((fd (open-file (string-append (getenv "HOME")
                                                         "/trigger")
                                          "w")))
                       (display "o" fd)
                       (close-port fd))
                     #t)
           #:one-shot? #t))

(register-services (list reboot halt))
