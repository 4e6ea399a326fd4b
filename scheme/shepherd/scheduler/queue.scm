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
;;; Depends on struct.scm.

(define-module (shepherd scheduler queue)
  #:use-module (shepherd scheduler struct)
  #:export (make-waiter
            waiter-ref
            waiter-set!

            make-wait-queue
            wait-queue?
            wait-queue-owner
            wait-queue-empty?
            wait-queue-push!
            wait-queue-pop!
            wait-queue-remove!

            make-ring
            ring-length
            ring->list
            ring-push!
            ring-pop!
            ring-take!))

(define-struct (<waiter> %make-waiter waiter? waiter-ref waiter-set!
  fiber                                 ;<fiber>
  kind                                  ;<kind> of operation
  datum                                 ;message to put, or deadline
  wrap                                  ;procedure | #f
  sibling                               ;<waiter> | #f
  place                                 ;<wait-queue> | <heap> | #f
  ;; These two belong to the place: links in a wait queue; the sequence
  ;; number and the index in a heap.
  previous
  next))

(define (make-waiter fiber kind datum wrap sibling)
  "Return a waiter that stands nowhere yet."
  (%make-waiter fiber kind datum wrap sibling #f #f #f))


;;; Wait queues: doubly linked, so that whoever loses a choice leaves at once.

(define-struct (<wait-queue> %make-wait-queue wait-queue? queue-ref queue-set!
  owner                                 ;what is waited for, any object
  first                                 ;<waiter> | #f
  last))                                ;<waiter> | #f

(define (make-wait-queue owner)
  "Return an empty wait queue that belongs to @var{owner}."
  (%make-wait-queue owner #f #f))

(define (wait-queue-owner queue)
  "Return what @var{queue} was made for."
  (queue-ref queue owner))

(define (wait-queue-empty? queue)
  "Return true if nobody stands in @var{queue}."
  (not (queue-ref queue first)))

(define (wait-queue-push! queue waiter)
  "Put @var{waiter} at the end of @var{queue}."
  (let ((last (queue-ref queue last)))
    (waiter-set! waiter place queue)
    (waiter-set! waiter previous last)
    (waiter-set! waiter next #f)
    (if last
        (waiter-set! last next waiter)
        (queue-set! queue first waiter))
    (queue-set! queue last waiter)))

(define (wait-queue-remove! queue waiter)
  "Take @var{waiter}, which stands in @var{queue}, out of it."
  (let ((previous (waiter-ref waiter previous))
        (next (waiter-ref waiter next)))
    (if previous
        (waiter-set! previous next next)
        (queue-set! queue first next))
    (if next
        (waiter-set! next previous previous)
        (queue-set! queue last previous))
    (waiter-set! waiter place #f)
    (waiter-set! waiter previous #f)
    (waiter-set! waiter next #f)))

(define (wait-queue-pop! queue)
  "Take the waiter that has stood in @var{queue} longest out of it and return
it, or return @code{#f}."
  (let ((first (queue-ref queue first)))
    (when first
      (wait-queue-remove! queue first))
    first))


;;; Rings.

(define %smallest-ring 64)              ;a power of two

(define-struct (<ring> %make-ring ring? ring-ref ring-set!
  slots                                 ;vector, its length a power of two
  start                                 ;index of the oldest element
  length))

(define (make-ring)
  "Return an empty ring."
  (%make-ring (make-vector %smallest-ring #f) 0 0))

(define (ring-length ring)
  "Return the number of elements of @var{ring}."
  (ring-ref ring length))

(define (ring->list ring)
  "Return the elements of @var{ring}, the oldest first."
  (let loop ((i (- (ring-ref ring length) 1))
             (objects '()))
    (if (< i 0)
        objects
        (loop (- i 1)
              (cons (vector-ref (ring-ref ring slots) (ring-index ring i))
                    objects)))))

(define (ring-index ring n)
  (logand (+ (ring-ref ring start) n)
          (- (vector-length (ring-ref ring slots)) 1)))

(define (ring-resize! ring size)
  "Move the elements of @var{ring} to a vector of @var{size} slots."
  (let ((slots (make-vector size #f))
        (length (ring-ref ring length)))
    (let loop ((i 0))
      (when (< i length)
        (vector-set! slots i
                     (vector-ref (ring-ref ring slots) (ring-index ring i)))
        (loop (+ i 1))))
    (ring-set! ring slots slots)
    (ring-set! ring start 0)))

(define (ring-push! ring object)
  "Add @var{object} to @var{ring} as its newest element."
  (let ((length (ring-ref ring length)))
    (when (= length (vector-length (ring-ref ring slots)))
      (ring-resize! ring (* 2 length)))
    (vector-set! (ring-ref ring slots) (ring-index ring length) object)
    (ring-set! ring length (+ length 1))))

(define (ring-pop! ring)
  "Remove and return the oldest element of @var{ring}, which is not empty."
  (let* ((slots (ring-ref ring slots))
         (start (ring-ref ring start))
         (length (- (ring-ref ring length) 1))
         (object (vector-ref slots start)))
    (vector-set! slots start #f)
    (ring-set! ring start (ring-index ring 1))
    (ring-set! ring length length)
    ;; Give memory back after a burst; half empty when done, so that pushes
    ;; and pops around this size don't resize each time.
    (let ((size (vector-length slots)))
      (when (and (> size %smallest-ring) (< (* 4 length) size))
        (ring-resize! ring (quotient size 2))))
    object))

(define (ring-take! ring n)
  "Remove and return the element of @var{ring} which is @var{n} places behind
the oldest.  The others keep their order."
  (let* ((slots (ring-ref ring slots))
         (object (vector-ref slots (ring-index ring n))))
    (let loop ((i n))
      (when (> i 0)
        (vector-set! slots (ring-index ring i)
                     (vector-ref slots (ring-index ring (- i 1))))
        (loop (- i 1))))
    (ring-pop! ring)
    object))
