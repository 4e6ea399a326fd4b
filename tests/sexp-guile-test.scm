;;; sexp-guile-test.scm -- our parser and writer in C agree with Guile's

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (srfi srfi-64)
             (ice-9 popen)
             (ice-9 rdelim)
             (rnrs bytevectors))

(define program
  (string-append (getenv "abs_top_builddir") "/tests/rewrite-data"))

(define seed (current-time))
(define state (seed->random-state seed))

(define (pick . choices)
  (list-ref choices (random (length choices) state)))

(define (random-char limit)
  (let retry ((n (random limit state)))
    (if (<= #xd800 n #xdfff)
        (retry (random limit state))
        (integer->char n))))

(define (random-string)
  "Return a string of any ASCII characters, or of letters of any alphabet."
  (let ((length (random 10 state)))
    (pick (string-tabulate (lambda (i) (random-char 128)) length)
          (string-tabulate (lambda (i)
                             (pick #\a #\é #\ß #\я #\日 #\→ #\space))
                           length))))

;; Guile cannot read what it writes for some symbols with backslashes, or
;; with a colon at an end.
(define (random-symbol)
  (string->symbol (string-trim-both (string-delete #\\ (random-string)) #\:)))

(define (random-number)
  (pick (random 100 state) (- (random 100000 state))
        (- (random (expt 2 64) state) (expt 2 63))
        (* (random (expt 2 64) state) (random (expt 2 64) state))
        (/ (random 50 state) (1+ (random 50 state)))
        (random 1.0 state) (* 1e100 (random 1.0 state))
        +inf.0 -inf.0 +nan.0 -0.0))

(define (random-atom)
  (pick (random-number) (random-string) #t #f '()
        (random-symbol) (symbol->keyword (random-symbol))
        (pick 'a '+ '- '... '1+ '->x 'a.b)
        (random-char 128) (pick #\é #\日)))

(define (random-list depth)
  (let loop ((n (random 5 state)))
    (if (zero? n)
        (pick '() '() '() (random-atom))
        (cons (random-datum depth) (loop (1- n))))))

(define (random-datum depth)
  (if (zero? depth)
      (random-atom)
      (case (random 7 state)
        ((0) (random-atom))
        ((1) (list->vector (list (random-datum (1- depth)) (random-atom))))
        ((2) (u8-list->bytevector (list (random 256 state) 0)))
        ((3) (list (pick 'quote 'quasiquote 'unquote 'unquote-splicing)
                   (random-datum (1- depth))))
        (else (random-list (1- depth))))))

(define (rewritten data)
  "Return the lines that the program prints for DATA, in one string."
  (let ((port (open-output-file "data")))
    (set-port-encoding! port "UTF-8")
    (write data port)
    (close-port port))
  (let ((pipe (open-input-pipe (string-append "'" program "' < data"))))
    (set-port-encoding! pipe "UTF-8")
    (let ((lines (read-string pipe)))
      (close-pipe pipe)
      lines)))

(define (written data)
  (call-with-output-string
    (lambda (port)
      (for-each (lambda (datum)
                  (write datum port)
                  (newline port))
                data))))

(test-begin "sexp-guile")

(define (first-difference ours theirs)
  "Return the first lines of the two texts that differ, or #f."
  (let loop ((ours (string-split ours #\newline))
             (theirs (string-split theirs #\newline)))
    (cond ((equal? ours theirs) #f)
          ((or (null? ours) (null? theirs)) (list ours theirs))
          ((string=? (car ours) (car theirs)) (loop (cdr ours) (cdr theirs)))
          (else (list (car ours) (car theirs) 'seed seed)))))

(let ((data (map (lambda (i) (random-datum 4)) (iota 3000))))
  (test-equal "random data are written as Guile writes them"
    #f
    (first-difference (rewritten data) (written data))))

(test-end)
