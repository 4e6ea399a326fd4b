;;; scheduler.scm --- Fibers, channels, operations
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; The public face of the modules in scheduler/.

(define-module (shepherd scheduler)
  #:use-module (shepherd scheduler channels)
  #:use-module (shepherd scheduler descriptors)
  #:use-module (shepherd scheduler fiber)
  #:use-module (shepherd scheduler loop)
  #:use-module (shepherd scheduler operations)
  #:re-export (run-scheduler
               stop-scheduler!
               scheduler-time

               fiber?
               fiber-name
               fiber-state
               fiber-since
               fiber-busy-since
               fiber-computed
               preempted-fibers
               current-fiber
               all-fibers
               spawn-fiber
               yield-fiber
               fiber-sleep
               interrupt-fiber!
               cancel-fiber!
               inherit-parameter!
               fiber-error-handler
               fiber-dynamic-wind

               call-with-critical-section
               without-preemption
               preempt-current-fiber!
               interruptible-fiber
               interrupted-procedure

               operation?
               perform-operation
               choice-operation
               wrap-operation
               sleep-operation
               timer-operation
               seconds->nanoseconds

               make-channel
               channel?
               put-message
               get-message
               put-operation
               get-operation

               make-mailbox
               mailbox?
               mailbox-empty?
               mailbox-put!
               mailbox-get
               mailbox-get-operation

               make-condition
               condition?
               signal-condition!
               condition-signalled?
               wait
               wait-operation

               wait-until-readable-operation
               wait-until-writable-operation
               wait-until-hung-up-operation
               install-suspendable-port-waiters!)
  #:export (fiber-waiting-on
            fiber-backtrace
            stack->string))

(define (fiber-waiting-on fiber)
  "Return what @var{fiber} waits for: a symbol such as @code{get-message} or
@code{sleep}, a list such as @code{(readable 7)}, a list headed by
@code{choice} of several of these, or @code{#f} if it does not wait."
  (and (eq? (fiber-state fiber) 'waiting)
       (match-waits (fiber-waits fiber))))

(define (match-waits waits)
  (if (and (pair? waits) (null? (cdr waits)))
      (car waits)
      (cons 'choice waits)))

(define (fiber-backtrace fiber)
  "Return a text of one line for each frame of @var{fiber}, innermost first;
it is empty for a fiber that runs or is done."
  (let ((continuation (fiber-ref fiber continuation)))
    (if (and continuation (not (eq? (fiber-state fiber) 'new)))
        ((@ (shepherd scheduler backtrace) continuation->string)
         continuation)
        "")))

(define* (stack->string stack #:key (limit 100))
  "Return a text of one line for each frame of @var{stack}, innermost first, and
no more than @var{limit} of them.  @var{stack} may be @code{#f}."
  ((@ (shepherd scheduler backtrace) stack->string) stack #:limit limit))
