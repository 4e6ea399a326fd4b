;; 28-stages.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (shepherd service))

(define ready
  (stage 'ready
         "Barrier: a login
may start once this is up."
         '(root-rw pseudo)))

(define online
  (stage 'online "All of it."
         '(ready console-tty1)))

(register-services (list ready online))
