;; collection.scm -- ready-made services
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: monitoring transient timer
;; Stands for: what the collection makes without much being said.

(use-modules
 (shepherd service)
 (shepherd service monitoring)
 (shepherd service timer)
 (shepherd service transient))

(perform-service-action root-service 'daemonize)

(register-services (list (monitoring-service #:period (* 15 60))))
(start-service (lookup-service 'monitoring))

(register-services (list (transient-service)
                         (timer-service)))
(start-in-the-background '(transient timer))
