;; init.scm -- a directory of services
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: bar keys backup
;; warnings: 4
;; Stands for: the way to have a file for each service that everyone copied.

(use-modules (shepherd service)
             ((ice-9 ftw) #:select (scandir)))

;; Load what is in init.d.
(for-each
 (lambda (file)
   (load (string-append "init.d/" file)))
 (scandir (string-append (dirname (current-filename)) "/init.d")
          (lambda (file)
            (string-suffix? ".scm" file))))

;; Go to the background.
(action 'shepherd 'daemonize)
