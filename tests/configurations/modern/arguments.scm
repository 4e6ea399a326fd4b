;; arguments.scm -- services registered as separate arguments
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: player player-watch server
;; once: link
;; stopped: vpn
;; Stands for: files changed from the old interface as little as possible: still
;; no list for 'register-services'; 'start-service' in place of 'start'.

(use-modules (shepherd service timer))

(define player
  (service '(player)
    #:respawn? #t
    #:start (make-forkexec-constructor '("sleep" "1000010"))
    #:stop (make-kill-destructor)))

(define player-watch
  (service '(player-watch)
    #:respawn? #t
    #:start (make-forkexec-constructor '("sleep" "1000011"))
    #:stop (make-kill-destructor)
    #:requirement '(player)))

(define server
  (service '(server)
    #:respawn? #t
    #:start (make-forkexec-constructor
             (if (file-exists? "/no/such/file")
                 '("/no/such/program")
                 '("sleep" "1000012")))
    #:stop (make-kill-destructor)))

(define vpn
  (service '(vpn)
    #:respawn? #t
    #:start (make-forkexec-constructor '("sleep" "1000013"))
    #:stop (make-kill-destructor)))

(define link
  (service '(link)
    #:one-shot? #t
    #:start (make-system-constructor "ln -sf {app,$HOME}/x link || true")))

(register-services
 player
 player-watch
 server
 ;; nothing
 vpn
 link)

(perform-service-action root-service 'daemonize)

(for-each start-service
          (list
           player
           player-watch
           server))
