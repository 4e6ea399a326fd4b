;; two.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define two
  (let* ((service-cmd (list "sleep" "1000009"))
         (log-time (strftime "%Y-%m-%d-" (gmtime (current-time))))
         (log-file (string-append (mkdtemp (string-append (getenv "HOME")
                                                          "/two-XXXXXX"))
                                  "/two-"
                                  log-time
                                  (gethostname)
                                  ".log")))
    (service '(two)
             #:start (make-forkexec-constructor service-cmd
                                                #:log-file log-file)
             #:stop  (make-kill-destructor)
             #:respawn? #f)))
(register-services (list two))
