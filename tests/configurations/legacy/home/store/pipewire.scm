;; pipewire.scm -- loaded by init.scm
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(make <service>
  #:docstring '"Sound."
  #:provides '(pipewire)
  #:requires '(gpg)
  #:respawn? '#t
  #:start (lambda args
            (apply (make-forkexec-constructor
                    (list "sleep" "1000024")
                    #:log-file (string-append (or (getenv "XDG_LOG_HOME")
                                                  (getenv "HOME"))
                                              "/pipewire.log"))
                   args))
  #:stop (make-kill-destructor))
