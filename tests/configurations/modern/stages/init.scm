;; init.scm -- a system booted in stages
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: console
;; once: root-rw pseudo ready reboot halt online
;; Stands for: a file that calls its module (shepherd config), which is one of
;; ours; a directory of files that share helpers; targets that are one-shot
;; services; services called as the commands that end it all.

(define-module (shepherd config) #:declarative? #f)
(use-modules ((ice-9 ftw) #:select (scandir))
             (srfi srfi-1))

(define %services-dir
  (or (getenv "NO_SERVICES_DIR")
      (string-append (dirname (current-filename)) "/services.d")))

(define (load-services dir)
  (for-each
   (lambda (file)
     (load (string-append dir "/" file)))
   (scandir dir
            (lambda (f)
              (and (string-suffix? ".scm" f)
                   (not (string-prefix? "." f)))))))

(load-services %services-dir)

(unless (equal? (getenv "NO_AUTOBOOT") "1")
  (start-in-the-background '(online)))
