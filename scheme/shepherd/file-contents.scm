;;; (shepherd file-contents) -- reading small files and directories whole.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; For files that other programs write for the daemon, such as those of /proc:
;;; nothing leaks into children, and a FIFO does not block.

(define-module (shepherd file-contents)
  #:use-module (ice-9 textual-ports)
  #:export (file-contents
            directory-entries))

(define (get-some port limit)
  (let ((text (get-string-n port limit)))
    (if (eof-object? text) "" text)))

(define* (file-contents file #:optional limit)
  "Return the contents of @var{file} as a string, at most the first @var{limit}
characters, or @code{#f} if there is no such file.  Throw @code{system-error}
otherwise."
  (catch 'system-error
    (lambda ()
      (call-with-port (open file (logior O_RDONLY O_CLOEXEC O_NONBLOCK))
        (if limit
            (lambda (port)
              (get-some port limit))
            get-string-all)))
    (lambda arguments
      (if (memv (system-error-errno arguments) (list ENOENT ESRCH))
          #f
          (apply throw arguments)))))

(define (directory-entries directory)
  "Return the names of what is in @var{directory}, @file{.} and @file{..} among
them.  Throw @code{system-error} if it cannot be read."
  (let ((stream (opendir directory)))
    (let loop ((names '()))
      (let ((name (readdir stream)))
        (if (eof-object? name)
            (begin
              (closedir stream)
              names)
            (loop (cons name names)))))))
