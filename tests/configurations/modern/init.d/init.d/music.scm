;; music.scm -- registers and starts what it defines
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules
 (shepherd support))

(define music
  (service '(music)
    #:documentation "Runs `music'"
    #:respawn? #t
    #:start (make-forkexec-constructor '("sleep" "1000006"))
    #:stop (make-kill-destructor)))

(register-services (list music))
(start-in-the-background '(music))
