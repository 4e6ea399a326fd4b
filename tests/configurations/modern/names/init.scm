;; init.scm -- names of files and services computed
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: one two
;; Stands for: 'load' as a procedure; names that become symbols; Fibers imported;
;; services started one after the other, as objects.

(use-modules
 (shepherd service)
 (fibers)
 (fibers channels))

(perform-service-action root-service 'daemonize)

(define %autostart-services
  (list "one"
        ;; "three"
        "two"))

(let* ((init-d (string-append (dirname (current-filename)) "/init.d/"))
       (scm-files (map (lambda (s) (string-append init-d s ".scm"))
                       %autostart-services)))
  (for-each load scm-files))

(define channel (make-channel))
(spawn-fiber
 (lambda ()
   (sleep 0.1)
   (put-message channel (map string->symbol %autostart-services))))
(start-in-the-background (get-message channel))
(for-each start-service (list one two))
