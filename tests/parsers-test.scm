;;; parsers-test.scm -- parsers in Scheme of bytes that others control.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(eval-when (expand load eval)
  (add-to-load-path (string-append (getenv "abs_top_srcdir")
                                   "/tests/modules")))

(use-modules (ice-9 binary-ports)
             (rnrs bytevectors)
             (srfi srfi-64)
             (tests fuzz)
             (shepherd comm)
             (shepherd system-log message))

(define source (getenv "abs_top_srcdir"))

;;; PID files.

(define pid-in-file
  (@@ (shepherd process) pid-in-file))

(define file
  (string-append (getenv "TMPDIR") "/pid"))

(define (pid-in bytes)
  (call-with-output-file file
    (lambda (port)
      (put-bytevector port bytes))
    #:binary #t)
  (pid-in-file file))

(define (pid-or-false? object)
  (or (not object)
      (and (exact-integer? object) (<= 1 object (- (ash 1 31) 1)))))

(fuzz-parser "a PID file" pid-in
             '("1" "42\n" " 4194303 \n" "" "0" "-7" "12 34" "1e3" "#xff" "7/1"
               "4294967297" "+5" "abc")
             #:sound? pid-or-false? #:text? #f)

(test-equal "what a PID file may hold"
  '(1 42 4194303 #f #f #f #f #f #f #f #f)
  (map (lambda (text)
         (pid-in ((@ (rnrs bytevectors) string->utf8) text)))
       '("1" "42\n" " 4194303 \n" "" "0" "-7" "12 34" "1e3" "#xff" "7/1"
         "4294967297")))

(test-equal "a file without end is read in part"
  #f
  (pid-in-file "/dev/zero"))

;;; Commands and replies.

(fuzz-parser "a command"
             (lambda (text)
               (call-with-input-string text read-command))
             (corpus-in (string-append source "/tests/fuzz/corpus/command"))
             #:sound? (lambda (object)
                        (or (not object) (shepherd-command? object)))
             #:throws '(read-error))

(fuzz-parser "a reply"
             (lambda (text)
               (call-with-input-string text read-reply))
             (corpus-in (string-append source "/tests/fuzz/corpus/reply"))
             #:throws '(read-error))

;;; Messages of the system log.

(define (forbidden? char)
  (and (not (char=? char #\tab))
       (char-set-contains? char-set:iso-control char)))

(define (bounded-lines? lines)
  (and (pair? lines)
       (and-map (lambda (line)
                  (and (string-prefix? "localhost " line)
                       (not (string-index line forbidden? 10))))
                lines)))

(for-each (lambda (kernel?)
            (fuzz-parser (if kernel? "a kernel message" "a syslog message")
                         (lambda (bytes)
                           (message->lines
                            (bytes->system-log-message
                             bytes (bytevector-length bytes) #f
                             #:kernel? kernel?)))
                         '("<29>Jun 22 16:41:30 wpa_supplicant[303]: x"
                           "<13>2024-01-01T00:00:00Z host x\n" "no prefix"
                           "<1023>x" "<6>[ 1.2] foo" "< 13>" "<>" ""
                           "Nov  2 1:2:3 a\nNov 2 1:2:3 b" "<13> é\x00;x")
                         #:sound? bounded-lines? #:text? #f))
          '(#f #t))
