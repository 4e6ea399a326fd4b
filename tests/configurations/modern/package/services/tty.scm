;; tty.scm -- loaded by (my services)
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define (tty name)
  (service (list name)
    #:start (make-forkexec-constructor '("sleep" "1000016"))
    #:stop (make-kill-destructor)
    #:respawn? #t))
(register-services (list (tty 'tty1)))
