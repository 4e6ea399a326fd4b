;; init.scm -- a directory of services
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: mail music
;; stopped: keys
;; Stands for: the way to have a file for each service that everyone copied, for
;; this version; 'root' by its other name.

(use-modules (shepherd service)
             ((ice-9 ftw) #:select (scandir)))

;; Go to the background.
(perform-service-action (lookup-running 'shepherd) 'daemonize)

     ;; Load what is in init.d.
     (for-each
       (lambda (file)
         (load (string-append "init.d/" file)))
       (scandir (string-append (dirname (current-filename)) "/init.d")
                (lambda (file)
                  (string-suffix? ".scm" file))))

(register-services (list mail keys))

(start-in-the-background '(mail))
