;;; (tests simulation preemption) -- fibers lose control wherever they may.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; In the daemon the clock of the core marks an async, which the virtual
;;; machine runs at its next interruption point: where a procedure is called
;;; or returns, or a loop goes round.  Here the virtual machine says of each
;;; procedure that it enters that it does, and chance decides at which of
;;; these times the async is marked.  So a fiber can be preempted at each call
;;; in the daemon's modules and in users' methods, of whatever procedure, and
;;; again when that returns if it is one of Guile's written in C.
;;;
;;; What is left out is what goes on inside Guile's own procedures written in
;;; Scheme, as that is not the same each time (modules are loaded when they are
;;; needed first, for instance), and further rounds of loops that call
;;; nothing.  Neither has to do with what fibers share.  What plays the core,
;;; and what watches, is not preempted.

(define-module (tests simulation preemption)
  #:use-module (ice-9 match)
  #:use-module (ice-9 threads)
  #:use-module (system vm debug)
  #:use-module (system vm frame)
  #:use-module (system vm program)
  #:use-module (system vm vm)
  #:use-module (shepherd scheduler)
  #:use-module (tests simulation chance)
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
        (call-with-blocked-asyncs
         (lambda ()
           (apply procedure arguments))))
      (lambda ()
        (set! depth (- depth 1))))))

;; Of addresses that were looked up.
(define ours (make-hash-table))

(define (ours? address)
  "Return true if the code at ADDRESS is the daemon's, or a user's method."
  (match (hashv-ref ours address 'unknown)
    ('unknown
     (let ((answer (match (find-source-for-addr address)
                     (#f #f)
                     (source
                      (let ((file (source-file source)))
                        (or (string-prefix? "shepherd/" file)
                            (string-suffix? "population.scm" file)))))))
       (hashv-set! ours address answer)
       answer))
    (answer answer)))

(define (call-with-apply-hook hook thunk)
  "Call THUNK; in it, have HOOK called with the frame of each procedure that is
entered."
  (dynamic-wind
    (lambda ()
      (vm-add-apply-hook! hook)
      ;; Only that engine calls hooks.
      (set-vm-engine! 'debug)
      (set-vm-trace-level! 1))
    (lambda ()
      (call-with-vm thunk))
    (lambda ()
      (set-vm-trace-level! 0)
      (set-vm-engine! 'regular)
      (vm-remove-apply-hook! hook))))

;; Where the code begins which the virtual machine itself calls, to run an async,
;; in the midst of whatever procedure.  It does so for the collector's too, and
;; when memory is collected must make no difference.
(define interruption
  (let ((async (lambda () #t))
        (last #f)
        (answer #f))
    (call-with-apply-hook
     (lambda (frame)
       (let ((address (frame-instruction-pointer frame)))
         (when (= address (program-code async))
           (set! answer last))
         (set! last address)))
     (lambda ()
       (system-async-mark async)))
    answer))

;; Preempting and resuming makes calls itself, and fibers must get ahead.
(define %least-gap 8)

(define (call-with-preemption chance calls thunk)
  "Call THUNK; in it, CHANCE has the running fiber preempted once in so many
CALLS of procedures, on average; not at all if that is #f.  Return what THUNK
does."
  (define (gap)
    (between chance %least-gap (* 2 calls)))

  (define left (and calls (gap)))

  ;; Those that nothing can wake any more are forgotten once memory was
  ;; collected; until then, they are looked at.  Whether that was so must make
  ;; no difference.
  (define fibers (make-hash-table))

  (define (count-call frame)
    (when (and (zero? depth)
               (interruptible-fiber)
               (not (= interruption (frame-instruction-pointer frame)))
               (or (ours? (frame-instruction-pointer frame))
                   (ours? (frame-return-address frame))))
      (hashq-set! fibers (current-fiber) #t)
      (set! left (- left 1))
      (when (zero? left)
        (set! left (gap))
        (system-async-mark preempt-current-fiber!))))

  (if calls
      (call-with-apply-hook count-call thunk)
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
