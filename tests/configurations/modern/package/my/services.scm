;; services.scm -- a module that loads files
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (my services)
  #:declarative? #f
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 optargs)
  #:export (load-services-dir)
  #:export (%core-services))

(define %core-services '(login))

(define* (load-services-dir #:optional (path "/etc/shepherd.d"))
  (let ((services-dir path))
    (for-each
      (lambda (file)
        (when (string-suffix? ".scm" file)
          (load (string-append services-dir "/" file))))
      (or (scandir services-dir
                   (lambda (f) (string-suffix? ".scm" f)))
          '()))))
