;;; heap.scm --- Waiters ordered by their deadline
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A binary heap in a vector.  Each waiter knows its index (its 'next'), so
;;; taking one out costs O(log n), like putting one in.  Among equal
;;; deadlines the order is that of insertion (the sequence number is in
;;; 'previous').  The deadline is the waiter's datum.  No clock here.

(define-module (shepherd scheduler heap)
  #:use-module (shepherd scheduler queue)
  #:use-module (srfi srfi-9)
  #:export (make-heap
            heap-size
            heap-first
            heap-insert!
            heap-remove!))

(define %smallest-heap 64)

(define-record-type <heap>
  (%make-heap slots size sequence)
  heap?
  (slots    heap-slots set-heap-slots!)   ;vector of <waiter> | #f
  (size     heap-size set-heap-size!)     ;number of waiters
  (sequence heap-sequence set-heap-sequence!)) ;number of insertions so far

(define (make-heap)
  "Return an empty heap."
  (%make-heap (make-vector %smallest-heap #f) 0 0))

(define (heap-first heap)
  "Return the waiter of @var{heap} with the earliest deadline, or @code{#f}."
  (vector-ref (heap-slots heap) 0))

(define-inlinable (before? a b)
  (let ((x (waiter-datum a))
        (y (waiter-datum b)))
    (or (< x y)
        (and (= x y)
             (< (waiter-previous a) (waiter-previous b))))))

(define-inlinable (place! slots index waiter)
  (vector-set! slots index waiter)
  (set-waiter-next! waiter index))

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
    (vector-move-left! (heap-slots heap) 0 (heap-size heap) slots 0)
    (set-heap-slots! heap slots)))

(define (heap-insert! heap waiter)
  "Put @var{waiter} into @var{heap}, by the deadline that is its datum."
  (let ((size (heap-size heap))
        (sequence (heap-sequence heap)))
    (when (= size (vector-length (heap-slots heap)))
      (resize! heap (* 2 size)))
    (set-heap-sequence! heap (+ sequence 1))
    (set-heap-size! heap (+ size 1))
    (set-waiter-place! waiter heap)
    (set-waiter-previous! waiter sequence)
    (sift-up! (heap-slots heap) size waiter)))

(define (heap-remove! heap waiter)
  "Take @var{waiter}, which is in @var{heap}, out of it."
  (let* ((slots (heap-slots heap))
         (index (waiter-next waiter))
         (size (- (heap-size heap) 1))
         (last (vector-ref slots size)))
    (vector-set! slots size #f)
    (set-heap-size! heap size)
    (set-waiter-place! waiter #f)
    (set-waiter-next! waiter #f)
    (unless (eq? last waiter)
      (if (and (> index 0)
               (before? last (vector-ref slots (ash (- index 1) -1))))
          (sift-up! slots index last)
          (sift-down! slots size index last)))
    (let ((capacity (vector-length slots)))
      (when (and (> capacity %smallest-heap) (< (* 4 size) capacity))
        (resize! heap (quotient capacity 2))))))
