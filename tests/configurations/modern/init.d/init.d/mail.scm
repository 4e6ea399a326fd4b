;; mail.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (shepherd support))

(define mail
  (service
   '(mail)
   #:documentation "Run `mail' service"
   #:start (make-forkexec-constructor
            '("sh" "-c" "echo fetching; exec sleep 1000005")
            #:log-file (string-append %user-log-dir "/mail.log"))
   #:stop (make-kill-destructor)
   #:respawn? #t))
