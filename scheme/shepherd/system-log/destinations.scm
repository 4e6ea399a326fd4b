;;; (shepherd system-log destinations) -- the files that messages go to.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Each file is written by the logger's threads, from a pipe of its own: a disk
;;; that stalls holds up nobody else, rotation loses no line, and what is in the
;;; pipe outlives a crash of this interpreter.  One more pipe is for the recent
;;; lines.  Lines are gathered, and written by `flush-destinations!'.

(define-module (shepherd system-log destinations)
  #:use-module (ice-9 binary-ports)
  #:use-module (ice-9 match)
  #:use-module (rnrs bytevectors)
  #:use-module ((srfi srfi-1) #:select (filter-map))
  #:use-module (srfi srfi-9)
  #:use-module (shepherd controller)
  #:use-module (shepherd core)
  #:use-module (shepherd host)
  #:use-module (shepherd log-source)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (open-destinations
            destinations-logger
            destination-files
            put-line!
            put-everywhere!
            flush-destinations!
            close-destinations!
            destinations->datum
            datum->destinations))

(define-record-type <channel>
  (make-channel file port lines)
  channel?
  (file  channel-file)                  ;string; #f for recent lines
  (port  channel-port)                  ;write end of its pipe
  (lines channel-lines set-channel-lines!)) ;to be written, latest first

(define-record-type <destinations>
  (make-destinations logger recent channels failures changed)
  destinations?
  (logger   destinations-logger)
  (recent   recent-lines)               ;channel
  (channels channels set-channels!)     ;list of <channel>, in order of opening
  (failures failures)                   ;hash table: file -> (TEXT . RETRY)
  (changed  changed))                   ;thunk, called when there is a new file

;; Seconds until a file that could not be opened is tried again.
(define %patience 5)

(define (open-channel file path descriptor ring history)
  "Return a channel for @var{file}, or @code{#f}, whose lines go to
@var{descriptor}, open on @var{path}, and to @var{ring}, if not @code{#f}."
  (call-with-values open-log-pipe
    (lambda (read-end port)
      (host-attach-log! ring descriptor path read-end #f history)
      (keep-descriptor! (fileno port))
      (make-channel file port '()))))

(define (open-destinations history changed)
  "Return the destinations of a system log: no file so far, @var{history} recent
lines.  @var{changed}, a thunk, is called when there is another file."
  (let ((logger (file-logger #f)))
    (make-destinations logger (open-recent-lines logger history)
                       '() (make-hash-table) changed)))

(define (open-recent-lines logger history)
  (let ((file "/dev/null"))
    (open-channel #f file (%open-log-file file) (logger-ring logger) history)))

(define (destination-files destinations)
  "Return the names of the files that are open."
  (map channel-file (channels destinations)))


;;;
;;; Opening files.
;;;

(define (open-file file)
  "Open @var{file} for the logger.  A device that is not there is not made a
file."
  (when (and (string-prefix? "/dev/" file)
             (not (file-exists? file)))
    (scm-error 'system-error "open" "~A" (list (strerror ENOENT))
               (list ENOENT)))
  (%open-log-file file))

(define (fail! destinations file text)
  "Note that @var{file} cannot be opened; tell so unless that is known."
  (let ((known (hash-ref (failures destinations) file)))
    (hash-set! (failures destinations) file
               (cons text (+ (host-now) (* %patience 1000000000))))
    (unless (and known (string=? text (car known)))
      (log-message (l10n "Failed to open log file '~a': ~a") file text))))

(define (failed-lately? destinations file)
  (match (hash-ref (failures destinations) file)
    (#f #f)
    ((_ . retry) (< (host-now) retry))))

(define (open-destination! destinations file)
  "Return a channel for @var{file}, or @code{#f}."
  (catch #t
    (lambda ()
      (let ((channel (open-channel file file (open-file file) #f 0)))
        (hash-remove! (failures destinations) file)
        (set-channels! destinations
                       (append (channels destinations) (list channel)))
        (add-logger-file! (destinations-logger destinations) file)
        ((changed destinations))
        channel))
    (lambda (key . arguments)
      (fail! destinations file
             (if (eq? key 'system-error)
                 (strerror (system-error-errno (cons key arguments)))
                 (exception-text key arguments)))
      #f)))

(define (find-channel destinations file)
  (let loop ((channels (channels destinations)))
    (match channels
      (() #f)
      ((channel . rest)
       (if (string=? file (channel-file channel))
           channel
           (loop rest))))))

(define (destination destinations file)
  "Return the channel for @var{file}, an absolute name, or @code{#f}."
  (or (find-channel destinations file)
      (and (not (failed-lately? destinations file))
           (open-destination! destinations file))))


;;;
;;; Lines.
;;;

(define (add! channel line)
  (set-channel-lines! channel (cons* "\n" line (channel-lines channel))))

(define (put-line! destinations files date line)
  "Add @var{line} to @var{files}, a list of names, after @var{date}, and to the
recent lines."
  (unless (null? files)
    (add! (recent-lines destinations) line)
    (let ((line (string-append date line)))
      (for-each (lambda (file)
                  (let ((channel (destination destinations
                                              (absolute-log-file file))))
                    (when channel
                      (add! channel line))))
                files))))

(define (put-everywhere! destinations line)
  "Add @var{line}, which is no message, to all files that are open."
  (for-each (lambda (channel)
              (add! channel line))
            (channels destinations)))

(define (flush-channel! channel)
  "Hand the lines of @var{channel} to the logger.  Suspends while its pipe is
full."
  (unless (null? (channel-lines channel))
    (let ((text (string-concatenate-reverse (channel-lines channel))))
      (set-channel-lines! channel '())
      (put-bytevector (channel-port channel) (string->utf8 text)))))

(define (flush-destinations! destinations)
  "Write all lines.  Suspends."
  (flush-channel! (recent-lines destinations))
  (for-each flush-channel! (channels destinations)))

(define (close-channel! channel)
  (release-descriptor! (fileno (channel-port channel)))
  (close-port (channel-port channel)))

(define (close-destinations! destinations)
  "Let the logger close the files, after the lines that it has."
  (close-channel! (recent-lines destinations))
  (for-each close-channel! (channels destinations))
  (set-channels! destinations '()))


;;;
;;; For a successor.
;;;

(define (channel->datum channel)
  (list (fileno (channel-port channel)) (channel-file channel)))

(define (datum->channel datum)
  "Return the channel that @var{datum} tells of, or @code{#f} if it was just about
to be closed."
  (match datum
    ((descriptor file)
     (let ((port (catch-system-error (fdopen descriptor "w0"))))
       (when port
         (fcntl port F_SETFD FD_CLOEXEC)
         (keep-descriptor! descriptor))
       (and port (make-channel file port '()))))))

(define (destinations->datum destinations)
  "Return what a successor needs to go on with @var{destinations}."
  (list (channel->datum (recent-lines destinations))
        (map channel->datum (channels destinations))))

(define (datum->destinations datum logger history changed)
  "Return the destinations that @var{datum} tells of, with @var{logger}."
  (match datum
    ((recent channels)
     (let ((destinations (make-destinations logger
                                            (or (datum->channel recent)
                                                (open-recent-lines logger
                                                                   history))
                                            (filter-map datum->channel channels)
                                            (make-hash-table) changed)))
       (for-each (lambda (file)
                   (add-logger-file! logger file))
                 (destination-files destinations))
       destinations))))
