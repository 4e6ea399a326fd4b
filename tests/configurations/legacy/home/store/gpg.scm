;; gpg.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(begin
  (use-modules (ice-9 match) (srfi srfi-1))
  (make <service>
    #:docstring '"Agent."
    #:provides '(gpg ssh-agent)
    #:requires '()
    #:one-shot? '#f
    #:respawn? '#t
    #:start (make-forkexec-constructor (list "sleep" "1000023"))
    #:stop (make-kill-destructor)
    #:actions (make-actions)))
