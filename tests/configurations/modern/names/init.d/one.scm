;; one.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define one
  (service '(one)
    #:start (make-forkexec-constructor '("sleep" "1000008"))
    #:stop  (make-kill-destructor)
    #:respawn? #t))
(register-services (list one))
