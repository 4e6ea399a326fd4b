;; goops.scm -- GOOPS imported into the configuration
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: emacs cron
;; Stands for: (oop goops) imported, so that its 'make' is meant; the daemon in the
;; background first; names of (shepherd support), which old files did not import;
;; a directory of services that may be missing; services started from a list.

(use-modules (shepherd service)
             (oop goops)
             ((ice-9 ftw) #:select (scandir)))

(define %log-directory
  (string-append (or (getenv "HOME")
                     (passwd:dir (getpwuid (getuid))))
                 "/.local-log"))

(unless (file-exists? %log-directory)
  (mkdir %log-directory))

;; Before anything that is respawned is started.
(action 'shepherd 'daemonize)

(define emacs
  (make <service>
    #:docstring "Emacs daemon"
    #:provides '(emacs emacs-daemon)
    #:start (make-forkexec-constructor
             '("sleep" "1000014")
             #:log-file (string-append %log-directory "/emacs.log"))
    #:stop (make-kill-destructor)
    #:respawn? #t))

(register-services emacs)

(define cron
  (make <service>
    #:docstring "cron"
    #:provides '(cron vixie-cron)
    #:start (make-forkexec-constructor
             '("sleep" "1000015")
             #:log-file (string-append %user-log-dir "/cron.log"))
    #:stop (make-kill-destructor)
    #:respawn? #t))

(register-services cron)

(define daemons
  (list emacs cron))

(let ((init-dir (string-append %user-config-dir "/init.d")))
  (for-each (lambda (file)
              (load (string-append init-dir "/" file)))
            (or (scandir init-dir
                         (lambda (file)
                           (string-suffix? ".scm" file)))
                '())))

(for-each start daemons)
