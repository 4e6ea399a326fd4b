;;; fuzz.scm -- inputs that nobody would think of, for parsers in Scheme.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A parser is a procedure of one argument, a bytevector or a string.  It gets
;;; each input of a corpus, then mutations of these, from a seed: what breaks it
;;; is printed with the seed that brings it about again.  Environment:
;;;
;;;   FUZZ_SEED     a number; else the time
;;;   FUZZ_INPUTS   how many mutations for each parser; else 3000

(define-module (tests fuzz)
  #:use-module (ice-9 binary-ports)
  #:use-module (ice-9 ftw)
  #:use-module (ice-9 match)
  #:use-module (ice-9 textual-ports)
  #:use-module (rnrs bytevectors)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:use-module (srfi srfi-64)
  #:export (fuzz-parser
            corpus-in))

(define (number-in variable default)
  (or (and=> (getenv variable) string->number)
      default))

(define seed (number-in "FUZZ_SEED" (current-time)))
(define inputs (number-in "FUZZ_INPUTS" 3000))

;; Seconds that a parser may take for one input.
(define time-limit 10)

(define (corpus-in directory)
  "Return the contents of the files in DIRECTORY, as bytevectors."
  (map (lambda (name)
         (let ((bytes (call-with-input-file (string-append directory "/" name)
                        get-bytevector-all #:binary #t)))
           (if (eof-object? bytes) #vu8() bytes)))
       (scandir directory (lambda (name)
                            (not (string-prefix? "." name))))))


;;;
;;; Mutations: a list of bytes becomes another.
;;;

(define (random-element items random)
  (list-ref items (random (length items))))

;; Bytes that mean something to most parsers, or are no characters.
(define odd-bytes
  (append (map char->integer
               (string->list "()\"\\#|;'` \t\n\r\x00\x7f0189+-*/.,:=<>[]{}@%$~"))
          '(#x80 #xc0 #xc3 #xe2 #xed #xf4 #xff)))

;; Words that are trouble in numbers and texts.
(define odd-words
  (map string->utf8
       '("18446744073709551616" "-1" "2147483648" "1e1000000" "+inf.0" "1/0"
         "#e1e100" "#xffff" "99999999999999999999999999999999" "%s%n" "\r\n"
         "#1:99999999999(" "#u8:9999999999(1)" "é" "\ufeff" "\u202e" "0x10" "*/0" "24:60" "@daily" "%TM")))

(define (mutate bytes others random)
  (let*-values (((start) (random (+ 1 (length bytes))))
                ((before after) (split-at bytes start))
                ((size) (min (length after) (random 16))))
    (match (random 8)
      (0 (append before (drop after size)))
      (1 (append before (take after size) after))
      (2 (append before (list (random-element odd-bytes random)) after))
      (3 (append before
                 (bytevector->u8-list (random-element odd-words random))
                 after))
      (4 (append before
                 (list-tail* (random-element others random) random)))
      (5 (if (null? after)
             before
             (append before (list (random-element odd-bytes random))
                     (cdr after))))
      (6 (append before (make-list (random 300) (random 256)) after))
      (7 (if (null? after)
             before
             (append before
                     (list (logxor (car after) (ash 1 (random 8))))
                     (cdr after)))))))

(define (list-tail* items random)
  (list-tail items (random (+ 1 (length items)))))

(define (mutation corpus random)
  (let loop ((bytes (random-element corpus random))
             (times (+ 1 (random 4))))
    (if (zero? times)
        bytes
        (loop (mutate bytes corpus random) (- times 1)))))


;;;
;;; Running.
;;;

(define (in-time thunk)
  "Call THUNK; throw `took-too-long' if it does not return in time."
  (dynamic-wind
    (lambda ()
      (sigaction SIGALRM (lambda _ (throw 'took-too-long)))
      (alarm time-limit))
    thunk
    (lambda ()
      (alarm 0))))

(define (breakage parser sound? keys input)
  "Return #f, or what is wrong with what PARSER makes of INPUT."
  (catch #t
    (lambda ()
      (let ((result (in-time (lambda () (parser input)))))
        (if (sound? result)
            #f
            `(returned ,result))))
    (lambda (key . arguments)
      (if (memq key keys)
          #f
          `(threw ,key ,@arguments)))))

(define (report name count input what)
  (let ((port (current-error-port)))
    (display (string-append name ": FUZZ_SEED=" (number->string seed)
                            ", input " (number->string count) ": ")
             port)
    (write input port)
    (newline port)
    (write what port)
    (newline port)
    #f))

(define* (fuzz-parser name parser corpus
                      #:key (sound? (const #t)) (throws '()) (text? #t))
  "Test that PARSER, called with each of CORPUS, a list of strings or bytevectors,
and with mutations of them, returns something of which SOUND? is true, or throws
one of the keys THROWS, in a bounded time.  It gets strings if TEXT?, in which bytes
that are no UTF-8 are replaced; else bytevectors."
  (define state (seed->random-state (string-append name (number->string seed))))

  (define (choose limit)
    (random limit state))

  (define lists
    (map (match-lambda
           ((? string? text) (bytevector->u8-list (string->utf8 text)))
           (bytes (bytevector->u8-list bytes)))
         corpus))

  (define (input bytes)
    (let ((bytes (u8-list->bytevector bytes)))
      (if text?
          (let ((port (open-bytevector-input-port bytes)))
            (set-port-encoding! port "UTF-8")
            (set-port-conversion-strategy! port 'substitute)
            (get-string-all port))
          bytes)))

  (define (survives? bytes count)
    (let ((input (input bytes)))
      (match (breakage parser sound? throws input)
        (#f #t)
        (what (report name count input what)))))

  (test-assert (string-append name " survives its corpus")
    (every (lambda (bytes) (survives? bytes 0)) lists))
  (test-assert (string-append name " survives mutations")
    (let loop ((count 1))
      (or (> count inputs)
          (and (survives? (mutation lists choose) count)
               (loop (+ count 1))))))
  (display (string-append name ": " (number->string (+ inputs (length lists)))
                          " inputs\n")))
