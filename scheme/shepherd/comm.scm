;;; (shepherd comm) -- commands, replies, and where messages go.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A message is a line.  It goes to the log, and to the client whose command
;;; is being run (its collector is then the value of `%current-client-socket')
;;; or else to stdout.  The port for that is in (shepherd output).

(define-module (shepherd comm)
  #:use-module (ice-9 match)
  #:use-module ((ice-9 control) #:select (let/ec))
  #:use-module (ice-9 textual-ports)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd support)
  #:use-module (shepherd output)
  #:re-export (%current-client-socket
               %current-service-output-port
               log-output-port
               make-shepherd-output-port
               make-log-port
               flush-partial-line!
               make-client-collector
               client-collector?
               collector-add-line!
               collector-lines)
  #:export (<shepherd-command>
            shepherd-command
            shepherd-command?
            shepherd-command-version
            shepherd-command-action
            shepherd-command-service
            shepherd-command-arguments
            shepherd-command-directory

            <command-reply>
            command-reply
            command-reply?
            command-reply-command
            command-reply-result
            command-reply-error
            command-reply-messages

            open-connection
            open-server-socket
            socket-answered?
            read-command
            datum->command
            write-command
            read-reply
            write-reply
            result->sexp
            define-record-type-serializer
            register-record-serializer!
            report-command-error

            %current-logfile-date-format
            system-log-file
            call-with-syslog-port))

(define %current-logfile-date-format
  (make-parameter default-logfile-date-format))

(define system-log-file
  (make-parameter "/dev/log"))


;;;
;;; Commands and replies.
;;;

(define-record-type <shepherd-command>
  (%shepherd-command version action service args directory)
  shepherd-command?
  (version   shepherd-command-version)            ;list, '(0 ...)
  (action    shepherd-command-action)             ;symbol
  (service   shepherd-command-service)            ;symbol
  (args      shepherd-command-arguments)          ;list of data
  (directory shepherd-command-directory))         ;string

(define* (shepherd-command action service
                           #:key (version '(0)) (arguments '())
                           (directory (getcwd)))
  "Return the command that asks for @var{action} of @var{service}, two
symbols, with the list @var{arguments}."
  (%shepherd-command version action service arguments directory))

(define-record-type <command-reply>
  (command-reply command result error messages)
  command-reply?
  (command   command-reply-command)               ;command or #f
  (result    command-reply-result)                ;readable datum
  (error     command-reply-error)                 ;#f or (error ...)
  (messages  command-reply-messages))             ;list of strings

(define (write-datum datum port)
  ;; `write' of a socket can't suspend, `put-string' can.
  (put-string port (call-with-output-string
                     (lambda (port) (write datum port))))
  (force-output port))

(define (read-datum port)
  "Return the next datum of @var{port}, or @code{#f} if it can't be read.  No
reader extension is in force."
  (catch #t
    (lambda ()
      (with-fluids ((%read-hash-procedures careful-readers))
        (read port)))
    (lambda _ #f)))

;;; Guile's reader makes an array as large as its prefix says before it looks at
;;; the elements, as in #1:9999999999(a).

;; Digits that a prefix may have; the core allows as many.
(define %array-digits 6)

(define (refuse-datum)
  (throw 'read-error "read-datum" "invalid datum" '() #f))

(define (array-prefix chr port)
  "Return what is between a # and the parenthesis on @var{port}, as a string that
begins with @var{chr}."
  (let loop ((chars (list chr)))
    (when (or (eof-object? (car chars))
              (and (char-numeric? (car chars))
                   (> (length (filter char-numeric? chars))
                 %array-digits)))
      (refuse-datum))
    (if (eqv? #\( (peek-char port))
        (list->string (reverse! chars))
        (loop (cons (read-char port) chars)))))

(define (read-array chr port)
  "Return the array on @var{port} after # and @var{chr}."
  (let* ((prefix (array-prefix chr port))
         (elements (read port)))
    ;; The reader finds them again where there is #~.
    (with-fluids ((%read-hash-procedures
                   (acons #\~ (const elements) '())))
      (call-with-input-string (string-append "#" prefix "( . #~)")
        read))))

(define (read-false-or-array chr port)
  "Return what is on @var{port} after #f: false, which has two spellings, or an
array of floating-point numbers."
  (case (peek-char port)
    ((#\3 #\6)
     (read-array chr port))
    ((#\a)
     (unless (eq? 'alse (read port))
       (refuse-datum))
     #f)
    (else #f)))

(define careful-readers
  (acons #\f read-false-or-array
         (map (lambda (chr)
                (cons chr read-array))
              (string->list "0123456789@suc"))))

(define (write-command command port)
  "Send @var{command} over @var{port}.  May suspend."
  (match command
    (($ <shepherd-command> version action service arguments directory)
     (write-datum `(shepherd-command (version ,@version)
                                     (action ,action)
                                     (service ,service)
                                     (arguments ,arguments)
                                     (directory ,directory))
                  port))))

(define (read-command port)
  "Read a command from @var{port}; return @code{#f} if there is none or it is
malformed.  May suspend."
  (datum->command (read-datum port)))

(define (datum->command datum)
  "Return the command that @var{datum} stands for, or @code{#f} if it is none."
  (match datum
    (('shepherd-command ('version (and 0 version) others ...)
                        ('action action)
                        ('service service)
                        ('arguments (arguments ...))
                        ('directory directory))
     (%shepherd-command (cons version others) action service
                        arguments directory))
    (_ #f)))

(define (write-reply reply port)
  "Send @var{reply} over @var{port}.  May suspend."
  (match reply
    (($ <command-reply> command result error messages)
     (write-datum `(reply (version 0)
                          (result ,(readable result))
                          (error ,(readable error))
                          (messages ,messages))
                  port))))

(define (read-reply port)
  "Read a reply from @var{port}; return @code{#f} if there is none.  May
suspend."
  (match (read-datum port)
    (('reply ('version 0 _ ...)
             ('result result)
             ('error error)
             ('messages messages))
     (command-reply #f result error messages))
    (_ #f)))


;;;
;;; Serialisation.
;;;

;; Record type -> procedure.
(define serializers (make-weak-key-hash-table 31))

(define (register-record-serializer! type proc)
  "Let @var{proc} turn records of @var{type}, or of a type derived from it,
into what is sent to clients."
  (hashq-set! serializers type proc))

(define-syntax-rule (define-record-type-serializer (name (obj type))
                      body ...)
  "Define NAME as the procedure that turns OBJ, a record of TYPE, into what is
sent to clients, and register it as such."
  (begin
    (define (name obj) body ...)
    (register-record-serializer! type name)))

(define (record-serializer record)
  (let ((type (record-type-descriptor record)))
    (or (hashq-ref serializers type)
        (let loop ((parents (reverse (vector->list
                                      (record-type-parents type)))))
          (and (pair? parents)
               (or (hashq-ref serializers (car parents))
                   (loop (cdr parents))))))))

;; No reply of use is larger; a circular list is.
(define %size-limit 1000000)

(define (convert object convert-vector)
  "Return @var{object} in a form that any client can read.  Vectors are left to
@var{convert-vector}, called with the vector and a converter."
  (define size 0)
  (let/ec return
    (let convert ((object object))
      (cond ((or (string? object) (symbol? object) (number? object)
                 (boolean? object) (null? object) (keyword? object))
             object)
            ((pair? object)
             (let loop ((object object) (head '()))
               (set! size (+ size 1))
               (when (> size %size-limit)
                 (return (object->text object)))
               (cond ((pair? object)
                      (loop (cdr object) (cons (convert (car object)) head)))
                     ((null? object)
                      (reverse! head))
                     (else
                      (append! (reverse! (cdr head))
                               (cons (car head) (convert object)))))))
            ((vector? object)
             (convert-vector object convert))
            ((and (record? object) (record-serializer object))
             ;; What it returns may hold records, or unreadable objects.
             => (lambda (serialize)
                  (catch #t
                    (lambda () (readable (serialize object)))
                    (lambda _ (object->text object)))))
            (else
             (object->text object))))))

(define (readable object)
  ;; Like 'result->sexp', for what serializers made: it may hold vectors.
  (convert object
           (lambda (vector convert)
             (list->vector (map convert (vector->list vector))))))

(define (result->sexp object)
  "Return @var{object} as clients receive it: what they could not read becomes
a string, its written representation."
  (convert object
           (lambda (vector convert)
             (object->text vector))))


;;;
;;; Sockets.
;;;

(define (stream-socket)
  (socket AF_UNIX (logior SOCK_STREAM SOCK_CLOEXEC) 0))

(define* (open-connection #:optional (file default-socket-file))
  "Return a socket connected to the daemon that listens on @var{file}.  Raise a
@code{system-error} whose message names @var{file}."
  (let ((sock (stream-socket)))
    (catch 'system-error
      (lambda ()
        (connect sock AF_UNIX file)
        sock)
      (lambda args
        (close-port sock)
        (let ((errno (system-error-errno args)))
          (throw 'system-error "connect" "~A: ~A"
                 (list file (strerror errno)) (list errno)))))))

(define (socket-answered? file)
  "Return true if a server listens on socket @var{file}."
  (let ((sock (non-blocking-port (stream-socket))))
    (catch 'system-error
      (lambda ()
        (connect sock AF_UNIX file)
        (close-port sock)
        #t)
      (lambda args
        (close-port sock)
        ;; Its queue may be full: then there is one all the same.
        (= EAGAIN (system-error-errno args))))))

(define* (open-server-socket file-name #:key false-if-in-use?)
  "Return a non-blocking socket that listens on @var{file-name}; a file of that
name is removed.  With @var{false-if-in-use?}, return @code{#f} instead if a
server answers there."
  (if (and false-if-in-use? (socket-answered? file-name))
      #f
      (let ((sock (non-blocking-port (stream-socket))))
        (catch 'system-error
          (lambda ()
            (catch-system-error (delete-file file-name))
            (bind sock AF_UNIX file-name)
            (listen sock 10)
            sock)
          (lambda args
            (close-port sock)
            (apply throw args))))))

(define (open-syslog-port)
  "Return an output port on the system log, or on what replaces it."
  (define (device file)
    (catch-system-error
     (fdopen (open-fdes file (logior O_WRONLY O_NONBLOCK O_NOCTTY O_CLOEXEC))
             "w")))

  (or (let ((sock (socket AF_UNIX (logior SOCK_DGRAM SOCK_CLOEXEC) 0)))
        (catch 'system-error
          (lambda ()
            (connect sock AF_UNIX (system-log-file))
            (non-blocking-port sock))
          (lambda _
            (close-port sock)
            #f)))
      (device "/dev/kmsg")
      (device "/dev/console")))

(define (call-with-syslog-port proc)
  "Call @var{proc} with a port on the system log, on @file{/dev/kmsg} or on
@file{/dev/console}, whichever is there, and return its result; return
@code{#f} if none is."
  (let ((port (open-syslog-port)))
    (and port
         (catch #t
           (lambda ()
             (setvbuf port 'block 4096)
             (let ((result (proc port)))
               (close-port port)
               result))
           (lambda args
             (catch-system-error (close-port port))
             (apply throw args))))))


;;;
;;; Errors, as clients show them.
;;;

(define (report-command-error error)
  "Report @var{error}, the error of a reply, on stderr."
  (match error
    (('error ('version 0 _ ...) 'service-not-found service)
     (report-error (l10n "service '~a' could not be found") service))
    (('error ('version 0 _ ...) 'action-not-found action service)
     (report-error (l10n "service '~a' does not have an action '~a'")
                   service action)
     (report-hint (l10n "Run 'herd doc ~a list-actions' to list supported \
actions.")
                  service))
    (('error ('version 0 _ ...) 'action-exception action service
             key (arguments ...))
     (report-error (l10n "exception caught while executing '~a' on service \
'~a':")
                   action service)
     (print-exception (current-error-port) #f key arguments))
    (('error . _)
     (report-error (l10n "something went wrong: ~s") error))
    (#f #f)))
