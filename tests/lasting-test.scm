;;; lasting-test.scm -- tables of what stays.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (srfi srfi-1)
             (srfi srfi-64)
             (shepherd lasting))

(define (table-of . keys)
  "Return a table with the negative of each of KEYS."
  (let ((table (make-table)))
    (for-each (lambda (key)
                (table-set! table key (- key)))
              keys)
    table))

(define (contents table)
  (sort (table-fold (lambda (key value result)
                      (cons (cons key value) result))
                    '() table)
        (lambda (a b)
          (< (car a) (car b)))))

(test-begin "lasting")

(test-equal "a table gives what it was given, however much that is"
  (map - (iota 1000))
  (let ((table (apply table-of (iota 1000))))
    (map (lambda (key) (table-ref table key))
         (iota 1000))))

(test-equal "what is not in a table is false"
  #f
  (table-ref (table-of 1 2 3) 4))

(test-equal "of two values of a key the later one holds"
  '((1 . new) (2 . -2))
  (let ((table (table-of 1 2)))
    (table-set! table 1 'new)
    (contents table)))

(test-equal "what is removed from a table is gone, and nothing else"
  (filter-map (lambda (key)
                (and (odd? key) (cons key (- key))))
              (iota 1000))
  (let ((table (apply table-of (iota 1000))))
    (for-each (lambda (key)
                (table-remove! table (* 2 key)))
              (iota 600))
    (contents table)))

(test-equal "symbols are keys"
  '(1 #f)
  (let ((table (make-table)))
    (table-set! table 'a 1)
    (list (table-ref table 'a) (table-ref table 'b))))

(test-equal "a list is copied"
  '(a b c)
  (lasting-list '(a b c)))

(test-end "lasting")
