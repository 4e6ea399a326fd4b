;;; (shepherd log-source) -- where the output of a process goes.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The lines themselves never pass through Scheme: the logger thread reads the
;;; pipe.  A logger, here, is the name of a ring of recent lines beside the
;;; name of the file.

(define-module (shepherd log-source)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd core)
  #:use-module (shepherd host)
  #:use-module (shepherd lasting)
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
            detach-logger!
            note-past-log-files!
            past-log-files
            open-log-pipe
            rotate-log-file))

(define default-log-history-size
  ;; Number of lines of each process that are kept in memory.
  (make-parameter 20))

(define-record-type <logger>
  (%make-logger ring files)
  logger?
  (ring  logger-ring)                   ;positive integer
  (files logger-files set-logger-files!)) ;list of absolute file names

(define (make-logger ring files)
  "Return a logger to @var{files}, whose recent lines are in @var{ring}."
  (lasting (%make-logger ring files)))

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

(define (open-unread-fifo file)
  "Return a descriptor of @var{file}, which nobody reads, if that is a FIFO, and say
so; else @code{#f}."
  (let ((stat (stat file #f)))
    (and stat
         (eq? 'fifo (stat:type stat))
         (begin
           (local-output (l10n "Nobody reads the FIFO '~a'; what is logged there \
waits.")
                         file)
           (open-fdes file (logior O_RDWR O_NONBLOCK O_CLOEXEC))))))

(define (open-log-descriptor file)
  "Open the log file called @var{file}, an absolute name, and its parent
directories; return the descriptor.  Throw @code{system-error} with the file's
name otherwise."
  (catch 'system-error
    (lambda ()
      (%open-log-file file))
    (lambda (key . arguments)
      (let ((errno (system-error-errno (cons key arguments))))
        (or (and (= errno ENXIO)
                 (open-unread-fifo file))
            (scm-error 'system-error "fork+exec-command"
                       (l10n "cannot log to ~s: ~a")
                       (list file (strerror errno)) (list errno)))))))

(define (logger-recent-messages logger)
  "Return the latest lines that @var{logger} saw, latest first, as pairs of
seconds and string.  Suspends."
  (ask-host (lambda (id)
              (host-query-log! id (logger-ring logger)))))

(define (detach-logger! logger)
  "Forget the recent lines of @var{logger}; what still comes is logged."
  (unless (= %root-ring (logger-ring logger))
    (host-detach-log! (logger-ring logger))))


;;;
;;; Rotation.
;;;

(define past-files (make-weak-key-hash-table)) ;service -> list of file names

(define (note-past-log-files! service files)
  "Note that @var{service} has logged to @var{files}."
  (hashq-set! past-files service files))

(define (past-log-files service)
  "Return the names of the files that @var{service} logged to before it was
stopped."
  (hashq-ref past-files service '()))

(define (open-log-pipe)
  "Return two values: the read end of a new pipe, a descriptor for the logger, and
the write end, a port without buffer that makes the fiber wait while it is full."
  (match (pipe)
    ((read-end . write-end)
     (for-each (lambda (port)
                 (fcntl port F_SETFD FD_CLOEXEC)
                 (fcntl port F_SETFL
                        (logior O_NONBLOCK (fcntl port F_GETFL))))
               (list read-end write-end))
     (setvbuf write-end 'none)
     (values (port->fdes read-end) write-end))))

(define (call-with-log-file-open file proc)
  "Call @var{proc} while the logger writes to @var{file}, whoever else does."
  (let ((descriptor (%open-log-file file)))
    (call-with-values open-log-pipe
      (lambda (read-end write-end)
        (host-attach-log! #f descriptor file read-end #f 0)
        (let ((result (proc)))
          (close-port write-end)
          result)))))

(define (ask-to-rotate file rotated)
  "Return 0 or an error number."
  (catch 'system-error
    (lambda ()
      ;; With a writer there, the logger answers for writers to come as well.
      (call-with-log-file-open file
        (lambda ()
          (ask-host (lambda (id)
                      (host-rotate-log! id file rotated))))))
    (lambda arguments
      (system-error-errno arguments))))

(define (rotate-log-file logger file rotated)
  "Rename @var{file}, which @var{logger} writes to, @var{rotated}, and let it go on
with a new file of the old name.  No line is lost.  Return true if that was done;
otherwise say why not.  Suspends."
  (define (say format . arguments)
    (host-log! (apply format-message format arguments) #t)
    #f)

  (if (member file (logger-files logger))
      (begin
        (say (l10n "Rotating '~a' to '~a'.") file rotated)
        (match (ask-to-rotate file rotated)
          (0 #t)
          (errno
           (say (l10n "Failed to rotate '~a' to '~a': ~a.") file rotated
                (strerror errno)))))
      (say (l10n "Ignoring request to rotate '~a' (log file is '~a').")
           file (string-join (logger-files logger)))))
