;; sound.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(begin
  (use-modules (shepherd support))
  (define directory (string-append (getenv "HOME") "/made/below"))
  (mkdir-p directory)
  (service '(sound)
    #:requirement '(agent)
    #:start (make-forkexec-constructor
             (list "sleep" "1000002")
             #:directory directory
             #:environment-variables
             (cons* "SOUND=on" (default-environment-variables))
             #:log-file (string-append directory "/sound.log"))
    #:stop (make-kill-destructor)))
