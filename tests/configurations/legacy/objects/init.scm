;; init.scm -- services in a file of their own
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: clock
;; stopped: clip
;; warnings: 2
;; Stands for: a relative name of a file beside this one; lists of services,
;; chosen by the environment, registered with 'apply' and started as objects.

(use-modules (shepherd service))

(define (in-window-system?)
  (not (eq? #f (getenv "DISPLAY_OF_THIS_TEST"))))

(define (services-applicable)
  (if (in-window-system?) window-services console-services))

(load "services.scm")

(define unused-services  (list ;; tray
                          ))
(define console-services (list clock))
(define window-services  (list clock clip))

(apply register-services (append unused-services window-services))

(action 'shepherd 'daemonize)

(for-each start (services-applicable))
