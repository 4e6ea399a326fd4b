;; internals.scm -- what is not exported
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: outer watched
;; Stands for: '@@' into (shepherd service), for the methods of other services and
;; for processes that are to be watched.

(use-modules (shepherd service transient))

(define inner (transient-service '(inner)))

(register-services
 (list
  (service '(outer)
    #:start ((@@ (shepherd service) service-start) inner)
    #:stop ((@@ (shepherd service) service-stop) inner))
  (service '(watched)
    #:respawn? #t
    #:start (lambda _
              (let ((pid (fork+exec-command (list "sleep" "1000026")
                                            #:environment-variables
                                            (environ))))
                ((@@ (shepherd service) monitor-service-process)
                 (current-service) pid)
                pid))
    #:stop (make-kill-destructor))))

(start-in-the-background '(outer watched))
