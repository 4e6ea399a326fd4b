;;; (shepherd lasting) -- what is there to stay.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Each start of a service leaves much behind that is soon forgotten, and a
;;; little that stays.  Mixed, these would keep most of the heap from going back
;;; to the system, so what stays is made here, where nothing else is.

(define-module (shepherd lasting)
  #:use-module (srfi srfi-9)
  #:use-module ((shepherd core)
                #:select ((%lasting . lasting)
                          (%lasting-cons . lasting-cons)))
  #:export (lasting-list
            make-table
            table-ref
            table-set!
            table-remove!
            table-fold)
  #:re-export (lasting
               lasting-cons))

(define (lasting-list items)
  "Return a copy of the list @var{items}."
  (if (pair? items)
      (lasting-cons (car items) (lasting-list (cdr items)))
      items))


;;;
;;; Hash tables, by `eq?'.  Those of Guile make their pairs where all others are.
;;;

(define-record-type <table>
  (%make-table buckets count)
  table?
  (buckets table-buckets set-table-buckets!) ;vector of lists of (KEY . VALUE)
  (count   table-count set-table-count!))

(define (make-table)
  "Return an empty table of what stays for long, by symbols or small integers."
  (%make-table (make-vector 31 '()) 0))

(define (bucket-index buckets key)
  (hashq key (vector-length buckets)))

(define (bucket table key)
  "Return the list that the entry of @var{key} is in, if there is one."
  (let ((buckets (table-buckets table)))
    (vector-ref buckets (bucket-index buckets key))))

(define (set-bucket! table key bucket difference)
  "Let @var{bucket} be that of @var{key}, with @var{difference} more entries."
  (let ((buckets (table-buckets table)))
    (vector-set! buckets (bucket-index buckets key) bucket)
    (set-table-count! table (+ difference (table-count table)))))

(define (table-ref table key)
  "Return the value of @var{key} in @var{table}, or @code{#f}."
  (assq-ref (bucket table key) key))

(define (table-grow! table)
  (let* ((old (table-buckets table))
         (new (make-vector (+ 1 (* 2 (vector-length old))) '())))
    (let move ((i 0) (pairs '()))
      (cond ((pair? pairs)
             (let ((next (cdr pairs))
                   (index (bucket-index new (caar pairs))))
               (set-cdr! pairs (vector-ref new index))
               (vector-set! new index pairs)
               (move i next)))
            ((< i (vector-length old))
             (move (+ i 1) (vector-ref old i)))))
    (set-table-buckets! table new)))

(define (table-set! table key value)
  "Let @var{value} be that of @var{key} in @var{table}."
  (let* ((old (bucket table key))
         (entry (assq key old)))
    (cond (entry
           (set-cdr! entry value))
          (else
           (set-bucket! table key
                        (lasting-cons (lasting-cons key value) old)
                        1)
           (when (> (table-count table)
                    (vector-length (table-buckets table)))
             (table-grow! table))))))

(define (table-remove! table key)
  "Have @var{key} mean nothing in @var{table}."
  (let* ((old (bucket table key))
         (entry (assq key old)))
    (when entry
      (set-bucket! table key (delq! entry old) -1))))

(define (table-fold proc initial table)
  "Call @var{proc} with each key of @var{table}, its value, and the result of the
call before, @var{initial} at first; return the last result."
  (let loop ((i 0) (bucket '()) (result initial))
    (cond ((pair? bucket)
           (loop i (cdr bucket)
                 (proc (caar bucket) (cdar bucket) result)))
          ((< i (vector-length (table-buckets table)))
           (loop (+ i 1) (vector-ref (table-buckets table) i) result))
          (else
           result))))
