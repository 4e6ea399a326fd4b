;; backup.scm -- a service that is started if something is the case
;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(define backup
  (let* ((config-home (or (getenv "XDG_CONFIG_HOME")
                          (string-append (getenv "HOME") "/.config")))
         (job-file (string-append config-home "/cron/backup.scm")))
    (make <service>
      #:provides '(backup)
      #:docstring "Daily backups"
      #:start (make-forkexec-constructor
               `("sh" "-c" "exec sleep 1000012" ,job-file))
      #:stop (make-kill-destructor))))
(register-services backup)

(let ((PATH (parse-path (getenv "PATH"))))
  (unless (search-path PATH "no-such-program")
    (start backup)))
