;; plain.scm -- the most frequent kind
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: mail calendar index
;; stopped: notes
;; Stands for: services defined one by one, without any module imported,
;; registered as separate arguments, the daemon sent to the background, services
;; started by name.

(define mail
  (make <service>
    #:provides '(mail)
    #:respawn? #t
    #:start (make-forkexec-constructor '("sleep" "1000001"))
    #:stop  (make-kill-destructor)))

(define calendar
  (make <service>
    #:provides '(calendar)
    #:respawn? #t
    #:start (make-forkexec-constructor '("sleep" "1000002"))
    #:stop (make-kill-destructor)
    #:requires '(mail)))

(define index
  (make <service>
    #:provides '(index search)
    #:requires '()
    #:docstring "Index the mail."
    #:start (make-forkexec-constructor
             '("sh" "-c" "echo indexing; exec sleep 1000003")
             #:log-file (string-append (getenv "HOME") "/index.log")
             #:directory (getenv "HOME")
             #:environment-variables (cons "INDEX=all" (environ)))
    #:stop (make-kill-destructor SIGTERM)))

(define notes
  (make <service>
    #:provides '(notes)
    #:start (make-forkexec-constructor '("sleep" "1000004"))
    #:stop (make-kill-destructor)
    #:respawn? #f))

(register-services mail calendar index notes)
(action 'shepherd 'daemonize) ; into the background

;; (notes only when asked for)
(for-each start '(mail calendar index))
