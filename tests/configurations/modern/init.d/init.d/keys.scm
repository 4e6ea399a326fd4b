;; keys.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define keys
  (let* ((bin "/bin/")
         (true (string-append bin "true")))
    (service '(keys)
             #:start (make-system-constructor
                      (string-join (list true "/bye") " "))
             #:stop (make-system-destructor
                     (string-join (list true "--kill" "keys") " "))
             #:respawn? #f)))
