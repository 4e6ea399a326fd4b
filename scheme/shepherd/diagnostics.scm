;;; (shepherd diagnostics) -- exceptions as text, and what was probably meant.
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; What explains errors in configuration files is in (shepherd diagnostics
;;; hints), which is loaded when there is one.

(define-module (shepherd diagnostics)
  #:export (object->text
            object->text-by
            fill-in
            format-text
            exception->string
            name-distance
            nearest-name))

(define (object->text object)
  "Return @var{object} as @code{write} shows it.  Never raises: its printer may be
a user's."
  (catch #t
    (lambda () (object->string object))
    (lambda _
      (catch #t
        (lambda ()
          (string-append "#<" (symbol->string (struct-vtable-name
                                               (struct-vtable object)))
                         ", whose printer fails>"))
        (lambda _
          "#<an object whose printer fails>")))))

;; Messages are made at each turn of a service's life; `simple-format' has a port
;; with a large buffer for each of them.
(define (fill-in control arguments object->string)
  "Return the string @var{control} with the list @var{arguments} in place of its
directives, all of which are @code{~a}, @code{~s}, @code{~~} or @code{~%}; or
@code{#f} if there are others, or another number of arguments.
@code{(@var{object->string} OBJECT PROC)} returns what PROC, @code{display} or
@code{write}, makes of what is no string, symbol or number."
  (define (display->string object)
    (cond ((string? object) object)
          ((symbol? object) (symbol->string object))
          ((number? object) (number->string object))
          (else (object->string object display))))

  (define (write->string object)
    (if (number? object)
        (number->string object)
        (object->string object write)))

  (let loop ((start 0) (arguments arguments) (pieces '()))
    (let ((tilde (string-index control #\~ start)))
      (define (go-on piece arguments)
        (loop (+ tilde 2) arguments
              (cons* piece (substring control start tilde) pieces)))

      (cond ((not tilde)
             (and (null? arguments)
                  (string-concatenate-reverse pieces
                                              (substring control start))))
            ((= (+ tilde 1) (string-length control))
             #f)
            (else
             (case (string-ref control (+ tilde 1))
               ((#\a #\A)
                (and (pair? arguments)
                     (go-on (display->string (car arguments))
                            (cdr arguments))))
               ((#\s #\S)
                (and (pair? arguments)
                     (go-on (write->string (car arguments))
                            (cdr arguments))))
               ((#\~) (go-on "~" arguments))
               ((#\%) (go-on "\n" arguments))
               (else #f)))))))

(define (object->text-by object proc)
  "Return what @var{proc}, @code{display} or @code{write}, makes of @var{object};
or, if its printer fails, the text of @code{object->text}."
  (catch #t
    (lambda () (object->string object proc))
    (lambda _ (object->text object))))

(define (format-text control . arguments)
  "Return the string @var{control}, where @code{~a} and @code{~s} stand for
@var{arguments}.  Never raises because of what these are."
  (or (fill-in control arguments object->text-by)
      (object->text (cons control arguments))))

(define (exception->string key args)
  "Return the text that Guile prints for the exception @var{key} with
@var{args}, without final newline.  Never raises."
  (catch #t
    (lambda ()
      (string-trim-right
       (call-with-output-string
         (lambda (port)
           (print-exception port #f key args)))
       #\newline))
    (lambda _
      ;; Arguments of another form than the key leads one to expect, or an
      ;; object whose printer fails.
      (catch #t
        (lambda ()
          (simple-format #f "Throw to key `~a' with args `~s'." key args))
        (lambda _
          (format-text "Throw to key `~a' with args `~a'." key
                       (map object->text args)))))))

(define (name-distance a b limit)
  "Return the number of letters to insert, remove, change or swap with their
neighbour to get from string @var{a} to string @var{b}; @code{#f} if it exceeds
@var{limit}."
  (define columns (+ 1 (string-length b)))

  (define (next-row before above i)
    ;; BEFORE and ABOVE are the rows of I-2 and I-1 letters of A.
    (let ((row (make-vector columns i))
          (chr (string-ref a (- i 1))))
      (let loop ((j 1))
        (when (< j columns)
          (let* ((other (string-ref b (- j 1)))
                 (cost (if (char=? chr other) 0 1))
                 (best (min (+ 1 (vector-ref above j))
                            (+ 1 (vector-ref row (- j 1)))
                            (+ cost (vector-ref above (- j 1))))))
            (vector-set! row j
                         (if (and (> i 1) (> j 1)
                                  (char=? chr (string-ref b (- j 2)))
                                  (char=? other (string-ref a (- i 2))))
                             (min best (+ 1 (vector-ref before (- j 2))))
                             best))
            (loop (+ j 1)))))
      row))

  (and (<= (abs (- (string-length a) (string-length b))) limit)
       (let loop ((i 1) (before #f) (above (list->vector (iota columns))))
         (if (> i (string-length a))
             (let ((distance (vector-ref above (- columns 1))))
               (and (<= distance limit) distance))
             (and (<= (apply min (vector->list above)) limit)
                  (loop (+ i 1) above (next-row before above i)))))))

(define (plausible-distance name)
  "Return how far from string @var{name} another may be to have been meant."
  (let ((length (string-length name)))
    (cond ((< length 3) 0)
          ((< length 5) 1)
          ((< length 9) 2)
          (else 3))))

(define (->string name)
  (cond ((symbol? name) (symbol->string name))
        ((keyword? name) (symbol->string (keyword->symbol name)))
        (else name)))

(define (nearest-name name candidates)
  "Return the one of the list @var{candidates} that was probably meant by
@var{name}, @code{#f} if none is near; the earlier one of equals.  Names are
strings, symbols or keywords."
  (let ((text (->string name)))
    (let loop ((candidates candidates)
               (limit (plausible-distance text))
               (best #f))
      (if (or (null? candidates) (< limit 0))
          best
          (let ((distance (name-distance text (->string (car candidates))
                                         limit)))
            (if (and distance (> distance 0))
                ;; From here on only a nearer one will do.
                (loop (cdr candidates) (- distance 1) (car candidates))
                (loop (cdr candidates) limit best)))))))
