;;; queue.scm --- Queues of waiting and of runnable fibers
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A *waiter* says that a fiber waits for one thing.  It stands in one
;;; place, a *wait queue* (here) or the heap of timers (heap.scm), and can be
;;; taken out of it without a search.  A fiber in a choice has several
;;; waiters, chained by 'sibling'.
;;;
;;; A *ring* is a first-in first-out queue in a vector that grows and
;;; shrinks; the scheduler keeps runnable fibers in one.
;;;
;;; Depends on nothing.

(define-module (shepherd scheduler queue)
  #:use-module (srfi srfi-9)
  #:export (make-waiter
            waiter?
            waiter-fiber
            waiter-kind
            waiter-datum
            set-waiter-datum!
            waiter-wrap
            waiter-sibling
            waiter-place
            set-waiter-place!
            waiter-previous
            set-waiter-previous!
            waiter-next
            set-waiter-next!

            make-wait-queue
            wait-queue?
            wait-queue-owner
            wait-queue-empty?
            wait-queue-push!
            wait-queue-pop!
            wait-queue-remove!

            make-ring
            ring-length
            ring-push!
            ring-pop!
            ring-take!))

;; PREVIOUS and NEXT belong to the place that the waiter stands in: links in
;; a wait queue; the sequence number and the index in a heap.
(define-record-type <waiter>
  (%make-waiter fiber kind datum wrap sibling place previous next)
  waiter?
  (fiber    waiter-fiber)                 ;<fiber>
  (kind     waiter-kind)                  ;<operation-kind>
  (datum    waiter-datum set-waiter-datum!) ;message to put, or deadline
  (wrap     waiter-wrap)                  ;procedure | #f
  (sibling  waiter-sibling)               ;<waiter> | #f
  (place    waiter-place set-waiter-place!) ;<wait-queue> | <heap> | #f
  (previous waiter-previous set-waiter-previous!)
  (next     waiter-next set-waiter-next!))

(define-inlinable (make-waiter fiber kind datum wrap sibling)
  (%make-waiter fiber kind datum wrap sibling #f #f #f))


;;; Wait queues: doubly linked, so that whoever loses a choice leaves at once.

(define-record-type <wait-queue>
  (%make-wait-queue owner first last)
  wait-queue?
  (owner wait-queue-owner)                ;what is waited for, any object
  (first wait-queue-first set-wait-queue-first!) ;<waiter> | #f
  (last  wait-queue-last set-wait-queue-last!))  ;<waiter> | #f

(define (make-wait-queue owner)
  "Return an empty wait queue that belongs to @var{owner}."
  (%make-wait-queue owner #f #f))

(define-inlinable (wait-queue-empty? queue)
  (not (wait-queue-first queue)))

(define (wait-queue-push! queue waiter)
  "Put @var{waiter} at the end of @var{queue}."
  (let ((last (wait-queue-last queue)))
    (set-waiter-place! waiter queue)
    (set-waiter-previous! waiter last)
    (set-waiter-next! waiter #f)
    (if last
        (set-waiter-next! last waiter)
        (set-wait-queue-first! queue waiter))
    (set-wait-queue-last! queue waiter)))

(define (wait-queue-remove! queue waiter)
  "Take @var{waiter}, which stands in @var{queue}, out of it."
  (let ((previous (waiter-previous waiter))
        (next (waiter-next waiter)))
    (if previous
        (set-waiter-next! previous next)
        (set-wait-queue-first! queue next))
    (if next
        (set-waiter-previous! next previous)
        (set-wait-queue-last! queue previous))
    (set-waiter-place! waiter #f)
    (set-waiter-previous! waiter #f)
    (set-waiter-next! waiter #f)))

(define (wait-queue-pop! queue)
  "Take the waiter that has stood in @var{queue} longest out of it and return
it, or return @code{#f}."
  (let ((first (wait-queue-first queue)))
    (when first
      (wait-queue-remove! queue first))
    first))


;;; Rings.

(define %smallest-ring 64)                ;a power of two

(define-record-type <ring>
  (%make-ring slots start length)
  ring?
  (slots  ring-slots set-ring-slots!)     ;vector, its length a power of two
  (start  ring-start set-ring-start!)     ;index of the oldest element
  (length ring-length set-ring-length!))

(define (make-ring)
  "Return an empty ring."
  (%make-ring (make-vector %smallest-ring #f) 0 0))

(define-inlinable (ring-index ring n)
  (logand (+ (ring-start ring) n)
          (- (vector-length (ring-slots ring)) 1)))

(define (ring-resize! ring size)
  "Move the elements of @var{ring} to a vector of @var{size} slots."
  (let ((slots (make-vector size #f))
        (length (ring-length ring)))
    (let loop ((i 0))
      (when (< i length)
        (vector-set! slots i
                     (vector-ref (ring-slots ring) (ring-index ring i)))
        (loop (+ i 1))))
    (set-ring-slots! ring slots)
    (set-ring-start! ring 0)))

(define (ring-push! ring object)
  "Add @var{object} to @var{ring} as its newest element."
  (let ((length (ring-length ring)))
    (when (= length (vector-length (ring-slots ring)))
      (ring-resize! ring (* 2 length)))
    (vector-set! (ring-slots ring) (ring-index ring length) object)
    (set-ring-length! ring (+ length 1))))

(define (ring-pop! ring)
  "Remove and return the oldest element of @var{ring}, which is not empty."
  (let* ((slots (ring-slots ring))
         (start (ring-start ring))
         (length (- (ring-length ring) 1))
         (object (vector-ref slots start)))
    (vector-set! slots start #f)
    (set-ring-start! ring (ring-index ring 1))
    (set-ring-length! ring length)
    ;; Give memory back after a burst; half empty when done, so that pushes
    ;; and pops around this size don't resize each time.
    (let ((size (vector-length slots)))
      (when (and (> size %smallest-ring) (< (* 4 length) size))
        (ring-resize! ring (quotient size 2))))
    object))

(define (ring-take! ring n)
  "Remove and return the element of @var{ring} which is @var{n} places behind
the oldest.  The oldest takes its place."
  (let* ((slots (ring-slots ring))
         (index (ring-index ring n))
         (object (vector-ref slots index)))
    (vector-set! slots index (vector-ref slots (ring-start ring)))
    (vector-set! slots (ring-start ring) object)
    (ring-pop! ring)))
