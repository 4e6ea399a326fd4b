;;; (shepherd log-source) -- where the output of a process goes.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The lines themselves never pass through Scheme: the logger thread reads the
;;; pipe.  A logger, here, is the name of a ring of recent lines beside the
;;; name of the file.

(define-module (shepherd log-source)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd core)
  #:use-module (shepherd host)
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd support)
  #:export (default-log-history-size
            make-logger
            logger?
            logger-ring
            logger-files
            add-logger-file!
            root-logger
            file-logger
            fresh-ring
            skip-rings!
            absolute-log-file
            open-log-descriptor
            logger-recent-messages
            detach-logger!))

(define default-log-history-size
  ;; Number of lines of each process that are kept in memory.
  (make-parameter 20))

(define-record-type <logger>
  (make-logger ring files)
  logger?
  (ring  logger-ring)                   ;positive integer
  (files logger-files set-logger-files!)) ;list of absolute file names

(define %root-ring 1)                   ;LOGGER_ROOT_RING of logger.h

(define* (root-logger #:optional (files '()))
  "Return the logger of the daemon's own messages, which go to @var{files}."
  (make-logger %root-ring files))

(define %last-ring %root-ring)

(define (fresh-ring)
  "Return the number of a new ring."
  (without-preemption
   (set! %last-ring (+ 1 %last-ring))
   %last-ring))

(define (file-logger file)
  "Return a new logger to @var{file}, a name that may be relative, or, if it is
@code{#f}, to the daemon's log."
  (make-logger (fresh-ring)
               (if file (list (absolute-log-file file)) '())))

(define (add-logger-file! logger file)
  "Note that @var{logger} writes to @var{file}, an absolute name, as well."
  (without-preemption
   (unless (member file (logger-files logger))
     (set-logger-files! logger (append (logger-files logger) (list file))))))

(define (skip-rings! last)
  "Take the rings up to number @var{last} for used."
  (set! %last-ring (max last %last-ring)))

(define (absolute-log-file file)
  "Return the absolute name of @var{file}."
  (if (absolute-file-name? file)
      file
      (string-append (getcwd) "/" file)))

(define (open-log-descriptor file)
  "Open the log file called @var{file}, an absolute name, and its parent
directories; return the descriptor.  Throw @code{system-error} with the file's
name otherwise."
  (catch 'system-error
    (lambda ()
      (%open-log-file file))
    (lambda (key . arguments)
      (let ((errno (system-error-errno (cons key arguments))))
        (local-output (l10n "Failed to open log file '~a': ~a.")
                      file (strerror errno))
        (scm-error 'system-error "open-log-file" "~A: ~A"
                   (list file (strerror errno)) (list errno))))))

(define (logger-recent-messages logger)
  "Return the latest lines that @var{logger} saw, latest first, as pairs of
seconds and string.  Suspends."
  (ask-host (lambda (id)
              (host-query-log! id (logger-ring logger)))))

(define (detach-logger! logger)
  "Forget the recent lines of @var{logger}; what still comes is logged."
  (unless (= %root-ring (logger-ring logger))
    (host-detach-log! (logger-ring logger))))
