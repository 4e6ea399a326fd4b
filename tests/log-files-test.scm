;;; log-files-test.scm -- files that one logs to oneself

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (ice-9 textual-ports)
             (srfi srfi-64)
             (shepherd logger))

(define directory (getenv "TMPDIR"))

(define (file name)
  (string-append directory "/" name))

(define (contents name)
  (call-with-input-file (file name) get-string-all #:encoding "UTF-8"))

(define-syntax-rule (output-of expression ...)
  (call-with-output-string
    (lambda (port)
      (parameterize ((current-output-port port))
        expression ...))))

(define (errno-of thunk)
  (catch 'system-error thunk
    (lambda arguments
      (system-error-errno arguments))))

;; Lines have local time.
(setenv "TZ" "UTC")
(tzset)
(umask #o022)

(test-begin "log-files")

(test-equal "a log file is made, with its directories, for its group to read"
  '(#o640 FD_CLOEXEC "UTF-8")
  (let* ((port (open-log-file (file "a/b/log")))
         (result (list (stat:perms (stat (file "a/b/log")))
                       (if (= FD_CLOEXEC (fcntl port F_GETFD))
                           'FD_CLOEXEC
                           'inherited)
                       (port-encoding port))))
    (close-port port)
    result))

(test-equal "or with another mode"
  #o600
  (begin
    (close-port (open-log-file (file "private") #o600))
    (stat:perms (stat (file "private")))))

(test-equal "lines are added, each with its time"
  '(1000000000 0
    "2001-09-09 01:46:40 one\n1970-01-01 00:00:00 zwei \u00fc\n00 three\n")
  (let* ((port (open-log-file (file "log")))
         (now (log-line "one" port 1000000000)))
    (close-port port)
    (let* ((port (open-log-file (file "log")))
           (then (log-line "zwei \u00fc" port 0)))
      (log-line "three" port 0 #:date-format "%S ")
      (close-port port)
      (list now then (contents "log")))))

(test-assert "the time is now if nothing else is said"
  (let ((before (current-time)))
    (<= before
        (log-line "x" (%make-void-port "w"))
        (current-time))))

(test-equal "a disk that is full is no error"
  7
  (let* ((port (open-log-file "/dev/full"))
         (now (log-line "lost" port 7)))
    (setvbuf port 'none)
    (false-if-exception (close-port port))
    now))

(test-equal "a FIFO that nobody reads is one, at once"
  ENXIO
  (begin
    (mknod (file "fifo") 'fifo #o600 0)
    (errno-of (lambda () (open-log-file (file "fifo"))))))

(define (rotate from to)
  "Write to file FROM, rotate it to TO, write again.  Return the output, whether
that was done, and the descriptor that is still open."
  (let* ((port (open-log-file (file from)))
         (new #f))
    (log-line "before" port 0)
    (let ((output (output-of
                   (set! new (rotate-and-reopen-log-file port (file from)
                                                         (file to))))))
      (log-line "after" (or new port) 0)
      (let ((closed? (port-closed? port)))
        (for-each close-port (if new (list port new) (list port)))
        (list output (port? new) closed?)))))

(test-equal "a file is rotated: a new one begins, the old one says so"
  (list (string-append "Rotating '" (file "r") "' to '" (file "r.1") "'.\n")
        #t #t #o640 "1970-01-01 00:00:00 after\n")
  (append (rotate "r" "r.1")
          (list (stat:perms (stat (file "r"))) (contents "r"))))

(test-assert "with an empty line and the time"
  (let ((text (contents "r.1")))
    (and (string-prefix? "1970-01-01 00:00:00 before\n\n" text)
         (string-suffix? " Rotating log.\n" text))))

(test-equal "where it cannot be, one can go on"
  (list (string-append "Rotating '" (file "s") "' to '" (file "none/s")
                       "'.\nFailed to rotate '" (file "s") "' to '"
                       (file "none/s") "': No such file or directory.\n")
        #f #f "1970-01-01 00:00:00 before\n1970-01-01 00:00:00 after\n")
  (append (rotate "s" "none/s")
          (list (contents "s"))))

(test-assert "loggers, on the other hand, are in shepherd only"
  (let ((message (catch #t
                   (lambda ()
                     (spawn-service-file-logger (file "t")
                                                (car (pipe)))
                     "")
                   (lambda (key . arguments)
                     (object->string arguments)))))
    (string-contains message "only available inside shepherd")))

(test-equal "lines that are kept of each, if nothing else is said"
  20
  (default-log-history-size))

(test-end "log-files")
