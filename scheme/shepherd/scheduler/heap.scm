;;; heap.scm --- Waiters ordered by their deadline
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A binary heap in a vector.  Each waiter knows its index (its 'next'), so
;;; taking one out costs O(log n), like putting one in.  Among equal
;;; deadlines the order is that of insertion (the sequence number is in
;;; 'previous').  The deadline is the waiter's datum.  No clock here.
;;;
;;; Depends on queue.scm and struct.scm.

(define-module (shepherd scheduler heap)
  #:use-module (shepherd scheduler queue)
  #:use-module (shepherd scheduler struct)
  #:export (make-heap
            heap-size
            heap-first
            heap-insert!
            heap-remove!))

(define %smallest-heap 64)

(define-struct (<heap> %make-heap heap? heap-ref heap-set!
  slots                                 ;vector of <waiter> | #f
  size                                  ;number of waiters
  sequence))                            ;number of insertions so far

(define (make-heap)
  "Return an empty heap."
  (%make-heap (make-vector %smallest-heap #f) 0 0))

(define (heap-size heap)
  "Return the number of waiters in @var{heap}."
  (heap-ref heap size))

(define (heap-first heap)
  "Return the waiter of @var{heap} with the earliest deadline, or @code{#f}."
  (vector-ref (heap-ref heap slots) 0))

(define (before? a b)
  (let ((x (waiter-ref a datum))
        (y (waiter-ref b datum)))
    (or (< x y)
        (and (= x y)
             (< (waiter-ref a previous) (waiter-ref b previous))))))

(define (place! slots index waiter)
  (vector-set! slots index waiter)
  (waiter-set! waiter next index))

(define (sift-up! slots index waiter)
  "Put @var{waiter} into @var{slots} at @var{index} or above."
  (let loop ((index index))
    (if (zero? index)
        (place! slots 0 waiter)
        (let* ((above (ash (- index 1) -1))
               (other (vector-ref slots above)))
          (if (before? waiter other)
              (begin
                (place! slots index other)
                (loop above))
              (place! slots index waiter))))))

(define (sift-down! slots size index waiter)
  "Put @var{waiter} into the first @var{size} of @var{slots}, at @var{index}
or below."
  (let loop ((index index))
    (let ((left (+ index index 1)))
      (if (>= left size)
          (place! slots index waiter)
          (let* ((right (+ left 1))
                 (below (if (and (< right size)
                                 (before? (vector-ref slots right)
                                          (vector-ref slots left)))
                            right
                            left))
                 (other (vector-ref slots below)))
            (if (before? other waiter)
                (begin
                  (place! slots index other)
                  (loop below))
                (place! slots index waiter)))))))

(define (resize! heap size)
  (let ((slots (make-vector size #f)))
    (vector-move-left! (heap-ref heap slots) 0 (heap-ref heap size) slots 0)
    (heap-set! heap slots slots)))

(define (heap-insert! heap waiter)
  "Put @var{waiter} into @var{heap}, by the deadline that is its datum."
  (let ((size (heap-ref heap size))
        (sequence (heap-ref heap sequence)))
    (when (= size (vector-length (heap-ref heap slots)))
      (resize! heap (* 2 size)))
    (heap-set! heap sequence (+ sequence 1))
    (heap-set! heap size (+ size 1))
    (waiter-set! waiter place heap)
    (waiter-set! waiter previous sequence)
    (sift-up! (heap-ref heap slots) size waiter)))

(define (heap-remove! heap waiter)
  "Take @var{waiter}, which is in @var{heap}, out of it."
  (let* ((slots (heap-ref heap slots))
         (index (waiter-ref waiter next))
         (size (- (heap-ref heap size) 1))
         (last (vector-ref slots size)))
    (vector-set! slots size #f)
    (heap-set! heap size size)
    (waiter-set! waiter place #f)
    (waiter-set! waiter next #f)
    (unless (eq? last waiter)
      (if (and (> index 0)
               (before? last (vector-ref slots (ash (- index 1) -1))))
          (sift-up! slots index last)
          (sift-down! slots size index last)))
    (let ((capacity (vector-length slots)))
      (when (and (> capacity %smallest-heap) (< (* 4 size) capacity))
        (resize! heap (quotient capacity 2))))))
