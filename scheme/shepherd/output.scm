;;; (shepherd output) -- the port that messages are written to.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Messages are lines, but programs print them in pieces, and fibers switch
;;; between these.  The port therefore has no buffer of its own; an unfinished
;;; line is kept with its owner: the client whose command is run, or else the
;;; fiber that writes.  The writer never suspends and never fails.

(define-module (shepherd output)
  #:use-module (ice-9 binary-ports)
  #:use-module ((ice-9 ports internal)
                #:select (port-auxiliary-write-buffer
                          set-port-buffer-cur!
                          set-port-buffer-end!))
  #:use-module (ice-9 textual-ports)
  #:use-module (rnrs bytevectors)
  #:use-module (srfi srfi-9)
  #:use-module ((shepherd scheduler fiber) #:select (current-fiber
                                                     fiber-state
                                                     without-preemption))
  #:export (%current-client-socket
            %current-service-output-port
            log-output-port
            make-sink
            make-shepherd-output-port
            make-log-port
            flush-partial-line!
            make-client-collector
            client-collector?
            collector-add-line!
            collector-lines))

;; Collector or port that gets the messages of the command being run; #f when
;; what runs was not asked for by a client.
(define %current-client-socket
  (make-parameter #f))

;; Where log lines are written.
(define log-output-port
  (make-parameter (current-error-port)))

;; The current output port of services' methods.
(define %current-service-output-port
  (make-parameter (current-output-port)))


;;;
;;; What a client receives.
;;;

(define-record-type <client-collector>
  (%make-client-collector lines size open?)
  client-collector?
  (lines %collector-lines set-collector-lines!)   ;newest first
  (size  collector-size set-collector-size!)      ;characters in LINES
  ;; False once the reply was made: fibers that the command has left behind
  ;; write for no client.
  (open? collector-open? set-collector-open?!))

;; What is beyond it gets to the log only.
(define %collector-limit 16777216)

(define (make-client-collector)
  "Return an object that gathers the messages for one client, to be the value
of @code{%current-client-socket}."
  (%make-client-collector '() 0 #t))

(define (collector-add-line! collector line)
  "Add @var{line} to the messages in @var{collector}, up to a size that no
reply of use has."
  (let ((size (+ 1 (string-length line) (collector-size collector))))
    (when (<= size %collector-limit)
      (set-collector-lines! collector
                            (cons line (%collector-lines collector)))
      (set-collector-size! collector size))))

(define (collector-lines collector)
  "Return the messages in @var{collector}, oldest first, at the end of the
command.  An unfinished line counts as one, and is logged.  Lines that come
later go where those go that concern no client."
  (flush-owner! collector)
  (set-collector-open?! collector #f)
  (let ((lines (reverse (%collector-lines collector))))
    ;; What remains of a fiber's stack may refer to the collector for long.
    (set-collector-lines! collector '())
    lines))


;;;
;;; Unfinished lines.
;;;

;; List of #(OWNER PIECES LENGTH EMIT!), newest owner first; the pieces are
;; strings in reverse order.  Almost always empty.
(define unfinished (make-variable '()))

;; Beyond this a line is cut, lest memory fill up.
(define %line-limit 65536)

;; Owners who went away for good are found at the latest when so many wait.
(define %owner-limit 16)

(define (current-owner)
  (or (%current-client-socket) (current-fiber)))

(define (find-unfinished owner)
  (let loop ((entries (variable-ref unfinished)))
    (cond ((null? entries) #f)
          ((eq? owner (vector-ref (car entries) 0)) (car entries))
          (else (loop (cdr entries))))))

(define (take-unfinished! entry)
  "Forget @var{entry}; return its text."
  (variable-set! unfinished (delq entry (variable-ref unfinished)))
  (string-concatenate-reverse (vector-ref entry 1)))

(define (flush-entry! entry)
  (let ((emit! (vector-ref entry 3)))
    (emit! (vector-ref entry 0) (take-unfinished! entry))))

(define (flush-owner! owner)
  (without-preemption
   (let ((entry (find-unfinished owner)))
     (when entry (flush-entry! entry)))))

(define (flush-partial-line!)
  "End the line that the current client or fiber has begun, if any."
  (flush-owner! (current-owner)))

(define (owner-gone? owner)
  (and owner
       (not (client-collector? owner))
       (not (port? owner))
       (eq? 'done (fiber-state owner))))

(define (flush-stale! entries)
  (for-each (lambda (entry)
              (when (owner-gone? (vector-ref entry 0))
                (flush-entry! entry)))
            entries)
  (let ((entries (variable-ref unfinished)))
    (when (> (length entries) %owner-limit)
      (flush-entry! (list-ref entries %owner-limit)))))

(define (keep-unfinished! owner text emit!)
  (let ((entry (find-unfinished owner)))
    (if entry
        (let ((length (+ (vector-ref entry 2) (string-length text))))
          (vector-set! entry 1 (cons text (vector-ref entry 1)))
          (vector-set! entry 2 length)
          (when (> length %line-limit)
            (flush-entry! entry)))
        (let ((others (variable-ref unfinished)))
          (variable-set! unfinished
                         (cons (vector owner (list text)
                                       (string-length text) emit!)
                               others))
          (unless (null? others)
            (flush-stale! others))))))


;;;
;;; Ports.
;;;

(define (make-sink name accept!)
  "Return an output port called @var{name} that has no buffer and calls
@var{accept!} with a bytevector, a start and a count of bytes that were written to
it, in UTF-8.  @var{accept!} must not suspend."
  (define auxiliary #f)

  (define (write! bytes start count)
    ;; These are a copy of what Guile encodes characters in.  It would forget to
    ;; empty that if there is an exception before we return.
    (set-port-buffer-cur! auxiliary 0)
    (set-port-buffer-end! auxiliary 0)
    (accept! bytes start count)
    count)

  (let ((port (make-custom-binary-output-port name write! #f #f #f)))
    (set! auxiliary (port-auxiliary-write-buffer port))
    (set-port-encoding! port "UTF-8")
    (set-port-conversion-strategy! port 'substitute)
    (setvbuf port 'none)
    port))

(define (make-line-port name emit!)
  "Return an output port that calls @var{emit!} with the owner of each line
written to it and the line."
  (define (finish-line! owner text)
    (let ((entry (find-unfinished owner)))
      (emit! owner
             (if entry
                 (string-append (take-unfinished! entry) text)
                 text))))

  (define (put! owner text)
    (let ((end (string-length text)))
      (let loop ((start 0))
        (let ((newline (string-index text #\newline start)))
          (cond (newline
                 (finish-line! owner (substring text start newline))
                 (loop (+ newline 1)))
                ((< start end)
                 (keep-unfinished! owner (substring text start end)
                                   emit!)))))))

  (make-sink name
             (lambda (bytes start count)
               (let ((text (bytes->string bytes start count)))
                 (without-preemption
                  (put! (current-owner) text))))))

(define (bytes->string bytes start count)
  (let ((slice (make-bytevector count)))
    (bytevector-copy! bytes start slice 0 count)
    (catch #t
      (lambda () (utf8->string slice))
      ;; Not text: binary output to a text port.
      (lambda _
        (string-map (lambda (chr) (if (char>? chr #\delete) #\xfffd chr))
                    (list->string (map integer->char
                                       (bytevector->u8-list slice))))))))

(define (core-log)
  "Return the core's procedure that logs a line, or #f outside the daemon."
  (catch #t
    (lambda ()
      (let ((core (resolve-interface '(shepherd core))))
        ((module-ref core '%now))
        (module-ref core '%log)))
    (lambda _ #f)))

(define (add-client-line! client line)
  (catch #t
    (lambda ()
      (if (client-collector? client)
          (collector-add-line! client line)
          (put-line client line)))
    (lambda _ #f)))

(define (put-line port line)
  (put-string port (string-append line "\n")))

(define (client? owner)
  (or (port? owner)
      (and (client-collector? owner) (collector-open? owner))))

(define* (make-shepherd-output-port
          #:optional (original-output-port (current-output-port)))
  "Return the port for messages.  Each line written to it goes to the log, and
to the current client if there is one, else to stdout; outside the daemon to
@code{(log-output-port)}, and to @var{original-output-port} in place of
stdout.  Writing never suspends."
  (define log (core-log))

  (make-line-port
   "shepherd"
   (lambda (owner line)
     (let ((client (and (client? owner) owner)))
       (when client
         (add-client-line! client line))
       (cond (log
              (log line (not client)))
             (else
              (unless client
                (put-line original-output-port line))
              (put-line (log-output-port) line)))))))

(define (make-log-port)
  "Return a port each line of which goes to the daemon's log alone, or to
stderr outside the daemon."
  (let ((log (core-log))
        (stderr (current-error-port)))
    (make-line-port "log"
                    (lambda (owner line)
                      (if log
                          (log line #f)
                          (put-line stderr line))))))
