;;; user-init.scm -- services of a user's session

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; Copy this to ~/.config/shepherd/init.scm, keep what you need, and run
;; `shepherd'.  Services whose program is missing are left out here, so that
;; the file works anywhere; in your own you would just name them.

(use-modules (shepherd support))        ;mkdir-p, %user-runtime-dir...

(define home (getenv "HOME"))

(define (in-home . names)
  (string-join (cons home names) "/"))

(define (in-runtime-directory name)
  (string-append %user-runtime-dir "/" name))

(define (log-file name)
  (string-append %user-log-dir "/" name ".log"))

(define (installed? program)
  (search-path (parse-path (getenv "PATH")) program))


;; The agent stays in the foreground with -D, which is how we like daemons.
;; Tell your shell about it: SSH_AUTH_SOCK=$XDG_RUNTIME_DIR/ssh-agent.
(define ssh-agent
  (service '(ssh-agent)
    #:documentation "Keep the keys of ssh."
    #:start (let ((socket (in-runtime-directory "ssh-agent")))
              (lambda ()
                ;; An agent that was killed leaves its socket behind.
                (when (file-exists? socket)
                  (delete-file socket))
                (fork+exec-command (list "ssh-agent" "-D" "-a" socket)
                                   #:log-file (log-file "ssh-agent"))))
    #:stop (make-kill-destructor)
    #:respawn? #t))

;; An editor that is always there.  It needs time to save its state when it
;; ends, and must not be restarted when one leaves it by C-x C-c.
(define emacs
  (service '(emacs editor)
    #:documentation "Run Emacs as a server, for emacsclient."
    #:requirement '(ssh-agent)
    #:start (make-forkexec-constructor
             '("emacs" "--fg-daemon")
             #:directory home
             #:environment-variables
             (cons (string-append "SSH_AUTH_SOCK="
                                  (in-runtime-directory "ssh-agent"))
                   (default-environment-variables))
             #:log-file (log-file "emacs"))
    #:stop (make-kill-destructor SIGTERM #:grace-period 30)))

;; Done once, when started; `herd start directories' does it again.
(define directories
  (service '(directories)
    #:documentation "Create the directories that other services write to."
    #:one-shot? #t
    #:start (lambda ()
              (mkdir-p (in-home "mail" "queue") #o700)
              #t)))

;; A script of one's own, at low priority, with little memory and an action.
(define indexer
  (service '(indexer)
    #:documentation "Index new mail every ten minutes."
    #:requirement '(directories)
    #:start (make-forkexec-constructor
             `("nice" "sh" "-c"
               ,(string-append "while :; do find mail -newer .indexed -type f "
                               "2>/dev/null | wc -l; touch .indexed; "
                               "sleep 600; done"))
             #:directory home
             #:resource-limits `((as ,(* 512 1024 1024) ,(* 512 1024 1024)))
             #:file-creation-mask #o077)
    #:stop (make-kill-destructor)
    #:respawn? #t
    #:respawn-delay 5
    #:actions (actions
               (pause "Stop working for a while."
                      (lambda (running)
                        (when running
                          (kill (- (process-id running)) SIGSTOP))))
               (continue "Go on working."
                         (lambda (running)
                           (when running
                             (kill (- (process-id running)) SIGCONT)))))))

(register-services (list ssh-agent emacs directories indexer))

;; Go to the background before anything is started.
(perform-service-action root-service 'daemonize)

(start-in-the-background
 (append '(indexer)
         (if (installed? "ssh-agent") '(ssh-agent) '())
         (if (and (installed? "emacs") (installed? "ssh-agent"))
             '(emacs)
             '())))
