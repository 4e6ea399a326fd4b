;; timer.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(make <service>
  #:docstring '"Jobs."
  #:provides '(timer-of-cron)
  #:requires '(gpg)
  #:respawn? '#f
  #:start (make-forkexec-constructor '("sleep" "1000025"))
  #:stop (make-kill-destructor))
