;; default.scm -- what old versions wrote for a user without configuration
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; Stands for: nothing registered, nothing started; "shepherd" sent to the
;; background by action, and in the words of the last version that did this.

;; Add services here.
(register-services)

;; Go to the background.
(action 'shepherd 'daemonize)
(perform-service-action 'shepherd 'daemonize)

;; Add the names of services to start here.
(for-each start '())
