;; inline.scm -- services made where they are registered
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; running: editor agent sync
;; once: link
;; Stands for: 'make' inside 'register-services'; shell commands in several
;; strings; actions without documentation; no background.

(register-services

 (make <service>
   #:provides '(editor)
   #:start (make-system-constructor
            "touch $HOME/editor.running")
   #:stop (make-system-destructor
           "rm $HOME/editor.running"))

 (make <service>
   #:provides '(agent)
   #:start (make-system-constructor
            "touch " (getenv "HOME") "/agent" ".running")
   #:stop (make-system-destructor "rm " (getenv "HOME") "/agent.running"))

 (make <service>
   #:provides '(link)
   #:one-shot? #t
   #:start (make-system-constructor "ln -sf {agent,$HOME}.running link || true"))

 (make <service>
   #:provides '(sync)
   #:start (make-forkexec-constructor
            `("sleep" ,(string-append "100" "0005")))
   #:stop (make-kill-destructor)
   #:actions (make-actions
              (open (lambda (_) (system* "true" "--browser")))
              (rescan "Look at all files again."
                      (lambda (_ . args)
                        (zero? (system* "true")))))))

(for-each start '(editor agent sync))
