;;; daemon.scm --- A running daemon, seen from outside
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; What the kernel knows of it, clients that say what they like, and crashes.

(define-module (tests daemon)
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 match)
  #:use-module (rnrs bytevectors)
  #:use-module (rnrs io ports)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-11)
  #:use-module (system foreign)
  #:export (milliseconds-now
            within

            file-text
            proc
            threads
            children
            zombies
            arguments

            ask
            client-port
            client-action
            client-name
            client-text
            client-age
            client-read!
            hear
            interrupted?
            whole?

            connect-to
            receive
            echoes?

            crash-table
            forgive!
            crashed?
            signal-thread
            %crash-signals))

(define (milliseconds-now)
  (/ (get-internal-real-time) 1e6))

(define* (within seconds thunk #:optional (pause 2000))
  "Return what THUNK returns once that is true, or #f after SECONDS; PAUSE is in
microseconds."
  (let ((end (+ (milliseconds-now) (* 1000 seconds))))
    (let loop ()
      (or (thunk)
          (and (< (milliseconds-now) end)
               (begin
                 (usleep pause)
                 (loop)))))))


;;;
;;; What the kernel knows.
;;;

(define (file-text file)
  "Return what is in FILE, or the empty string."
  (catch 'system-error
    (lambda ()
      (match (call-with-input-file file get-string-all)
        ((? eof-object?) "")
        (text text)))
    (const "")))

(define (proc . parts)
  "Return the name of the file in /proc that PARTS, strings and numbers, lead to."
  (string-append "/proc/"
                 (string-join (map (lambda (part)
                                     (if (number? part)
                                         (number->string part)
                                         part))
                                   parts)
                              "/")))

(define (threads pid)
  "Return the threads of PID, (NUMBER . NAME)."
  (map (lambda (thread)
         (cons (string->number thread)
               (string-trim-right
                (file-text (proc pid "task" thread "comm")))))
       (or (scandir (proc pid "task") string->number) '())))

(define (children pid)
  (append-map (match-lambda
                ((thread . _)
                 (map string->number
                      (string-tokenize
                       (file-text (proc pid "task" thread "children"))))))
              (threads pid)))

(define (zombies pid)
  (filter (lambda (child)
            (string-contains (file-text (proc child "stat")) ") Z "))
          (children pid)))

(define (arguments pid)
  "Return the command line of PID, a list."
  (string-split (file-text (proc pid "cmdline")) #\nul))


;;;
;;; Clients.
;;;

(define-record-type <client>
  (make-client port action name since text)
  client?
  (port client-port)
  (action client-action)
  (name client-name)
  (since client-since)
  (text client-text set-client-text!))

(define (connect-to file)
  "Return a port that is connected to the socket FILE."
  (let ((port (socket AF_UNIX SOCK_STREAM 0)))
    (connect port AF_UNIX file)
    port))

(define (ask socket-file action name . arguments)
  "Return a new client that has asked for ACTION of service NAME."
  (let ((port (connect-to socket-file)))
    (send port (string->utf8
                (simple-format #f "(shepherd-command (version 0) (action ~a) \
(service ~a) (arguments ~s) (directory \"/\"))"
                               action name arguments)))
    (make-client port action name (milliseconds-now) "")))

(define (client-age client)
  "Return for how many milliseconds CLIENT has been there."
  (- (milliseconds-now) (client-since client)))

(define (receive port size)
  "Return the bytes that come next from PORT, none at the end."
  (let* ((buffer (make-bytevector size))
         (size (catch 'system-error
                 (lambda () (recv! port buffer))
                 (const 0)))
         (bytes (make-bytevector size)))
    (bytevector-copy! buffer 0 bytes 0 size)
    bytes))

(define (client-read! client)
  "Take what came for CLIENT; return true at the end."
  (let ((bytes (receive (client-port client) 65536)))
    (set-client-text! client
                      (string-append (client-text client)
                                     (utf8->string bytes)))
    (zero? (bytevector-length bytes))))

(define (hear clients ms)
  "Take what comes for CLIENTS in so many milliseconds; return those that have all
of their answer, and the others."
  (match (select (map client-port clients) '() '()
                 0 (inexact->exact (round (* 1000 ms))))
    ((ready _ _)
     (partition (lambda (client)
                  (and (memq (client-port client) ready)
                       (client-read! client)))
                clients))))

(define (interrupted? text)
  (string-contains text "Interrupted: shepherd crashed"))

(define (whole? text)
  (and (string-prefix? "(reply" text)
       (catch #t
         (lambda () (pair? (call-with-input-string text read)))
         (const #f))))

(define (echoes? port text)
  "Does what listens at PORT send the line TEXT back?"
  (send port (string->utf8 (string-append text "\n")))
  (match (select (list port) '() '() 10)
    ((() _ _) #f)
    (_ (string=? (string-append text "\n")
                 (utf8->string (receive port 100))))))


;;;
;;; Crashes.
;;;

(define (c-procedure result name . arguments)
  (pointer->procedure result (dynamic-func name (dynamic-link)) arguments))
(define pwrite (c-procedure ssize_t "pwrite" int '* size_t long))
(define pread (c-procedure ssize_t "pread" int '* size_t long))
(define tgkill (c-procedure int "tgkill" int int int))

;; Where the table of what is inherited has the times of crashes; see fault.c.
(define %crashes-at 32)

(define (crash-table pid)
  "Return a descriptor of the table in which PID counts its crashes."
  (any (lambda (fd)
         (let ((file (proc pid "fd" fd)))
           (catch 'system-error
             (lambda ()
               (and (string-prefix? "/memfd:shepherd-inherit" (readlink file))
                    (open-fdes file O_RDWR)))
             (const #f))))
       (scandir (proc pid "fd") string->number)))

(define (forgive! table)
  "Have the daemon with TABLE forget that it crashed."
  (pwrite table (bytevector->pointer (make-bytevector 24 0)) 24 %crashes-at))

(define (crashed? table)
  "Has the daemon with TABLE crashed since it was forgiven?"
  (let ((time (make-bytevector 8 0)))
    (pread table (bytevector->pointer time) 8 %crashes-at)
    (not (zero? (bytevector-s64-native-ref time 0)))))

(define (signal-thread pid thread number)
  "Send the signal NUMBER to THREAD of PID."
  (tgkill pid thread number))

(define %crash-signals
  `(("SEGV" . ,SIGSEGV) ("BUS" . ,SIGBUS) ("ABRT" . ,SIGABRT)
    ("ILL" . ,SIGILL) ("FPE" . ,SIGFPE)))
