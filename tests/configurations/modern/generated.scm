;; generated.scm -- what a generator of system configurations makes
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: processes net files
;; once: host-name
;; Stands for: parameters set at the top; starting guarded by an error handler;
;; services in one list; a requirement that all depend on.

(begin
  (use-modules (srfi srfi-34)
               (system repl error-handling))

  (default-environment-variables
    (list (string-append "PATH=" (getenv "PATH"))))
  (default-pid-file-timeout 30)

  (call-with-error-handling
   (lambda ()
     (register-services
      (parameterize ((current-warning-port (%make-void-port "w")))
        (list
         (service '(files)
           #:requirement '()
           #:start (lambda args
                     (sleep 0.05)
                     #t)
           #:stop (const #f))
         (service '(processes)
           #:documentation "Waits until all else may start."
           #:requirement '(files)
           #:start (const #t)
           #:stop (lambda _
                    (sync)
                    #f))
         (service '(net network loopback)
           #:requirement '(processes)
           #:start (make-forkexec-constructor '("sleep" "1000004"))
           #:stop (make-kill-destructor)
           #:respawn? #t)
         (service '(host-name)
           #:one-shot? #t
           #:requirement '(files)
           #:start (lambda _
                     (string? (gethostname)))))))))

  (let ((services '(processes net host-name)))
    (start-in-the-background services)
    (start-service (lookup-service 'net))))
