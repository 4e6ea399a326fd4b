;; init.scm -- what a generator of configurations made
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: gpg pipewire
;; stopped: timer-of-cron
;; warnings: 4
;; Stands for: the files of services loaded for their values, which 'apply' hands
;; to 'register-services'; errors of starting caught; 'root' daemonized.

(begin
  (use-modules (srfi srfi-34)
               (system repl error-handling))

  (define store (string-append (dirname (current-filename)) "/store/"))

  (apply register-services
         (map (lambda (file) (load file))
              (map (lambda (name) (string-append store name))
                   '("gpg.scm" "pipewire.scm" "timer.scm"))))

  (action 'root 'daemonize)
  (format #t "Starting services...~%")
  (for-each (lambda (service)
              (guard (c ((service-error? c)
                         (format (current-error-port)
                                 "failed to start service '~a'~%" service)))
                (start service)))
            '(gpg pipewire no-such-service))
  (newline))
