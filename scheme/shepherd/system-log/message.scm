;;; (shepherd system-log message) -- what programs and the kernel log.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Others choose these bytes: whatever they are, they make one message, in
;;; time proportional to their number, and no more than one line of a log.

(define-module (shepherd system-log message)
  #:use-module (ice-9 binary-ports)
  #:use-module (ice-9 textual-ports)
  #:use-module (rnrs bytevectors)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd support)
  #:export (system-log-message?
            system-log-message-facility
            system-log-message-priority
            system-log-message-content
            system-log-message-sender
            system-log-priority
            system-log-facility
            bytes->system-log-message
            read-system-log-message
            message->lines))

(define-record-type <system-log-message>
  (make-system-log-message facility priority content sender)
  system-log-message?
  (facility system-log-message-facility) ;multiple of 8
  (priority system-log-message-priority) ;0 to 7
  (content  system-log-message-content)  ;string
  (sender   system-log-message-sender))  ;socket address or #f

(define-syntax define-names
  (syntax-rules ()
    "Define NAME as a macro: (NAME WORD) is the number beside WORD."
    ((_ name (word number) ...)
     (define-syntax name
       (lambda (form)
         (syntax-case form ()
           ((_ given)
            (case (syntax->datum #'given)
              ((word) (datum->syntax form number)) ...
              (else
               (syntax-violation 'name "no such name" form #'given))))))))))

(define-names system-log-priority
  (emergency 0) (alert 1) (critical 2) (error 3)
  (warning 4) (notice 5) (info 6) (debug 7))

(define-names system-log-facility
  (kernel 0) (user 8) (mail 16) (daemon 24) (authorization 32) (syslogd 40)
  (lpr 48) (news 56) (uucp 64) (cron 72) (authorization/private 80) (ftp 88)
  (ntp 96) (security 104) (console 112) (solaris-cron 120)
  (local0 128) (local1 136) (local2 144) (local3 152)
  (local4 160) (local5 168) (local6 176) (local7 184)
  (internal/mark 192))


;;;
;;; Parsing.
;;;

(define (digit-at? text i)
  (and (< i (string-length text))
       (char<=? #\0 (string-ref text i) #\9)))

(define (char-at? text i char)
  (and (< i (string-length text))
       (char=? char (string-ref text i))))

(define (letter-at? text i)
  (and (< i (string-length text))
       (let ((char (string-ref text i)))
         (or (char<=? #\a char #\z) (char<=? #\A char #\Z)))))

(define (skip-digits text i most)
  "Return where the digits of @var{text} at @var{i}, one to @var{most}, end, or
@code{#f}."
  (let loop ((end i))
    (cond ((and (digit-at? text end) (< (- end i) most))
           (loop (+ end 1)))
          ((> end i) end)
          (else #f))))

(define %most-priority #o1777)          ;bits of facility and priority

(define (parse-priority text)
  "Return two values: the number that @var{text} begins with, as @code{<NUMBER>},
or @code{#f}, and where the rest begins."
  (let* ((end (and (char-at? text 0 #\<) (skip-digits text 1 4)))
         (number (and end (char-at? text end #\>)
                      (string->number (substring text 1 end)))))
    (if (and number (<= number %most-priority))
        (values number (+ end 1))
        (values #f 0))))

(define (skip-date text start)
  "Return where what follows a space or none at @var{start} of @var{text}, and a
date or none of the form @code{Mmm d h:m:s }, begins."
  (define (after char i)
    (and i (char-at? text i char) (+ i 1)))
  (define (digits i)
    (and i (skip-digits text i 2)))

  (let ((start (if (char-at? text start #\space) (+ start 1) start)))
    (or (and (letter-at? text start)
             (letter-at? text (+ start 1))
             (letter-at? text (+ start 2))
             (char-at? text (+ start 3) #\space)
             (let ((day (let loop ((i (+ start 4)))
                          (if (char-at? text i #\space) (loop (+ i 1)) i))))
               (after #\space
                      (digits (after #\:
                                     (digits (after #\:
                                                    (digits
                                                     (after #\space
                                                            (digits day))))))))))
        start)))

(define (decode bytes count)
  "Return the text of the first @var{count} of @var{bytes}: UTF-8, or else
ISO-8859-1."
  (let ((slice (make-bytevector count)))
    (bytevector-copy! bytes 0 slice 0 count)
    (catch #t
      (lambda () (utf8->string slice))
      (lambda _
        (string-tabulate (lambda (i)
                           (integer->char (bytevector-u8-ref slice i)))
                         count)))))

(define (string-tabulate char count)
  (let ((text (make-string count)))
    (let loop ((i 0))
      (when (< i count)
        (string-set! text i (char i))
        (loop (+ i 1))))
    text))

(define %newline (char->integer #\newline))

(define* (bytes->system-log-message bytes
                                    #:optional (count (bytevector-length bytes))
                                    sender #:key kernel?)
  "Return the message in the first @var{count} of @var{bytes}, from
@var{sender}, a socket address or @code{#f}, or from the kernel.  Every sequence
of bytes is one."
  (let* ((count (if (and (positive? count)
                         (= %newline (bytevector-u8-ref bytes (- count 1))))
                    (- count 1)
                    count))
         (text (decode bytes count)))
    (let-values (((number start) (parse-priority text)))
      (let ((number (or number
                        (logior (if kernel? 0 8)
                                (system-log-priority notice)))))
        (make-system-log-message (logand number #x3f8) (logand number 7)
                                 (substring text (skip-date text start))
                                 sender)))))

(define* (read-system-log-message port #:optional sender #:key kernel?)
  "Return the next message from @var{port}, a datagram socket, or, if
@var{kernel?}, a file like @file{/proc/kmsg} of a message a line; or the
end-of-file object.  @var{sender} is its socket address.  Suspends."
  (if kernel?
      (let loop ()
        (let ((line (get-line port)))
          (cond ((eof-object? line) line)
                ((string-null? line) (loop))
                (else
                 (bytes->system-log-message (string->utf8 line)
                                            #:kernel? #t)))))
      (let ((bytes (get-bytevector-some port)))
        (if (eof-object? bytes)
            bytes
            (bytes->system-log-message bytes (bytevector-length bytes)
                                       sender)))))


;;;
;;; Lines.
;;;

(define (control? char)
  ;; Also what some terminals and programs take for the end of a line.
  (or (and (char<? char #\space) (not (char=? char #\tab)))
      (char<=? #\x7f char #\x9f)
      (char<=? #\x2028 char #\x2029)))

(define (escape text)
  "Return @var{text} with @code{#OOO}, octal, for control characters."
  (if (string-index text control?)
      (string-concatenate
       (map (lambda (char)
              (if (control? char)
                  (let ((octal (number->string (char->integer char) 8)))
                    (string-append "#" (string-pad octal
                                                   (max 3 (string-length octal))
                                                   #\0)))
                  (string char)))
            (string->list text)))
      text))

;; The logger cuts lines after 64 KiB, and what is cut off has no date.
(define %most-bytes 65000)
(define %piece 16000)

(define (pieces text)
  (if (<= (string-utf8-length text) %most-bytes)
      (list text)
      (let loop ((start 0))
        (let ((end (+ start %piece)))
          (if (< end (string-length text))
              (cons (substring text start end) (loop end))
              (list (substring text start)))))))

(define (host message)
  (let ((sender (system-log-message-sender message)))
    (if (and sender (memv (sockaddr:fam sender) (list AF_INET AF_INET6)))
        (socket-address->string sender)
        "localhost")))

(define (message->lines message)
  "Return what is logged of @var{message}, without date: a list of one line, or
more if it is very long."
  (let ((head (string-append (host message)
                             (if (= (system-log-message-facility message)
                                    (system-log-facility kernel))
                                 " linux: "
                                 " "))))
    (map (lambda (piece)
           (string-append head piece))
         (pieces (escape (system-log-message-content message))))))
