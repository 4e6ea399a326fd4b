;; bus.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define bus-service
  (service
   '(bus bus-session)
   #:documentation "Message bus"
   #:requirement '()
   #:respawn? #t
   #:start (make-forkexec-constructor
            (list "sleep"
                  "1000007")
            #:environment-variables
            (cons* (string-append "DISPLAY=" (or (getenv "DISPLAY") ":0"))
                   (default-environment-variables))
            #:log-file (string-append
                        (or (getenv "NO_SUCH_VARIABLE")
                            (getenv "HOME"))
                        "/bus-session.log")
            #:pid-file-timeout 5)
   #:stop (make-kill-destructor)
   #:actions (actions
              (where
               "Show where it logs"
               (lambda _
                 (let ((log-file (string-append (getenv "HOME")
                                                "/bus-session.log")))
                   (if (file-exists? log-file)
                       (begin
                         (format #t "Log file: ~a~%" log-file)
                         (format #t "Use 'cat ~a' to see it~%" log-file))
                       (format #t "Log file not found~%"))))))))
