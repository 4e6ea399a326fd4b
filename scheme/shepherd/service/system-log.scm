;;; (shepherd service system-log) -- a service that keeps the system's log.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; One fiber reads all inputs, in turns, and has what they bring written to
;;; the files that a procedure chooses for each message.  What it says itself
;;; may come back to it as a message: it says nothing about messages.

(define-module (shepherd service system-log)
  #:use-module (ice-9 binary-ports)
  #:use-module (ice-9 match)
  #:use-module ((ice-9 suspendable-ports) #:select (current-read-waiter))
  #:use-module (rnrs bytevectors)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (shepherd comm)
  #:use-module (shepherd controller)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd host)
  #:use-module (shepherd log-source)
  #:use-module (shepherd publication)
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd service)
  #:use-module (shepherd sockets endpoint)
  #:use-module (shepherd sockets listeners)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:use-module (shepherd system-log destinations)
  #:use-module (shepherd system-log message)
  #:re-export (read-system-log-message
               system-log-facility
               system-log-message?
               system-log-message-content
               system-log-message-facility
               system-log-message-priority
               system-log-message-sender
               system-log-priority)
  #:export (kernel-log-file
            default-max-silent-time
            default-message-destination-procedure
            system-log-service))

(define kernel-log-file
  ;; Where the kernel's messages are read.
  (make-parameter "/proc/kmsg"))

(define default-max-silent-time
  ;; Seconds without any message until a mark is made; #f: never.
  (make-parameter 1200))


;;;
;;; Where messages go by default.
;;;

(define (system-destinations message)
  (let ((facility (system-log-message-facility message))
        (priority (system-log-message-priority message)))
    (define (facility? . numbers)
      (memv facility numbers))

    `(,@(if (facility? (system-log-facility mail)
                       (system-log-facility authorization/private))
            '()
            '("/var/log/messages" "/dev/tty12"))
      ,@(if (<= priority (system-log-priority alert))
            '("/dev/console")
            '())
      ,@(if (= priority (system-log-priority debug))
            '("/var/log/debug")
            '())
      ,@(if (facility? (system-log-facility authorization)
                       (system-log-facility authorization/private))
            '("/var/log/secure")
            '()))))

(define (user-destinations message)
  (list (string-append %user-log-dir "/syslog")))

(define (default-message-destination-procedure)
  "Return the procedure that chooses the files for a message by default: those of
@file{/var/log} and devices for root, one file for another user."
  (if (zero? (getuid))
      system-destinations
      user-destinations))


;;;
;;; The running value.
;;;

;; What one call of system-log-service made.
(define-record-type <settings>
  (make-settings sources kernel-file choose history silence date-format)
  settings?
  (sources     settings-sources)        ;list of endpoints
  (kernel-file settings-kernel-file)    ;string or #f
  (choose      settings-choose)         ;procedure: message -> list of files
  (history     settings-history)        ;number of recent lines
  (silence     settings-silence)        ;seconds or #f
  (date-format settings-date-format))   ;for strftime

(define-record-type <system-log>
  (make-system-log service settings listeners kernel destinations end done date)
  system-log?
  (service      log-service)
  (settings     log-settings)
  (listeners    log-listeners)
  (kernel       log-kernel set-log-kernel!) ;<kernel-input> or #f
  (destinations log-destinations set-log-destinations!)
  (end          log-end)                ;condition: end it
  (done         log-done)               ;request, answered once it has ended
  (date         log-date set-log-date!)) ;(SECONDS . TEXT)

(define-record-type <kernel-input>
  (make-kernel-input file port rest)
  kernel-input?
  (file kernel-input-file)
  (port kernel-input-port)
  (rest kernel-input-rest set-kernel-input-rest!)) ;bytes of no whole line

(set-record-type-printer!
 <system-log>
 (lambda (log port)
   (simple-format port "#<system-log ~a>"
                  (map listener-address (log-listeners log)))))

(define-record-type-serializer (system-log->sexp (log <system-log>))
  `(system-log (version 0)
               (endpoints ,(map (compose endpoint->sexp listener-endpoint)
                                (log-listeners log)))
               (kernel-log-file ,(and=> (log-kernel log) kernel-input-file))
               (sockets ,(map listener-descriptor (log-listeners log)))))

(define (published log)
  "Have clients, and a successor, know what has changed of @var{log}."
  (publish-service! (log-service log)))


;;;
;;; Writing.
;;;

(define (date log)
  "Return the present date as it begins lines."
  (let ((now (quotient (host-time) 1000000000)))
    (unless (eqv? now (car (log-date log)))
      (set-log-date! log
                     (cons now
                           (strftime (settings-date-format (log-settings log))
                                     (localtime now)))))
    (cdr (log-date log))))

(define (without-duplicates files)
  (match files
    (() '())
    ((file . rest)
     (cons file (without-duplicates (delete file rest))))))

(define (files-for choose message)
  "Return the files for @var{message}; if @var{choose}, which the user gave, does
not tell, the default ones."
  (let ((files (catch #t
                 (lambda ()
                   (choose message))
                 (const #f))))
    (if (list-of-strings? files)
        (without-duplicates files)
        ((default-message-destination-procedure) message))))

(define (dispatch! log message)
  (let ((files (files-for (settings-choose (log-settings log)) message))
        (date (date log)))
    (for-each (lambda (line)
                (put-line! (log-destinations log) files date line))
              (message->lines message))))

(define (mark! log)
  (put-everywhere! (log-destinations log)
                   (string-append (date log) "localhost -- MARK --")))


;;;
;;; Reading.
;;;

;; More than a datagram can have, unless its sender was given the right to.
(define %buffer-size 262144)

(define %msg-trunc #x20)                ;MSG_TRUNC: tell the real length

;; Messages of one input before others get their turn; and what may be lost if
;; the interpreter crashes between reading and writing.
(define %turn 32)

(define (receive sock buffer)
  "Return @code{(COUNT . ADDRESS)} of the next datagram, or @code{#f} if there is
none."
  (catch 'system-error
    (lambda ()
      (recvfrom! sock buffer %msg-trunc))
    (lambda arguments
      ;; Others are errors of datagrams sent before: try again later.
      #f)))

(define (cut-message bytes count sender)
  "Return the message of @var{count} bytes of which @var{bytes} are the first."
  (let* ((note (string->utf8
                (format-message (l10n " [~a bytes in all]") count)))
         (start (- (bytevector-length bytes) (bytevector-length note))))
    (bytevector-copy! note 0 bytes start (bytevector-length note))
    (bytes->system-log-message bytes (bytevector-length bytes) sender)))

(define (read-socket! log listener buffer)
  "Dispatch some messages that came to @var{listener}.  Return true if there were
any."
  (let loop ((n 0))
    (match (and (< n %turn) (receive (listener-socket listener) buffer))
      (#f (positive? n))
      ((count . sender)
       (dispatch! log
                  (if (<= count (bytevector-length buffer))
                      (bytes->system-log-message buffer count sender)
                      (cut-message buffer count sender)))
       (loop (+ n 1))))))

(define (dispatch-kernel! log bytes)
  (unless (zero? (bytevector-length bytes))
    (dispatch! log (bytes->system-log-message bytes (bytevector-length bytes)
                                              #f #:kernel? #t))))

(define (slice bytes start end)
  (let ((result (make-bytevector (- end start))))
    (bytevector-copy! bytes start result 0 (- end start))
    result))

(define (append-bytes a b)
  (if (zero? (bytevector-length a))
      b
      (let ((result (make-bytevector (+ (bytevector-length a)
                                        (bytevector-length b)))))
        (bytevector-copy! a 0 result 0 (bytevector-length a))
        (bytevector-copy! b 0 result (bytevector-length a)
                          (bytevector-length b))
        result)))

;; Bytes of an unfinished line that are waited for.
(define %longest-line 65536)

(define (find-newline bytes start)
  (let ((end (bytevector-length bytes)))
    (let loop ((i start))
      (cond ((= i end) #f)
            ((= 10 (bytevector-u8-ref bytes i)) i)
            (else (loop (+ i 1)))))))

(define (feed-kernel! log kernel bytes)
  "Dispatch the lines of @var{bytes} that @var{kernel} brought."
  (let ((bytes (append-bytes (kernel-input-rest kernel) bytes)))
    (let loop ((start 0))
      (match (find-newline bytes start)
        (#f
         (let ((rest (slice bytes start (bytevector-length bytes))))
           (if (< (bytevector-length rest) %longest-line)
               (set-kernel-input-rest! kernel rest)
               (begin
                 (dispatch-kernel! log rest)
                 (set-kernel-input-rest! kernel #vu8())))))
        (end
         (dispatch-kernel! log (slice bytes start end))
         (loop (+ end 1)))))))

(define (close-kernel! log)
  (let ((port (kernel-input-port (log-kernel log))))
    (release-descriptor! (fileno port))
    (close-port port)
    (set-log-kernel! log #f)))

(define (lose-kernel! log format . arguments)
  "Read the kernel's messages no more; log @var{format}."
  (apply log-message format (kernel-input-file (log-kernel log)) arguments)
  (dispatch-kernel! log (kernel-input-rest (log-kernel log)))
  (close-kernel! log)
  (published log))

(define (read-now port)
  "Return some bytes of @var{port}, the end-of-file object, an error number, or
@code{#f} if there is nothing now: another program may have read it."
  (catch 'system-error
    (lambda ()
      (catch 'nothing-there
        (lambda ()
          (parameterize ((current-read-waiter
                          (lambda (port)
                            (throw 'nothing-there))))
            (get-bytevector-some port)))
        (const #f)))
    (lambda arguments
      (system-error-errno arguments))))

(define (read-kernel! log)
  "Dispatch some messages of the kernel.  Return true if there were any."
  (let ((kernel (log-kernel log)))
    (match (read-now (kernel-input-port kernel))
      (#f #f)
      ((? eof-object?)
       (lose-kernel! log (l10n "Closing system log input file ~s on \
end-of-file."))
       #f)
      ((? integer? errno)
       (lose-kernel! log (l10n "Closing system log input file ~s: ~a.")
                     (strerror errno))
       #f)
      (bytes
       (feed-kernel! log kernel bytes)
       #t))))


;;;
;;; The loop.
;;;

(define never
  (choice-operation))

(define (input-operation fd read)
  (wrap-operation (wait-until-readable-operation fd)
                  (const read)))

(define (mark-operation log latest)
  (match (settings-silence (log-settings log))
    (#f never)
    (seconds
     (wrap-operation (timer-operation
                      (+ latest (inexact->exact
                                 (round (* seconds 1000000000)))))
                     (const 'silence)))))

(define (wait-for-input log latest buffer)
  "Return a procedure that reads what has come, @code{silence} when no message has
for long, or @code{end}.  Suspends."
  (perform-operation
   (apply choice-operation
          (wrap-operation (wait-operation (log-end log)) (const 'end))
          (mark-operation log latest)
          (append
           (if (log-kernel log)
               (list (input-operation
                      (fileno (kernel-input-port (log-kernel log)))
                      (lambda ()
                        (read-kernel! log))))
               '())
           (map (lambda (listener)
                  (input-operation (listener-descriptor listener)
                                   (lambda ()
                                     (read-socket! log listener buffer))))
                (log-listeners log))))))

(define (flush! log)
  (flush-destinations! (log-destinations log)))

(define (drain! log buffer)
  "Read what has come before the end, up to a bound."
  (for-each (lambda (listener)
              (let loop ((turns 100))
                (when (and (positive? turns)
                           (read-socket! log listener buffer))
                  (flush! log)
                  (loop (- turns 1)))))
            (log-listeners log)))

(define (run log)
  (define buffer (make-bytevector %buffer-size))

  (let loop ((latest (host-now)))
    (match (wait-for-input log latest buffer)
      ('end
       (drain! log buffer))
      ('silence
       (mark! log)
       (flush! log)
       (loop (host-now)))
      (read
       (let ((any? (read)))
         (flush! log)
         (loop (if any? (host-now) latest)))))))

(define (end! log)
  (when (log-kernel log)
    (close-kernel! log))
  (close-destinations! (log-destinations log)))

(define (start-loop log)
  "Start the fiber of @var{log}, as part of its service but of no command."
  (parameterize ((%current-client-socket #f)
                 (current-service (log-service log)))
    (spawn-fiber (lambda ()
                   (catch #t
                     (lambda ()
                       (run log))
                     (lambda (key . arguments)
                       (log-message (l10n "System log failed: ~a")
                                    (exception->string key arguments))))
                   (end! log)
                   (answer-request! (log-done log) #t))
                 #:name (object->string
                         (service-canonical-name (log-service log)) display)))
  log)


;;;
;;; Methods.
;;;

(define (open-kernel-log file)
  "Return what reads @var{file}, or @code{#f}."
  (and file
       (catch 'system-error
         (lambda ()
           (let ((port (open file (logior O_RDONLY O_NONBLOCK O_CLOEXEC))))
             (keep-descriptor! (fileno port))
             (make-kernel-input file (prepare-kernel-log port) #vu8())))
         (lambda arguments
           (local-output (l10n "Dismissing kernel log '~a': ~a.")
                         file (strerror (system-error-errno arguments)))
           #f))))

(define (prepare-kernel-log port)
  (setvbuf port 'block 16384)
  port)

(define (closing-message end count)
  "Return the thunk to be called before @var{count} sockets are closed."
  (lambda ()
    (signal-condition! end)
    (log-message (l10n "Closing ~a system log port."
                       "Closing ~a system log ports."
                       count)
                 count)))

(define (start settings)
  (let* ((service (current-service))
         (end (make-condition))
         (sources (settings-sources settings))
         (listeners (open-listeners sources
                                    (closing-message end (length sources))))
         (log (make-system-log service settings listeners
                               (open-kernel-log
                                (settings-kernel-file settings))
                               #f end (make-request) '(#f . ""))))
    (set-log-destinations! log
                           (open-destinations (settings-history settings)
                                              (lambda ()
                                                (published log))))
    (post-event! service
                 `(logger ,(destinations-logger (log-destinations log))))
    (start-loop log)))

(define (stop log)
  (log-message (l10n "Terminating system log service."))
  (signal-condition! (log-end log))
  (await-request (log-done log))
  #f)


;;;
;;; For a successor: sockets are kept on their own.
;;;

(define (system-log->datum log)
  (list (and=> (log-kernel log)
               (lambda (kernel)
                 (list (fileno (kernel-input-port kernel))
                       (kernel-input-file kernel))))
        (destinations->datum (log-destinations log))))

(define (restore-kernel-log datum)
  (match datum
    (#f #f)
    ((descriptor file)
     (let ((port (catch-system-error (fdopen descriptor "r"))))
       (cond (port
              (fcntl port F_SETFD FD_CLOEXEC)
              (keep-descriptor! descriptor)
              (make-kernel-input file (prepare-kernel-log port) #vu8()))
             (else
              (open-kernel-log file)))))))

(define (datum->system-log datum service)
  (match datum
    ((kernel destinations)
     (let* ((settings (service-maker service settings?))
            (listeners (service-listeners service))
            (end (make-condition))
            (logger (or (service-logger service) (file-logger #f)))
            (log (make-system-log service settings listeners
                                  (restore-kernel-log kernel)
                                  #f end (make-request) '(#f . ""))))
       (set-log-destinations!
        log (datum->destinations destinations logger
                                 (settings-history settings)
                                 (lambda ()
                                   (published log))))
       (close-at-rest! service (closing-message end (length listeners)))
       (start-loop log)))))

(declare-saved-value! 'system-log system-log?
                      system-log->datum datum->system-log
                      #:stop stop)


;;;
;;; The service.
;;;

(define (default-sources)
  (list (endpoint (make-socket-address AF_UNIX (system-log-file))
                  #:name "Unix-domain system log endpoint"
                  #:style SOCK_DGRAM)))

(define (datagram-endpoint? object)
  (and (endpoint? object)
       (= SOCK_DGRAM (endpoint-style object))))

(define list-of-datagram-endpoints?
  (list-predicate datagram-endpoint?))

(define (file-or-false? object)
  (or (not object) (string? object)))

(define (size? object)
  (and (exact-integer? object) (positive? object)))

(define (duration? object)
  (or (not object) (and (real? object) (positive? object))))

(define* (system-log-service
          #:optional (sources (default-sources))
          #:key (provision '(system-log syslogd)) (requirement '())
          (kernel-log-file (and (zero? (getuid)) (kernel-log-file)))
          (message-destination (default-message-destination-procedure))
          (history-size (default-log-history-size))
          (max-silent-time (default-max-silent-time))
          (date-format default-logfile-date-format))
  "Return a service that receives log messages at @var{sources}, a list of
endpoints of style @code{SOCK_DGRAM}, and from the kernel by
@var{kernel-log-file}, unless that is @code{#f}, and writes each to the files that
@var{message-destination}, called with it, returns the names of.
@var{history-size} recent messages are kept in memory.  When there was no message
for @var{max-silent-time} seconds, unless that is @code{#f}, the files tell so.
@var{date-format}, for @code{strftime}, begins lines."
  (check-argument-types (list-of-datagram-endpoints? sources)
                        (file-or-false? kernel-log-file)
                        (procedure? message-destination)
                        (size? history-size)
                        (duration? max-silent-time)
                        (string? date-format))
  (let ((settings (make-settings sources kernel-log-file message-destination
                                 history-size max-silent-time date-format)))
    (service provision
             #:requirement requirement
             #:documentation (l10n "Keep the log of the system.")
             #:start (with-maker settings
                       (lambda _
                         (start settings)))
             #:stop stop)))
