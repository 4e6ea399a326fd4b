;; init.scm -- a configuration that is a module
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: music
;; warnings: 2
;; Stands for: 'define-module' at the top, with all that is needed, GOOPS
;; included, imported; ':select' without its number sign; files loaded into it.

(define-module (shepherd init)
  #:use-module (oop goops)
  #:use-module (shepherd service)
  #:use-module ((ice-9 ftw) :select (scandir))
  #:declarative? #f)

(for-each
 (lambda (file)
   (load (string-append "init.d/" file)))
 (scandir (string-append (dirname (current-filename)) "/init.d")
          (lambda (file)
            (string-suffix? ".scm" file))))

(action 'shepherd 'daemonize)
