;;; (shepherd process-group) -- who is in a process group.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (shepherd process-group)
  #:use-module ((srfi srfi-1) #:select (filter-map))
  #:use-module (shepherd core)
  #:use-module (shepherd file-contents)
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
  (filter-map (lambda (name)
                (let ((pid (string->number name)))
                  (and pid (in-group? pid group) pid)))
              (directory-entries "/proc")))
