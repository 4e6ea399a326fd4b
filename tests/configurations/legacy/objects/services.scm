;; services.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define (make-service . args)
  (apply make <service> args))

(define clock
  (make-service
   #:provides '(clock)
   #:start (make-forkexec-constructor '("sleep" "1000008"))
   #:stop (make-kill-destructor)))

(define clip
  (make-service
   #:provides '(clip)
   #:start (make-forkexec-constructor '("sleep" "1000009"))
   #:stop (make-kill-destructor)))
