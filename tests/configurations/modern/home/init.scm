;; init.scm -- what a generator of home configurations makes
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: agent sound
;; stopped: jobs
;; Stands for: a module for each service's file, made as the daemon makes them;
;; files loaded for their values; standard input redirected at the end.

(begin
  (use-modules (srfi srfi-34)
               (system repl error-handling))

  (define store (string-append (dirname (current-filename)) "/store/"))

  (define (make-user-module)
    (let ((m (make-fresh-user-module)))
      (module-use! m (resolve-interface '(shepherd service)))
      m))

  (register-services
   (map (lambda (file)
          (save-module-excursion
           (lambda ()
             (set-current-module (make-user-module))
             (load (string-append store file)))))
        '("agent.scm" "sound.scm" "jobs.scm")))

  (perform-service-action root-service 'daemonize)

  (format #t "Starting services...~%")
  (let ((services-to-start '(agent sound)))
    (start-in-the-background services-to-start)

    (redirect-port (open-input-file "/dev/null")
                   (current-input-port))))
