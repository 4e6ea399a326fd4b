;;; system-log-test.scm -- messages of the system log, as data
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (ice-9 binary-ports)
             (ice-9 match)
             (rnrs bytevectors)
             (srfi srfi-64)
             (shepherd service system-log)
             ((shepherd system-log message)
              #:select (bytes->system-log-message message->lines)))

(define* (parse text #:key kernel? sender)
  (let ((bytes (if (string? text) (string->utf8 text) text)))
    (bytes->system-log-message bytes (bytevector-length bytes) sender
                               #:kernel? kernel?)))

(define* (parts text #:key kernel?)
  "Facility, priority and content of the message TEXT."
  (let ((message (parse text #:kernel? kernel?)))
    (list (system-log-message-facility message)
          (system-log-message-priority message)
          (system-log-message-content message))))

(define* (lines text #:key kernel? sender)
  (message->lines (parse text #:kernel? kernel? #:sender sender)))

(test-begin "system-log")

(test-equal "priority, date and content"
  '(24 5 "wpa_supplicant[303]: x")
  (parts "<29>Jun 22 16:41:30 wpa_supplicant[303]: x"))

(test-equal "no prefix"
  '(8 5 "no prefix")
  (parts "no prefix"))

(test-equal "dates of other forms are content"
  '(8 5 "2024-01-01T00:00:00Z host x")
  (parts "<13>2024-01-01T00:00:00Z host x"))

(test-equal "the kernel's messages"
  '((0 6 "[ 1.2] foo") (0 5 "plain"))
  (list (parts "<6>[ 1.2] foo" #:kernel? #t)
        (parts "plain" #:kernel? #t)))

(test-equal "days and times of one digit, a space before the date"
  '((8 5 "x") (8 5 "x"))
  (list (parts "<13> Nov  2 1:2:3 x") (parts "Nov 12 01:2:03 x")))

(test-equal "what is almost a date stays"
  '("Nov 2 1:2 x" "Nov 2 1:2:3" "Nov2 1:2:3 x" "No 2 1:2:3 x" "Nov 223 1:2:3 x")
  (map (lambda (text) (caddr (parts text)))
       '("Nov 2 1:2 x" "Nov 2 1:2:3" "Nov2 1:2:3 x" "No 2 1:2:3 x"
         "Nov 223 1:2:3 x")))

(test-equal "a host name stays"
  "box su: hello"
  (caddr (parts "<38>Nov  2 01:02:03 box su: hello")))

(test-equal "one newline at the end is dropped"
  '("a" "a\n")
  (list (caddr (parts "<13>a\n")) (caddr (parts "<13>a\n\n"))))

;; Weak spot: elsewhere a priority is looked for in all of the message, and
;; what stands before it is lost.
(test-equal "only what a message begins with is its priority"
  '(8 5 "sshd: user <12>root from <0>there")
  (parts "sshd: user <12>root from <0>there"))

(test-equal "what is no priority is content"
  '("<>x" "<a>x" "<13x" "<" "" "<1024>x" "<99999999999999999999>x" "<-1>x")
  (map (lambda (text)
         (match (parts text)
           ((8 5 content) content)))
       '("<>x" "<a>x" "<13x" "<" "" "<1024>x" "<99999999999999999999>x"
         "<-1>x")))

(test-equal "unknown facilities are kept"
  '(1016 7 "x")
  (parts "<1023>x"))

(test-equal "names of priorities and facilities"
  '(0 1 2 3 4 5 6 7 0 8 16 24 32 40 48 56 64 72 80 88 96 104 112 120 128 184
      192)
  (list (system-log-priority emergency) (system-log-priority alert)
        (system-log-priority critical) (system-log-priority error)
        (system-log-priority warning) (system-log-priority notice)
        (system-log-priority info) (system-log-priority debug)
        (system-log-facility kernel) (system-log-facility user)
        (system-log-facility mail) (system-log-facility daemon)
        (system-log-facility authorization) (system-log-facility syslogd)
        (system-log-facility lpr) (system-log-facility news)
        (system-log-facility uucp) (system-log-facility cron)
        (system-log-facility authorization/private)
        (system-log-facility ftp) (system-log-facility ntp)
        (system-log-facility security) (system-log-facility console)
        (system-log-facility solaris-cron) (system-log-facility local0)
        (system-log-facility local7) (system-log-facility internal/mark)))

(test-equal "an unknown name is an error of syntax"
  'syntax-error
  (catch #t
    (lambda ()
      (eval '(system-log-facility lunch) (current-module)))
    (lambda (key . _) key)))

(test-equal "bytes that are no UTF-8 are ISO 8859-1"
  '("café" "café")
  (list (caddr (parts "café"))
        (caddr (parts #vu8(#x63 #x61 #x66 #xe9)))))

;; Weak spot: elsewhere, a newline in a message begins a line that looks as if
;; somebody else had logged it.
(test-equal "no message makes a line of its own"
  '("localhost a#012Nov 23 00:00:00 localhost sudo: root#015#000#033[2J\tb")
  (lines "<13>a\nNov 23 00:00:00 localhost sudo: root\r\0\x1b[2J\tb"))

(test-equal "ends of lines of others are no ends either"
  '("localhost a#20050b#205;c")
  (lines "a\u2028b\x85;c"))

(test-equal "who sent it"
  '("127.0.0.1:514 x" "[::1]:9 x" "localhost x" "localhost x")
  (map (lambda (sender)
         (car (lines "<13>x" #:sender sender)))
       (list (make-socket-address AF_INET INADDR_LOOPBACK 514)
             (make-socket-address AF_INET6 1 9)
             (make-socket-address AF_UNIX "/dev/log")
             #f)))

(test-equal "the kernel's lines"
  '("localhost linux: [ 1.2] foo")
  (lines "<6>[ 1.2] foo" #:kernel? #t))

;; Weak spot: elsewhere, messages of more than 1024 bytes are cut.
(test-equal "a message of 10 MB is whole, in lines that the log can have"
  (list (make-string 10000000 #\x) #t)
  (let ((lines (lines (make-bytevector 10000000 (char->integer #\x)))))
    (list (string-concatenate
           (map (lambda (line)
                  (substring line (string-length "localhost ")))
                lines))
          (and-map (lambda (line)
                     (<= (string-utf8-length line) 65400))
                   lines))))

(define (read-all text kernel?)
  (let ((port (open-bytevector-input-port (string->utf8 text))))
    (let loop ((contents '()))
      (match (read-system-log-message port #:kernel? kernel?)
        ((? eof-object?) (reverse contents))
        (message
         (loop (cons (system-log-message-content message) contents)))))))

(test-equal "messages are read from ports"
  '(("a" "b" "c") ("a\n\nb"))
  (list (read-all "<6>a\n\n<7>b\nc" #t)
        (read-all "<13>a\n\nb\n" #f)))

(test-equal "where messages go by default, for root"
  '(("/var/log/messages" "/dev/tty12")
    ()
    ("/var/log/messages" "/dev/tty12" "/dev/console")
    ("/var/log/messages" "/dev/tty12" "/var/log/debug")
    ("/var/log/messages" "/dev/tty12" "/var/log/secure")
    ("/var/log/secure")
    ("/dev/console" "/var/log/secure"))
  (map (lambda (text)
         ((@@ (shepherd service system-log) system-destinations)
          (parse text)))
       '("<13>x" "<22>x" "<9>x" "<15>x" "<38>x" "<86>x" "<80>x")))

(test-equal "where the user's procedure fails, the default decides"
  '(("a" "b") () default default default)
  (map (lambda (choose)
         (let ((files ((@@ (shepherd service system-log) files-for)
                       choose (parse "<13>x"))))
           (if (equal? files ((default-message-destination-procedure)
                              (parse "<13>x")))
               'default
               files)))
       (list (const '("a" "b" "a"))
             (const '())
             (const #f)
             (const '(a))
             (lambda (message) (car '())))))

(test-equal "a message knows where it came from"
  '(#t #f (#f 8 "a") ("127.0.0.1" 514 8 "b"))
  (let* ((address (make-socket-address AF_INET INADDR_LOOPBACK 514))
         (unknown (parse "a"))
         (remote (parse "b" #:sender address)))
    (list (system-log-message? unknown) (system-log-message? "a")
          (list (system-log-message-sender unknown)
                (system-log-message-facility unknown)
                (system-log-message-content unknown))
          (let ((sender (system-log-message-sender remote)))
            (list (inet-ntop AF_INET (sockaddr:addr sender))
                  (sockaddr:port sender)
                  (system-log-message-facility remote)
                  (system-log-message-content remote))))))

(test-equal "the time without messages, if nothing else is said"
  '(1200 wrong-type-arg)
  (list (default-max-silent-time)
        (catch #t
          (lambda ()
            (parameterize ((default-max-silent-time "bad"))
              (system-log-service)))
          (lambda (key . _) key))))

(test-equal "errors of the configuration"
  '(wrong-type-arg wrong-type-arg wrong-type-arg wrong-type-arg)
  (map (lambda (thunk)
         (catch #t thunk (lambda (key . _) key)))
       (list (lambda ()
               ;; A stream has no datagrams.
               (system-log-service
                (list ((@ (shepherd endpoints) endpoint)
                       (make-socket-address AF_UNIX "/dev/log")))))
             (lambda ()
               (system-log-service #:history-size 0))
             (lambda ()
               (system-log-service #:max-silent-time "1"))
             (lambda ()
               (system-log-service #:message-destination "/var/log/x")))))

(test-end)
