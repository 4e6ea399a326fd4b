;;; (tests simulation preemption) -- fibers lose control wherever they may.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; In the daemon the clock of the core marks an async, which the virtual
;;; machine runs at its next interruption point.  Here the daemon's modules, and
;;; users' methods, are compiled such that they call a procedure at each, and
;;; chance decides at which of these the fiber is preempted.
;;;
;;; What is left out is what goes on inside Guile's own procedures written in
;;; Scheme, which has nothing to do with what fibers share.  What plays the
;;; core, and what watches, is not preempted.

(define-module (tests simulation preemption)
  #:use-module (ice-9 threads)
  #:use-module (shepherd scheduler)
  #:use-module (tests simulation chance)
  #:use-module (tests simulation points)
  #:export (call-with-preemption
            call-with-stray-asyncs
            undisturbed))

;; How many calls of undisturbed procedures are going on.
(define depth 0)

(define (undisturbed procedure)
  "Return PROCEDURE, made such that no fiber is preempted in it, and what it does
makes no difference to when one is."
  (lambda arguments
    (dynamic-wind
      (lambda ()
        (set! depth (+ depth 1)))
      (lambda ()
        (apply procedure arguments))
      (lambda ()
        (set! depth (- depth 1))))))

;; Preempting and resuming has points itself, and fibers must get ahead.
(define %least-gap 8)

(define (call-with-preemption chance points thunk)
  "Call THUNK; in it, CHANCE has the running fiber preempted once in so many
POINTS, on average; not at all if that is #f.  Return what THUNK does."
  (define (gap)
    (between chance %least-gap (* 2 points)))

  (define left (and points (gap)))

  ;; Those that nothing can wake any more are forgotten once memory was
  ;; collected; until then, they are looked at.  Whether that was so must make
  ;; no difference.
  (define fibers (make-hash-table))

  (define (count-point)
    (when (zero? depth)
      ;; It has points, too.
      (set! depth 1)
      (let ((fiber (interruptible-fiber)))
        (set! depth 0)
        (when fiber
          (hashq-set! fibers fiber #t)
          (set! left (- left 1))
          (when (zero? left)
            (set! left (gap))
            (preempt-current-fiber!))))))

  (if points
      (call-with-points count-point thunk)
      (thunk)))

(define (call-with-stray-asyncs thunk)
  "Call THUNK and return what it does, while asyncs that do nothing come at times
that nobody knows, as those of the collector do."
  (define this (current-thread))
  (define over? #f)

  (define other
    (call-with-new-thread
     (lambda ()
       (let loop ()
         (unless over?
           (system-async-mark (lambda () #t) this)
           (usleep 200)
           (loop))))))

  (dynamic-wind
    (lambda () #t)
    thunk
    (lambda ()
      (set! over? #t)
      (join-thread other))))
