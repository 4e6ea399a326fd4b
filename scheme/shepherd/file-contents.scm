;;; (shepherd file-contents) -- reading small files whole.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; For files that other programs write for the daemon, such as those of /proc:
;;; nothing leaks into children, and a FIFO does not block.

(define-module (shepherd file-contents)
  #:use-module (ice-9 textual-ports)
  #:export (file-contents))

(define (file-contents file)
  "Return the contents of @var{file} as a string, or @code{#f} if there is no such
file.  Throw @code{system-error} otherwise."
  (catch 'system-error
    (lambda ()
      (call-with-port (open file (logior O_RDONLY O_CLOEXEC O_NONBLOCK))
        get-string-all))
    (lambda arguments
      (if (memv (system-error-errno arguments) (list ENOENT ESRCH))
          #f
          (apply throw arguments)))))
