;;; (shepherd scripts program) -- becoming one of the package's programs.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The programs are written in C; their `main' procedures are for Scheme
;;; programs that call them by that name.  Others of the same name, which PATH
;;; may lead to, are not looked for: they may end the machine.

(define-module (shepherd scripts program)
  #:use-module ((shepherd scheduler fiber) #:select (current-fiber))
  #:use-module (shepherd support)
  #:export (program-directory
            become-program))

(define program-directory
  ;; Where all programs are; #f: where each was to be installed.
  (make-parameter #f))

(define (become-program name directory arguments)
  "Execute program @var{name} of @var{directory}, a string, with @var{arguments}, a
list of strings, in place of what runs now.  If that fails, say why and exit with
status 1; in the daemon, throw @code{misc-error}."
  (let ((file (string-append (or (program-directory) directory) "/" name)))
    (when (current-fiber)
      (scm-error 'misc-error "main"
                 (l10n "this would replace shepherd itself by ~a; use \
spawn-command")
                 (list file) #f))
    (catch 'system-error
      (lambda ()
        (flush-all-ports)
        (apply execl file name arguments))
      (lambda exception
        (parameterize ((program-name name))
          (report-error (l10n "cannot run ~a: ~a")
                        file (strerror (system-error-errno exception))))
        (exit 1)))))
