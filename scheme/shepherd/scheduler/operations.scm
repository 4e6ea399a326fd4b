;;; operations.scm --- What a fiber can wait for, and choices among it
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; An *operation* describes a wait as a value, after Concurrent ML (Reppy,
;;; 1991): it can be built, wrapped and put into a choice before it is
;;; performed.  To perform one is to try each alternative; if none is
;;; possible at once, to stand a waiter in the place of each and to suspend.
;;; What then wakes the fiber takes the other waiters away before anything
;;; else happens, so that a choice leaves nothing behind.
;;;
;;; All of it happens between two suspensions, so there is no state of
;;; "being claimed" and nothing to retry.
;;;
;;; Depends on fiber.scm, queue.scm, heap.scm and struct.scm.

(define-module (shepherd scheduler operations)
  #:use-module (shepherd scheduler fiber)
  #:use-module (shepherd scheduler heap)
  #:use-module (shepherd scheduler queue)
  #:use-module (shepherd scheduler struct)
  #:use-module (srfi srfi-11)
  #:export (make-operation
            %blocked
            perform
            perform-operation
            choice-operation
            wrap-operation
            operation?
            seconds->nanoseconds
            fiber-sleep
            sleep-operation
            timer-operation))

;; One alternative.
(define-struct (<operation> %make-operation simple-operation?
                operation-ref operation-set!
  kind                                  ;<kind>
  object                                ;channel, descriptor, ...
  datum                                 ;message, time, ...
  wrap))                                ;procedure | #f

(define-struct (<choice> make-choice choice? choice-ref choice-set!
  alternatives))                        ;vector of <operation>

(define (make-operation kind object datum)
  "Return the operation of @var{kind} on @var{object}."
  (%make-operation kind object datum #f))

(define (operation? object)
  "Return true if @var{object} can be performed."
  (or (simple-operation? object) (choice? object)))

;; What a 'try' procedure returns when the fiber would have to wait.
(define %blocked (list 'blocked))

(define (alternatives operation)
  (if (choice? operation)
      (vector->list (choice-ref operation alternatives))
      (list operation)))

(define (choice-operation . operations)
  "Return the operation that performs one of @var{operations}, whichever is
possible first; among several, any.  A choice of none waits for ever."
  (for-each check-operation operations)
  (if (and (pair? operations) (null? (cdr operations)))
      (car operations)
      (make-choice (list->vector (append-map* alternatives operations)))))

(define (append-map* proc items)
  (let loop ((items items))
    (if (null? items)
        '()
        (append (proc (car items)) (loop (cdr items))))))

(define (check-operation object)
  (unless (operation? object)
    (scm-error 'wrong-type-arg #f (gettext "not an operation: ~s")
               (list object) (list object))))

(define (wrap-operation operation proc)
  "Return the operation that is like @var{operation}, but whose values are
what @var{proc} returns when applied to its values.  @var{proc} runs in the
fiber that performs it, and may wait."
  (check-operation operation)
  (if (choice? operation)
      (let ((wrapped (map (lambda (alternative)
                            (wrap-operation alternative proc))
                          (alternatives operation))))
        (make-choice (list->vector wrapped)))
      (let ((wrap (operation-ref operation wrap)))
        (%make-operation (operation-ref operation kind)
                         (operation-ref operation object)
                         (operation-ref operation datum)
                         (if wrap
                             (lambda arguments
                               (call-with-values
                                   (lambda () (apply wrap arguments))
                                 proc))
                             proc)))))

(define (finish kind wrap value)
  (cond ((not wrap) value)
        ((kind-ref kind value?) (wrap value))
        (else (wrap))))

(define (check-fiber fiber what)
  ;; An interruption that has not met its fiber waiting strikes here.
  (unless fiber
    (outside-fiber what))
  (call-pending! fiber))

(define (outside-fiber what)
  (scm-error 'misc-error #f
             (gettext "cannot wait (~a) outside of a fiber")
             (list what) #f))

(define (start-waiting! scheduler fiber)
  (fiber-set! fiber state 'waiting)
  (fiber-set! fiber since (scheduler-ref scheduler time)))

;; A section without preemption spans the try, the standing in line and the
;; suspension.  'suspend!' leaves it once the fiber runs again.

(define (perform kind object datum)
  "Perform the operation of @var{kind} on @var{object}, without the detour
of a record for it."
  (let* ((scheduler (this-scheduler))
         (fiber (scheduler-ref scheduler current)))
    (check-fiber fiber (kind-ref kind name))
    (let ((depth (scheduler-ref scheduler critical)))
      (scheduler-set! scheduler critical (+ depth 1))
      (let ((value ((kind-ref kind try) scheduler object datum)))
        (cond ((eq? value %blocked)
               (stand-in-line! scheduler fiber depth kind object datum)
               (take-result! (suspend! scheduler fiber)))
              (else
               (leave-critical! scheduler depth)
               value))))))

(define (take-result! waiter)
  ;; The waiter lives as long as its fiber; what it got need not.
  (let ((result (waiter-ref waiter datum)))
    (waiter-set! waiter datum #f)
    result))

(define (stand-in-line! scheduler fiber depth kind object datum)
  (check-suspendable/critical scheduler depth (kind-ref kind name))
  (let ((waiter (own-waiter fiber)))
    (waiter-set! waiter kind kind)
    (waiter-set! waiter datum datum)
    (start-waiting! scheduler fiber)
    (fiber-set! fiber waiters waiter)
    ((kind-ref kind block) scheduler waiter object datum)))

(define (own-waiter fiber)
  (or (fiber-ref fiber waiter)
      (let ((waiter (make-waiter fiber #f #f #f #f)))
        (fiber-set! fiber waiter waiter)
        waiter)))

(define (check-suspendable/critical scheduler depth what)
  (unless (suspendable?)
    (scheduler-set! scheduler critical depth)
    (check-suspendable what)))

(define (perform-choice choice)
  (let* ((scheduler (this-scheduler))
         (fiber (scheduler-ref scheduler current))
         (alternatives (choice-ref choice alternatives))
         (depth (scheduler-ref scheduler critical)))
    (check-fiber fiber 'choice)
    (scheduler-set! scheduler critical (+ depth 1))
    (let-values (((done value) (try-alternatives scheduler alternatives)))
      (cond (done
             (leave-critical! scheduler depth)
             (finish (operation-ref done kind)
                     (operation-ref done wrap)
                     value))
            (else
             (check-suspendable/critical scheduler depth 'choice)
             (stand-in-lines! scheduler fiber alternatives)
             (let ((winner (suspend! scheduler fiber)))
               (finish (waiter-ref winner kind)
                       (waiter-ref winner wrap)
                       (waiter-ref winner datum))))))))

(define (try-alternatives scheduler alternatives)
  "Try each of the vector @var{alternatives}, from a random one on.  Return
the one that was possible and its value, or @code{#f} twice."
  (let ((n (vector-length alternatives)))
    (let loop ((left n)
               (i (if (> n 1) (scheduler-random! scheduler n) 0)))
      (cond ((zero? left)
             (values #f #f))
            ((= i n)
             (loop left 0))
            (else
             (let* ((alternative (vector-ref alternatives i))
                    (value ((kind-ref (operation-ref alternative kind) try)
                            scheduler
                            (operation-ref alternative object)
                            (operation-ref alternative datum))))
               (if (eq? value %blocked)
                   (loop (- left 1) (+ i 1))
                   (values alternative value))))))))

(define (stand-in-lines! scheduler fiber alternatives)
  "Stand a waiter of @var{fiber} in the place of each of @var{alternatives},
up to one which wakes the fiber at once (by an error)."
  (start-waiting! scheduler fiber)
  (let loop ((i 0) (chain #f))
    (when (and (< i (vector-length alternatives))
               (eq? (fiber-ref fiber state) 'waiting))
      (let* ((alternative (vector-ref alternatives i))
             (kind (operation-ref alternative kind))
             (datum (operation-ref alternative datum))
             (waiter (make-waiter fiber kind datum
                                  (operation-ref alternative wrap) chain)))
        (fiber-set! fiber waiters waiter)
        ((kind-ref kind block) scheduler waiter
         (operation-ref alternative object) datum)
        (loop (+ i 1) waiter)))))

(define (perform-operation operation)
  "Wait until @var{operation} is possible, do it and return its values.  If
it is possible at once, the fiber goes on without waiting."
  (cond ((simple-operation? operation)
         (let* ((kind (operation-ref operation kind))
                (value (perform kind (operation-ref operation object)
                                (operation-ref operation datum))))
           (finish kind (operation-ref operation wrap) value)))
        ((choice? operation)
         (perform-choice operation))
        (else
         (check-operation operation))))


;;; Time.

(define (cancel-timer scheduler waiter)
  (heap-remove! (scheduler-ref scheduler timers) waiter))

;; The datum is the duration.  Never possible at once, not even for 0, so that
;; a choice with it polls the others first.
(define %sleep
  (make-kind 'sleep #f
             (lambda (scheduler object duration) %blocked)
             (lambda (scheduler waiter object duration)
               (waiter-set! waiter datum
                            (+ ((scheduler-ref scheduler now)) duration))
               (heap-insert! (scheduler-ref scheduler timers) waiter))
             cancel-timer))

;; The datum is the deadline.
(define %timer
  (make-kind 'timer #f
             (lambda (scheduler object deadline)
               (if (<= deadline (scheduler-ref scheduler time)) #t %blocked))
             (lambda (scheduler waiter object deadline)
               (heap-insert! (scheduler-ref scheduler timers) waiter))
             cancel-timer))

;; Longer than any machine is up, and a fixnum with room to add to.
(define %forever (expt 2 59))

(define (seconds->nanoseconds seconds)
  "Return @var{seconds}, a real number that is not negative, in whole
nanoseconds, rounded up."
  (cond ((and (integer? seconds) (exact? seconds) (<= 0 seconds 1000000))
         (* seconds 1000000000))
        ((not (and (real? seconds) (>= seconds 0)))
         (scm-error 'wrong-type-arg #f
                    (gettext "not a duration in seconds: ~s")
                    (list seconds) (list seconds)))
        ((>= seconds (/ %forever 1000000000))
         %forever)
        (else
         (inexact->exact (ceiling (* seconds 1000000000))))))

(define (sleep-operation seconds)
  "Return the operation that waits for @var{seconds}, counted from when it is
performed.  It has no values."
  (make-operation %sleep #f (seconds->nanoseconds seconds)))

(define (timer-operation deadline)
  "Return the operation that waits until the scheduler's clock shows
@var{deadline}, in nanoseconds.  It has no values."
  (make-operation %timer #f deadline))

(define (fiber-sleep seconds)
  "Wait for @var{seconds}, a real number that is not negative."
  (perform %sleep #f (seconds->nanoseconds seconds)))
