;;; (shepherd scripts halt) -- the program halt, called from Scheme.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (shepherd scripts halt)
  #:use-module (shepherd config)
  #:use-module (shepherd scripts program)
  #:export (main))

(define (main . arguments)
  "Become the program halt, with the strings @var{arguments} as its command
line."
  (become-program "halt" %sbindir arguments))
