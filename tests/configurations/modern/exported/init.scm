;; init.scm -- names from a module of the user's own
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: by-helper
;; Stands for: modules that export names of the old interface.

(add-to-load-path (dirname (current-filename)))
(use-modules (helpers)
             (more-helpers))

(register-services (list (make 'by-helper "1000024")))
(start 'by-helper)
