;; agent.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(begin
  (use-modules (shepherd service) (ice-9 match))
  (service '(agent ssh-agent)
    #:documentation '"Agent."
    #:requirement '()
    #:respawn? '#t
    #:respawn-limit '(5 . 7)
    #:respawn-delay 0.1
    #:start (make-forkexec-constructor (list "sleep" "1000001"))
    #:stop (make-kill-destructor)
    #:actions (list (action 'where
                            (lambda (running)
                              (format #t "~a~%" (process-id running)))
                            "Tell where."))))
