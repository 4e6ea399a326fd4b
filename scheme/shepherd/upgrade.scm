;;; (shepherd upgrade) -- executing the program anew, on purpose.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (shepherd upgrade)
  #:use-module (ice-9 match)
  #:use-module ((ice-9 rdelim) #:select (read-line))
  #:use-module (srfi srfi-11)
  #:use-module (shepherd conditions)
  #:use-module (shepherd core)
  #:use-module (shepherd process)
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (re-execute))

(define (read-all port)
  "Return what comes from @var{port}, a pipe, until its end.  Suspends."
  (let loop ((lines '()))
    (match (read-line port)
      ((? eof-object?) (reverse lines))
      (line (loop (cons line lines))))))

(define (rehearse program)
  "Have @var{program} try to read what it would find.  Return true, and what it
printed, a list of lines.  Suspends."
  (let* ((legacy (%legacy))
         (ends (pipe))
         (in (car ends)))
    (for-each (lambda (end)
                (fcntl end F_SETFD FD_CLOEXEC))
              (list in (cdr ends)))
    (fcntl in F_SETFL (logior O_NONBLOCK (fcntl in F_GETFL)))
    (let-values (((pid child)
                  (catch #t
                    (lambda ()
                      (spawn-process (list program "--rehearse")
                                     ;; What it will have, not what services do.
                                     #:environment-variables (environ)
                                     #:output-port (cdr ends)
                                     #:extra-ports legacy))
                    (lambda exception
                      (close-port in)
                      (for-each close-fdes legacy)
                      (close-port (cdr ends))
                      (apply throw exception)))))
      (for-each close-fdes legacy)
      (close-port (cdr ends))
      (let ((lines (read-all in)))
        (close-port in)
        (values (zero? (await-child child)) lines)))))

(define (re-execute)
  "Execute the program anew, if a rehearsal goes well, and have the client
answered by the new image.  Does not return, then.  Suspends."
  (let ((program (%program)))
    (let-values (((good? lines) (rehearse program)))
      (cond (good?
             (local-output (l10n "Executing ~a.") program)
             (%reexec (current-client))
             (wait (make-condition)))
            (else
             (for-each (lambda (line)
                         (local-output "~a" line))
                       lines)
             (raise-message #f (l10n "~a cannot take over from this process, \
which goes on")
                            program))))))
