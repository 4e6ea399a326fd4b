;; login.scm -- a module that defines services
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (my login)
  #:use-module (shepherd service))

(define-public login-service
  (service
    '(login)
    #:start (make-forkexec-constructor
              '("sleep" "1000015"))
    #:stop (make-kill-destructor)
    #:respawn? #t))
