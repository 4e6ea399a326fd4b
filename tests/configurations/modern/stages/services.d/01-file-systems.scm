;; 01-file-systems.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define root-rw
  (service '(root-rw root-filesystem)
           #:documentation "Remount the root file system."
           #:requirement '()
           #:start (lambda _
                     (setenv "MOUNTS" "always")
                     (or (zero? (system* "true" "-o" "remount,rw" "/"))
                         #t))
           #:stop (const #t)
           #:one-shot? #t))

(ensure-dir (string-append (getenv "HOME") "/run/lock"))

(register-services
 (list root-rw
       (pseudo-fs-service 'pseudo
                          #:source "proc"
                          #:target "/proc"
                          #:options '("nosuid" "noexec")
                          #:requirement '(root-rw))))
