;;; write-property.scm -- whatever `write' prints, %datum->text returns

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; Loaded by write-test, which defines %datum->text.

(use-modules (srfi srfi-64)
             (rnrs bytevectors))

(define seed (current-time))
(define state (seed->random-state seed))

(define (pick . choices)
  (list-ref choices (random (length choices) state)))

(define (random-char)
  "Return a character of any kind: ASCII most often."
  (let ((limit (pick 128 128 128 256 #x3000 #x10ffff)))
    (let retry ((n (random limit state)))
      (if (<= #xd800 n #xdfff)
          (retry (random limit state))
          (integer->char n)))))

(define (random-string)
  (let ((length (random 12 state))
        (char (pick random-char
                    (lambda ()
                      (string-ref "abcXYZ019+-.:#|\\\"'`,;(){}[] \n\t@!?/"
                                  (random 34 state))))))
    (string-tabulate (lambda (i) (char)) length)))

(define (random-number)
  ((pick (lambda () (random 100 state))
         (lambda () (- (random 100000 state) 50000))
         (lambda () (- (random (expt 2 64) state) (expt 2 63)))
         (lambda () (random 1.0 state))
         (lambda () (/ (random 50 state) (1+ (random 50 state))))
         (lambda () (pick +inf.0 -inf.0 +nan.0 -0.0 most-positive-fixnum
                          most-negative-fixnum (1+ most-positive-fixnum)
                          (1- most-negative-fixnum))))))

(define (random-atom)
  ((pick random-number
         random-string
         random-char
         (lambda () (string->symbol (random-string)))
         (lambda () (symbol->keyword (string->symbol (random-string))))
         (lambda () (u8-list->bytevector '(0 1 255)))
         (lambda () (pick 'a 'service 'one-shot? '... '+ '- '-> '1+ '1- '.x
                          (string->symbol "1") (string->symbol ".")
                          (string->symbol "") (string->symbol "a b")
                          (string->symbol "a:") (string->symbol ":a")))
         (lambda () (pick #t #f '() #nil (if #f #f) (read (open-input-string "")) #:key
                          car (current-module))))))

(define (random-datum depth)
  (if (zero? depth)
      (random-atom)
      ((pick random-atom
             (lambda ()
               (map (lambda (i) (random-datum (1- depth)))
                    (iota (random 5 state))))
             (lambda ()
               (cons (random-datum (1- depth)) (random-datum (1- depth))))
             (lambda ()
               (list (pick 'quote 'quasiquote 'unquote 'unquote-splicing)
                     (random-datum (1- depth))))
             (lambda ()
               (list->vector (map (lambda (i) (random-datum (1- depth)))
                                  (iota (random 5 state)))))))))

(define (same? datum)
  (let ((expected (object->string datum))
        (actual (%datum->text datum)))
    (or (string=? expected actual)
        (begin
          (format #t "expected ~a~%actual   ~a~%" expected actual)
          #f))))

(define (agrees-on? count make)
  "Do both writers agree on @var{count} results of @var{make}?"
  (or (zero? count)
      (and (same? (make))
           (agrees-on? (1- count) make))))

(define runner (test-runner-simple))
(test-runner-factory (lambda () runner))
(set-port-encoding! (current-output-port) "UTF-8")
(format #t "seed: ~a~%" seed)

(test-begin "write")

(test-assert "atoms are written as Guile writes them"
  (agrees-on? 20000 random-atom))

(test-assert "compound data are written as Guile writes them"
  (agrees-on? 5000 (lambda () (random-datum 4))))

(test-assert "each ASCII character in a string and a symbol"
  (let loop ((n 0))
    (or (= n 256)
        (and (same? (string #\a (integer->char n)))
             (same? (string->symbol (string (integer->char n))))
             (same? (string->symbol (string #\a (integer->char n))))
             (loop (1+ n))))))

(test-assert "a long list needs no stack"
  (let ((datum (iota 1000000)))
    (string=? (object->string datum) (%datum->text datum))))

;; Some twenty times faster, usually: the margin is for busy machines.
(define (least-time writer datum)
  (apply min (map (lambda (i)
                    (let ((start (get-internal-real-time)))
                      (writer datum)
                      (- (get-internal-real-time) start)))
                  (iota 5))))

(test-assert "the usual data are written faster than by Guile"
  (let ((data (make-list 1000 '(service (provides (web-server www))
                                        (docstring "Serve the pages.")
                                        (respawn? #t) (respawn-delay 0.1)
                                        (status-changes
                                         ((running . 1795380493)))))))
    (< (least-time %datum->text data) (least-time object->string data))))

(test-error "a list nested too deeply is refused"
  #t
  (%datum->text (let loop ((n 20000) (datum '()))
                  (if (zero? n)
                      datum
                      (loop (1- n) (list datum))))))

(test-error "a list that contains itself is refused"
  #t
  (let ((datum (list 1)))
    (set-car! datum datum)
    (%datum->text datum)))

(test-error "a list without end is refused"
  #t
  (let ((datum (list (make-string 100000 #\a))))
    (set-cdr! datum datum)
    (%datum->text datum)))

(test-end "write")
(zero? (test-runner-fail-count runner))
