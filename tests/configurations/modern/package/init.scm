;; init.scm -- a package of modules for a distribution
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: tty1 login
;; Stands for: modules of one's own on the load path, which export services, and
;; procedures that load files for their caller.

(add-to-load-path (dirname (current-filename)))
(use-modules (shepherd service timer)
             (ice-9 ftw)
             (my services)
             (my login))

(load-services-dir (string-append (dirname (current-filename)) "/services"))

(register-services (list login-service))
(start-in-the-background
  (cons* 'tty1 %core-services))
