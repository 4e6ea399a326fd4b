;;; (shepherd process-group) -- who is in a process group.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (shepherd process-group)
  #:use-module (shepherd core)
  #:export (group-members))

(define (in-group? pid group)
  (catch 'system-error
    (lambda ()
      (= group (%getpgid pid)))
    (lambda _
      ;; It ended meanwhile.
      #f)))

(define (group-members group)
  "Return the processes of process group @var{group}, from /proc."
  (let ((directory (opendir "/proc")))
    (let loop ((members '()))
      (let ((name (readdir directory)))
        (if (eof-object? name)
            (begin
              (closedir directory)
              members)
            (let ((pid (string->number name)))
              (loop (if (and pid (in-group? pid group))
                        (cons pid members)
                        members))))))))
