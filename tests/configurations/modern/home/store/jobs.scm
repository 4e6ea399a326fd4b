;; jobs.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(service '(jobs)
  #:requirement '(agent)
  #:respawn? '#f
  #:start (make-forkexec-constructor '("sleep" "1000003"))
  #:stop (make-kill-destructor SIGKILL))
