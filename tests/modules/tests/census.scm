;;; census.scm --- What an interpreter holds, counted
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; To be called in a fiber.

(define-module (tests census)
  #:use-module (shepherd scheduler)
  #:use-module ((shepherd service) #:select (service-name-count))
  #:use-module ((shepherd scheduler fiber)
                #:select (fiber-waits scheduler-ref this-scheduler))
  #:use-module ((shepherd scheduler heap) #:select (heap-size))
  #:export (live-heap
            timer-count
            waiter-count
            census))

(define (live-heap)
  "Return how many bytes of the heap are in use when all garbage is collected."
  ;; What is in weak tables, or has finalizers, goes step by step.
  (for-each (lambda (_) (gc)) (iota 5))
  (let ((stats (gc-stats)))
    (- (assq-ref stats 'heap-size) (assq-ref stats 'heap-free-size))))

(define (timer-count)
  "Return how many timers are set."
  (heap-size (scheduler-ref (this-scheduler) timers)))

(define (waiter-count)
  "Return for how many things fibers wait."
  (apply + (map (lambda (fiber)
                  (length (fiber-waits fiber)))
                (all-fibers))))

(define (census)
  "Return how many bytes of the heap are in use, and how many fibers, things that
they wait for, timers and names of services there are."
  (let ((bytes (live-heap)))            ;without it dead fibers would count
    (list bytes (length (all-fibers)) (waiter-count) (timer-count)
          (service-name-count))))
