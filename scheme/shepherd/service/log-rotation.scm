;;; (shepherd service log-rotation) -- a service that rotates log files.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; FILE becomes FILE.1, and what was FILE.1 or FILE.1.gz, FILE.2 or FILE.2.gz,
;;; from the highest number down; whatever fails, no archive takes the place of
;;; another.  Files of services are renamed by the logger, between two lines.

(define-module (shepherd service log-rotation)
  #:use-module (ice-9 match)
  #:use-module ((srfi srfi-1) #:select (filter-map))
  #:use-module (srfi srfi-9)
  #:use-module (shepherd controller)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd file-contents)
  #:use-module (shepherd host)
  #:use-module (shepherd log-source)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd service)
  #:use-module (shepherd service timer)
  #:use-module (shepherd support)
  #:export (%default-log-compression
            %default-log-expiry
            %default-rotation-size-threshold
            rotate-past-logs
            log-rotation-service))

(define %default-log-compression
  ;; `gzip', `zstd', `none' or a procedure that is given a file name.
  (make-parameter 'gzip))

(define %default-log-expiry
  ;; Seconds after which archives are deleted.
  (make-parameter (* 90 24 3600)))

(define %default-rotation-size-threshold
  ;; Bytes up to which a file is left alone.
  (make-parameter 8192))

(define-record-type <settings>
  (make-settings external-files compression expiry threshold)
  settings?
  (external-files settings-external-files) ;list of file names
  (compression    settings-compression) ;see %default-log-compression
  (expiry         settings-expiry)      ;seconds
  (threshold      settings-threshold))  ;bytes


;;;
;;; Archives.
;;;

(define %extensions
  '("" ".gz" ".bz2" ".lz" ".lzma" ".xz" ".zst"))

(define (archive name stem)
  "Return @code{(NUMBER . EXTENSION)} if the file called @var{name} is an archive
of @var{stem}, or @code{#f}."
  (let* ((start (+ 1 (string-length stem)))
         (end (and (string-prefix? (string-append stem ".") name)
                   (or (string-index name #\. start) (string-length name))))
         (digits (and end (substring name start end))))
    (and digits
         (not (string-null? digits))
         (string-every (lambda (char) (char<=? #\0 char #\9)) digits)
         ;; 01 would become what 1 becomes.
         (not (char=? #\0 (string-ref digits 0)))
         (member (substring name end) %extensions)
         (cons (string->number digits) (substring name end)))))

(define (archives file)
  "Return @code{(NUMBER . EXTENSION)} for each archive of @var{file}, highest
first."
  (sort (filter-map (lambda (name)
                      (archive name (basename file)))
                    (directory-entries (dirname file)))
        (lambda (a b)
          (> (car a) (car b)))))

(define* (rotate-past-logs file #:optional (rotate rename-file))
  "Call @var{rotate} with the old and the new name of each archive of @var{file}:
@file{@var{file}.@var{n}}, or the same with the extension of a compressed file, and
the number after @var{n}.  The highest number comes first.  Suspends if
@var{rotate} does."
  (define (name number extension)
    (string-append file "." (number->string number) extension))

  (for-each (match-lambda
              ((number . extension)
               (rotate (name number extension)
                       (name (+ 1 number) extension))))
            (archives file)))

(define (seconds-old stat)
  (- (quotient (host-time) 1000000000) (stat:mtime stat)))

(define (move-archive settings)
  "Return the procedure that renames an archive, or deletes it when it is old."
  (lambda (old new)
    (if (> (seconds-old (lstat old)) (settings-expiry settings))
        (begin
          (log-message (l10n "Deleting old log file '~a'.") old)
          (delete-file old))
        (rename-file old new))))


;;;
;;; Compression.
;;;

(define (run-compressor command)
  (let ((status (spawn-command command)))
    (unless (zero? status)
      (log-message (l10n "Compression command ~a failed with status ~a.")
                   (string-join (map object->string command)) status))))

(define (compress compression file)
  "Compress @var{file}, as @var{compression} says.  Suspends."
  (match compression
    ('gzip (run-compressor (list "gzip" "-9" file)))
    ('zstd (run-compressor (list "zstd" "-q" "-9" "--rm" file)))
    ('none #t)
    (procedure
     (catch #t
       (lambda ()
         (procedure file))
       (lambda (key . arguments)
         (log-message (l10n "Failed to compress '~a': ~a")
                      file (exception->string key arguments)))))))


;;;
;;; Files that others write.
;;;

(define %chunk 1048576)

(define (copy-all in out)
  "Copy @var{in} to @var{out}, and empty it once there is nothing more in it."
  (let loop ((done 0))
    (let ((size (stat:size (stat in))))
      (if (< done size)
          (loop (+ done (sendfile out in (min %chunk (- size done)) done)))
          (unless (without-preemption
                   ;; No time for others between the look and the cut.
                   (and (= done (stat:size (stat in)))
                        (begin
                          (truncate-file in 0)
                          #t)))
            (loop done))))))

(define O_NOFOLLOW #o400000)

(define (copy-and-truncate file copy)
  "Let @var{copy}, a new file, have what is in @var{file}, and empty that.  If it
cannot be copied, it stays as it is."
  (let* ((in (open file (logior O_RDWR O_NOFOLLOW O_CLOEXEC)))
         (stat (stat in))
         (out (open copy (logior O_WRONLY O_CREAT O_EXCL O_NOFOLLOW O_CLOEXEC)
                    #o600)))
    (catch #t
      (lambda ()
        (chown out (stat:uid stat) (stat:gid stat))
        (chmod out (stat:perms stat))
        (copy-all in out)
        (close-port out)
        (close-port in))
      (lambda exception
        (delete-file copy)
        (close-port out)
        (close-port in)
        (apply throw exception))))
  #t)


;;;
;;; Rotation.
;;;

(define (examine file threshold)
  "Return true if @var{file} should be rotated; otherwise log why not."
  (match (catch-system-error (lstat file))
    (#f
     (log-message (l10n "Log file '~a' is inaccessible; not rotating.") file)
     #f)
    (stat
     (cond ((not (eq? 'regular (stat:type stat)))
            (log-message (l10n "Not rotating '~a', which is not a regular \
file.")
                         file)
            #f)
           ((<= (stat:size stat) threshold)
            (log-message (l10n "Not rotating '~a', which is below the ~a B \
threshold.")
                         file threshold)
            #f)
           (else #t)))))

(define (rotate-file settings file rotate)
  "Rotate @var{file}; @code{(@var{rotate} FILE NEW)} gives it another name, and
returns false if it could not.  Suspends."
  (catch #t
    (lambda ()
      (when (examine file (settings-threshold settings))
        (let ((new (string-append file ".1")))
          (rotate-past-logs file (move-archive settings))
          (when (rotate file new)
            (compress (settings-compression settings) new)
            (log-message (l10n "Rotated '~a'.") file)))))
    (lambda (key . arguments)
      (log-message (l10n "Failed to rotate '~a': ~a")
                   file (exception->string key arguments)))))

(define (service-files service)
  "Return the files that @var{service} logs to, or did before it was stopped, as
@code{(FILE LOGGER . NAME)}."
  (let* ((name (service-canonical-name service))
         (logger (service-logger service))
         (files (if logger
                    (logger-files logger)
                    (past-log-files service)))
         (logger (or logger (make-logger 0 files))))
    (map (lambda (file)
           (cons* file logger name))
         files)))

(define (files-of-services)
  "Return @code{(FILE LOGGER . NAME)} for each file, once."
  (let loop ((services (let ((services '()))
                         (for-each-service
                          (lambda (service)
                            (set! services (cons service services))))
                         (reverse services)))
             (files '()))
    (match services
      (() (reverse files))
      ((service . rest)
       (loop rest
             (append (reverse
                      (filter-map (lambda (entry)
                                    (and (not (assoc (car entry) files))
                                         entry))
                                  (service-files service)))
                     files))))))

(define (external-files settings)
  "Return the files of @var{settings} that no service has."
  (let ((taken (files-of-services)))
    (filter-map (lambda (file)
                  (let ((file (absolute-log-file file)))
                    (and (not (assoc file taken)) file)))
                (settings-external-files settings))))

(define (rotate-all settings)
  (for-each (match-lambda
              ((file logger . _)
               (rotate-file settings file
                            (lambda (file new)
                              (rotate-log-file logger file new)))))
            (files-of-services))
  (for-each (lambda (file)
              (rotate-file settings file copy-and-truncate))
            (external-files settings)))

(define (show-files settings)
  (for-each (match-lambda
              ((file _ . name)
               (local-output "~a\t~a" file name)))
            (files-of-services))
  (for-each (lambda (file)
              (local-output (l10n "~a\t(external)") file))
            (external-files settings))
  #t)


;;;
;;; The service.
;;;

(define (compression? object)
  (or (memq object '(gzip zstd none))
      (procedure? object)))

(define (size? object)
  (and (exact-integer? object) (>= object 0)))

(define (duration? object)
  (and (real? object) (>= object 0)))

(define %sunday-evening
  (calendar-event #:minutes '(0) #:hours '(22) #:days-of-week '(sunday)))

(define* (log-rotation-service
          #:optional (event %sunday-evening)
          #:key (provision '(log-rotation)) (requirement '())
          (external-log-files '())
          (compression (%default-log-compression))
          (expiry (%default-log-expiry))
          (rotation-size-threshold (%default-rotation-size-threshold)))
  "Return a timed service that, when @var{event} occurs, rotates the log files of
all services, and @var{external-log-files}, a list of the names of files that
others write, if they have more than @var{rotation-size-threshold} bytes.  The
latest archive is compressed as @var{compression} says: @code{gzip}, @code{zstd},
@code{none} or a procedure that is called with its name.  Archives older than
@var{expiry} seconds are deleted."
  (check-argument-types (calendar-event? event)
                        (list-of-strings? external-log-files)
                        (compression? compression)
                        (duration? expiry)
                        (size? rotation-size-threshold))
  (let ((settings (make-settings external-log-files compression expiry
                                 rotation-size-threshold)))
    (service provision
             #:requirement requirement
             #:documentation (l10n "Rotate log files.")
             #:start (make-timer-constructor event
                                             (lambda ()
                                               (rotate-all settings)))
             #:stop (make-timer-destructor)
             #:actions
             (list timer-trigger-action
                   (action 'files
                           (lambda _
                             (show-files settings))
                           (l10n "List the log files that are rotated."))))))
