;;; (shepherd scripts herd) -- the program herd, called from Scheme.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (shepherd scripts herd)
  #:use-module (shepherd config)
  #:use-module (shepherd scripts program)
  #:export (main))

(define (main . arguments)
  "Become the program herd, with the strings @var{arguments} as its command
line."
  (become-program "herd" %bindir arguments))
