;; more-helpers.scm -- uses them beside (shepherd service)
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (more-helpers)
  #:use-module (helpers)
  #:use-module (shepherd service)
  #:export (make-and-start))

(define (make-and-start name seconds)
  (register-services (list (make name seconds)))
  (start name))
