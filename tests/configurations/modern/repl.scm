;; repl.scm -- a session's services, and a way to look into them
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: repl keyring mail
;; stopped: sync
;; Stands for: the REPL service, with a socket file of one's own; a parameter of
;; its module.

(use-modules
 (shepherd service)
 (shepherd service repl)
 (srfi srfi-1))

(define runtime-dir
  (string-append (getenv "HOME") "/run"))

(unless (file-exists? runtime-dir)
  (mkdir runtime-dir #o700))

(define* (simple name command #:key (requirement '()))
  (service (list name)
    #:requirement requirement
    #:start (make-forkexec-constructor command)
    #:stop (make-kill-destructor)
    #:respawn? #t))

(define services
  (list (parameterize ((default-repl-socket-file
                         (string-append runtime-dir "/repl")))
          (repl-service))
        (simple 'keyring '("sleep" "1000"))
        (simple 'mail '("sleep" "1000") #:requirement '(keyring))
        (simple 'sync '("sleep" "1000"))))

(register-services services)

(start-in-the-background
 (remove (lambda (name)
           (eq? name 'sync))
         (append-map service-provision services)))
