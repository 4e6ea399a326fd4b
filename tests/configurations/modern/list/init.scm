;; init.scm -- files loaded one by one, by absolute names
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: bus
;; Stands for: the directory of the file taken from 'current-filename'; a service
;; with a 'status' action of its own.

(use-modules (shepherd service)
             (shepherd support)
             (ice-9 ftw))

(define config-dir
  (dirname (current-filename)))

(load (string-append config-dir "/services/bus.scm"))

(register-services (list bus-service))

(perform-service-action root-service 'daemonize)

(start-in-the-background '(bus-session))
