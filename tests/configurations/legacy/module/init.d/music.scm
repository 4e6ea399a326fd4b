;; music.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define music
  (make <service>
    #:provides '(music)
    #:docstring "Play music."
    #:respawn? #f
    #:start (make-forkexec-constructor '("sleep" "1000013"))
    #:stop (make-kill-destructor)))

(register-services music)
(start music)
