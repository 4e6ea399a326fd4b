;; keys.scm -- a service, registered and started
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define keys
  (make <service>
    #:provides '(keys)
    #:docstring "Run `keys' without a window"
    #:start (make-forkexec-constructor
              '("sleep" "1000011")
              #:log-file (string-append (getenv "HOME")
                                        "/keys.log"))
    #:stop (make-kill-destructor)
    #:respawn? #t))
(register-services keys)

(start keys)
