;;; fiber.scm --- Fibers, and the state of their scheduler
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A fiber is a sequential computation.  It gives up control where it waits:
;;; its continuation up to the scheduler's prompt is kept in its record, and
;;; called again once what it waited for has happened.  All fibers run on one
;;; thread, so what happens between two suspensions is atomic, save for
;;; preemption by an async; 'critical' keeps that out of this code.
;;;
;;; The states of a fiber:
;;;   new       spawned, in the queue of runnable fibers
;;;   queued    in that queue, to go on
;;;   running
;;;   waiting   its waiters stand in wait queues or in the heap of timers
;;;   done      returned, or died of an exception
;;;
;;; Depends on queue.scm, heap.scm and registry.scm.

(define-module (shepherd scheduler fiber)
  #:use-module (shepherd scheduler heap)
  #:use-module (shepherd scheduler queue)
  #:use-module (shepherd scheduler registry)
  #:autoload   (shepherd scheduler backtrace) (blocking-procedure)
  #:use-module ((ice-9 control) #:select (suspendable-continuation?))
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:export (fiber?
            fiber-name
            fiber-state
            set-fiber-state!
            fiber-since
            set-fiber-since!
            fiber-continuation
            set-fiber-continuation!
            fiber-waiters
            set-fiber-waiters!
            fiber-pending
            set-fiber-pending!
            fiber-failure
            set-fiber-failure!
            fiber-slot
            fiber-waits

            make-scheduler
            scheduler-current
            set-scheduler-current!
            scheduler-critical
            set-scheduler-critical!
            scheduler-switching?
            set-scheduler-switching!
            scheduler-preempt?
            set-scheduler-preempt!
            scheduler-time
            set-scheduler-time!
            scheduler-stopped
            set-scheduler-stopped!
            scheduler-seed
            scheduler-runnable
            scheduler-timers
            scheduler-fibers
            scheduler-descriptors
            scheduler-now
            scheduler-wait
            scheduler-watch-fd
            scheduler-forget-fd
            scheduler-dispatch
            scheduler-pick
            scheduler-random!

            %scheduler
            %fiber-tag
            this-scheduler
            critical
            leave-critical!
            suspendable?
            check-suspendable
            suspend!
            make-runnable!
            wake!
            wake-with-exception!
            make-kind
            kind-name
            kind-value?
            kind-try
            kind-block
            kind-cancel

            no-scheduler
            current-fiber
            all-fibers
            spawn-fiber
            inherit-parameter!
            yield-fiber
            cancel-fiber!
            preempt-current-fiber!
            call-with-critical-section
            without-preemption
            fiber-dynamic-wind
            fiber-error-handler))

(define-record-type <fiber>
  (make-fiber name scheduler state since continuation result waiters
              pending failure slot)
  fiber?
  (name         fiber-name)               ;any object, #f
  (scheduler    fiber-scheduler)          ;<scheduler>
  (state        fiber-state set-fiber-state!) ;symbol, see above
  (since        fiber-since set-fiber-since!) ;ns, when that state began
  (continuation fiber-continuation set-fiber-continuation!) ;thunk | #f
  (result       fiber-result set-fiber-result!) ;what the wait ends with
  ;; While waiting, the first of the waiters; then the one that won, or #f if
  ;; the wait was broken off.
  (waiters      fiber-waiters set-fiber-waiters!)
  (pending      fiber-pending set-fiber-pending!) ;exception to raise | #f
  (failure      fiber-failure set-fiber-failure!) ;(EXCEPTION . STACK) | #f
  (slot         fiber-slot set-fiber-slot!)) ;index in the registry

(set-record-type-printer!
 <fiber>
 (lambda (fiber port)
   (display "#<fiber " port)
   (write (fiber-name fiber) port)
   (display " " port)
   (display (fiber-state fiber) port)
   (display ">" port)))

(define-record-type <scheduler>
  (%make-scheduler current critical switching? preempt? time stopped seed
                   runnable timers fibers descriptors
                   now wait watch-fd forget-fd dispatch pick)
  scheduler?
  (current     scheduler-current set-scheduler-current!) ;<fiber> | #f
  (critical    scheduler-critical set-scheduler-critical!) ;depth, integer
  (switching?  scheduler-switching? set-scheduler-switching!)
  (preempt?    scheduler-preempt? set-scheduler-preempt!) ;wanted, not done
  (time        scheduler-time set-scheduler-time!) ;ns, last look at the clock
  (stopped     scheduler-stopped set-scheduler-stopped!) ;list of values | #f
  (seed        scheduler-seed set-scheduler-seed!) ;integer
  (runnable    scheduler-runnable)        ;<ring> of <fiber>
  (timers      scheduler-timers)          ;<heap>
  (fibers      scheduler-fibers)          ;<registry>
  (descriptors scheduler-descriptors)     ;hash table, see descriptors.scm
  (now         scheduler-now)             ;thunk -> ns
  (wait        scheduler-wait)            ;ns -> list of events
  (watch-fd    scheduler-watch-fd)        ;fd, write? -> unspecified
  (forget-fd   scheduler-forget-fd)       ;fd -> unspecified
  (dispatch    scheduler-dispatch)        ;event -> unspecified
  (pick        scheduler-pick))           ;number of runnables -> index, or #f

(define* (make-scheduler now wait watch-fd forget-fd dispatch
                         #:key pick (seed 1))
  "Return a scheduler without fibers.  The arguments are those of
@code{run-scheduler}."
  (%make-scheduler #f 1 #f #f 0 #f (logand seed #xffffffff)
                   (make-ring) (make-heap) (make-registry)
                   (make-hash-table)
                   now wait watch-fd forget-fd dispatch pick))

(define (no-scheduler . _)
  (error "no scheduler runs here"))

;; The scheduler that runs in this dynamic extent.  A fluid rather than a
;; parameter: it is read in each operation.  Outside there is one that has no
;; current fiber, which spares the test in the fast paths.
(define %nowhere
  (make-scheduler no-scheduler no-scheduler no-scheduler no-scheduler
                  no-scheduler))

(define %scheduler (make-fluid %nowhere))

(define-syntax-rule (this-scheduler)
  (fluid-ref %scheduler))

(define (scheduler-random! scheduler n)
  "Return the next pseudo-random number below @var{n} from the seed of
@var{scheduler}."
  (let ((seed (logand (+ (* (scheduler-seed scheduler) 69069) 12345)
                      #xffffffff)))
    (set-scheduler-seed! scheduler seed)
    (modulo (ash seed -12) n)))

(define (current-fiber)
  "Return the fiber that is running, or @code{#f} outside of any fiber."
  (scheduler-current (this-scheduler)))

(define (all-fibers)
  "Return the list of the fibers that are not done.  A fiber that nothing can
wake any more is missing from it once its memory has been reclaimed."
  (registry->list (scheduler-fibers (this-scheduler))))


;; All fibers run within a prompt of this tag.
(define %fiber-tag (make-prompt-tag 'fiber))

;; False below a frame of C code, which cannot be entered a second time.
(define-syntax-rule (suspendable?)
  (suspendable-continuation? %fiber-tag))


;;; Preemption.  The async that preempts may come between any two
;;; instructions, also while a fiber is inside the scheduler's own code.  That
;;; code, and user code in 'without-preemption', counts up 'critical'; the
;;; async then leaves a note instead, which is heeded on the way out.  The
;;; loop itself runs with a count of at least one.

(define-syntax-rule (critical scheduler exp ...)
  ;; Evaluate EXP ..., which returns one value, neither suspends nor raises.
  (let* ((this scheduler)
         (depth (scheduler-critical this)))
    (set-scheduler-critical! this (+ depth 1))
    (let ((result (begin exp ...)))
      (leave-critical! this depth)
      result)))

(define-inlinable (leave-critical! scheduler depth)
  (set-scheduler-critical! scheduler depth)
  (when (scheduler-preempt? scheduler)
    (heed-preemption! scheduler)))

(define (heed-preemption! scheduler)
  (when (zero? (scheduler-critical scheduler))
    (preempt-current-fiber!)))

(define (call-with-critical-section thunk)
  "Call @var{thunk} and return its values; the fiber that does so is not
preempted meanwhile.  Where @var{thunk} waits of its own accord, other fibers
do run."
  (let* ((scheduler (this-scheduler))
         (depth (scheduler-critical scheduler)))
    (fiber-dynamic-wind
     (lambda ()
       (set-scheduler-critical! scheduler (+ depth 1)))
     thunk
     (lambda ()
       (set-scheduler-critical! scheduler depth)
       (when (scheduler-preempt? scheduler)
         (heed-preemption! scheduler))))))

(define-syntax-rule (without-preemption exp ...)
  (call-with-critical-section (lambda () exp ...)))

(define (preempt-current-fiber!)
  "Move the running fiber behind the other runnable ones, and return
@code{#t} once it runs again.  Called from an async, or by the fiber itself.
Return @code{#f} at once if no fiber is running or it is in a critical
section (then it is moved on leaving that), @code{blocked} if it is in a
frame that cannot be suspended."
  (let* ((scheduler (this-scheduler))
         (fiber (scheduler-current scheduler)))
    (cond ((not fiber)
           #f)
          ((> (scheduler-critical scheduler) 0)
           (set-scheduler-preempt! scheduler #t)
           #f)
          ((not (suspendable?))
           (set-scheduler-preempt! scheduler #f)
           'blocked)
          (else
           (requeue! scheduler fiber)
           #t))))


;;; Suspension.

(define (check-suspendable what)
  "Raise an error unless the current fiber can be suspended here; @var{what}
is what it wants to wait for."
  (unless (suspendable?)
    (let ((culprit (blocking-procedure %fiber-tag)))
      (scm-error 'misc-error #f
                 "cannot wait (~a) inside ~a: \
it is not written in Scheme, so the fiber cannot be suspended there"
                 (list what culprit) #f))))

(define (suspend! scheduler fiber)
  "Give up control, and return what the wait of @var{fiber} ends with.  To be
called in a critical section of depth one more than the caller's, when all
is prepared for @var{fiber} to be woken."
  (let ((depth (- (scheduler-critical scheduler) 1)))
    (set-scheduler-switching! scheduler #t)
    (abort-to-prompt %fiber-tag #f)
    (set-scheduler-switching! scheduler #f)
    (let ((result (fiber-result fiber)))
      (set-fiber-result! fiber #f)
      (set-scheduler-critical! scheduler depth)
      (unless (fiber-waiters fiber)
        (raise-pending! fiber))
      result)))

(define (raise-pending! fiber)
  (let ((exception (fiber-pending fiber)))
    (when exception
      (set-fiber-pending! fiber #f)
      (raise-exception exception))))

(define-inlinable (make-runnable! fiber)
  (set-fiber-state! fiber 'queued)
  (ring-push! (scheduler-runnable (fiber-scheduler fiber)) fiber))

(define (requeue! scheduler fiber)
  (set-scheduler-critical! scheduler (+ (scheduler-critical scheduler) 1))
  (set-scheduler-preempt! scheduler #f)
  (set-fiber-waiters! fiber #f)
  (make-runnable! fiber)
  (suspend! scheduler fiber))

(define (yield-fiber)
  "Let the other runnable fibers run first.  Outside of any fiber, do
nothing."
  (let* ((scheduler (this-scheduler))
         (fiber (scheduler-current scheduler)))
    (when fiber
      (check-suspendable 'yield-fiber)
      (requeue! scheduler fiber))))


;;; Waking.

;; A kind of operation.  TRY gets the scheduler, the object and the datum of
;; the operation and returns its value, or %blocked.  BLOCK gets a waiter in
;; addition and puts it in its place.  CANCEL gets the scheduler and a waiter
;; and takes it out of there.
(define-record-type <kind>
  (make-kind name value? try block cancel)
  kind?
  (name   kind-name)                      ;symbol
  (value? kind-value?)                    ;has it a value?
  (try    kind-try)
  (block  kind-block)
  (cancel kind-cancel))

(define (cancel-waiters! scheduler waiter winner)
  "Take @var{waiter} and its siblings, except @var{winner}, out of their
places."
  (let loop ((waiter waiter))
    (when waiter
      (unless (eq? waiter winner)
        ((kind-cancel (waiter-kind waiter)) scheduler waiter))
      (loop (waiter-sibling waiter)))))

(define (wake! waiter result)
  "End the wait of the fiber of @var{waiter} with @var{result}.  @var{waiter}
has left its place already; its siblings leave theirs now."
  (let* ((fiber (waiter-fiber waiter))
         (first (fiber-waiters fiber)))
    (unless (and (eq? first waiter) (not (waiter-sibling first)))
      (cancel-waiters! (fiber-scheduler fiber) first waiter))
    (set-fiber-waiters! fiber waiter)
    (set-fiber-result! fiber result)
    (make-runnable! fiber)))

(define (wake-with-exception! waiter exception)
  "Like @code{wake!}, but end the wait by raising @var{exception}."
  (let ((fiber (waiter-fiber waiter)))
    (wake! waiter #f)
    (set-fiber-waiters! fiber #f)
    (set-fiber-pending! fiber exception)))

(define (fiber-waits fiber)
  "Return a list of what @var{fiber}, which waits, waits for."
  (let loop ((waiter (fiber-waiters fiber))
             (waits '()))
    (if waiter
        (let* ((place (waiter-place waiter))
               (owner (and (wait-queue? place) (wait-queue-owner place))))
          (loop (waiter-sibling waiter)
                (cons (if (pair? owner)
                          owner
                          (kind-name (waiter-kind waiter)))
                      waits)))
        waits)))

(define (cancel-fiber! fiber exception)
  "Make @var{fiber} raise @var{exception} where it waits.  If it does not
wait, it raises it when it next waits or yields, or would do so."
  (unless (eq? (fiber-state fiber) 'done)
    (set-fiber-pending! fiber exception)
    (when (eq? (fiber-state fiber) 'waiting)
      (let ((scheduler (fiber-scheduler fiber)))
        (critical scheduler
          (cancel-waiters! scheduler (fiber-waiters fiber) #f)
          (set-fiber-waiters! fiber #f)
          (make-runnable! fiber))))))


;;; Dynamic extent.

(define (fiber-dynamic-wind in thunk out)
  "Like @code{dynamic-wind}, but a fiber which waits in @var{thunk} has not
left it: @var{in} and @var{out} are called only when control enters and leaves
for good."
  (dynamic-wind
   (lambda ()
     (unless (scheduler-switching? (this-scheduler))
       (in)))
   thunk
   (lambda ()
     (unless (scheduler-switching? (this-scheduler))
       (out)))))

;; The fluids of the parameters that a fiber takes from its creator.
(define %inherited
  (make-parameter (list (parameter-fluid current-output-port)
                        (parameter-fluid current-error-port))))

(define (inherit-parameter! parameter)
  "From now on a fiber starts with the value that @var{parameter} has where
the fiber is spawned.  Where that is the value outside of any fiber, nothing
is bound, and a later global change is seen."
  (let ((fluid (parameter-fluid parameter)))
    (unless (memq fluid (%inherited))
      (%inherited (append (%inherited) (list fluid))))))

(define (call-with-fluids fluids values thunk)
  "Call @var{thunk} with each of @var{fluids} bound to its value in
@var{values}, unless it has that value already."
  (cond ((null? fluids)
         (thunk))
        ((eq? (fluid-ref (car fluids)) (car values))
         (call-with-fluids (cdr fluids) (cdr values) thunk))
        (else
         (with-fluid* (car fluids) (car values)
           (lambda ()
             (call-with-fluids (cdr fluids) (cdr values) thunk))))))

(define fiber-error-handler
  (make-parameter
   (lambda (fiber key args stack)
     (let ((port (current-error-port)))
       (display "fiber " port)
       (write (and fiber (fiber-name fiber)) port)
       (display " died:\n" port)
       (print-exception port #f key args)))))

(define (fiber-body scheduler fluids values thunk)
  "Return what a new fiber calls first: @var{thunk}, as user code."
  (lambda ()
    (set-scheduler-switching! scheduler #f)
    (set-scheduler-critical! scheduler 0)
    (call-with-fluids fluids values thunk)
    (set-scheduler-critical! scheduler 1)))

(define* (spawn-fiber thunk #:key (name #f))
  "Make a fiber that calls @var{thunk}, and return it.  It runs once the
current fiber waits.  @var{name} is any object, for people to tell fibers
apart."
  (let* ((scheduler (this-scheduler))
         (fluids (%inherited))
         (values (map (lambda (fluid) (fluid-ref fluid)) fluids))
         (fiber (make-fiber name scheduler 'new (scheduler-time scheduler)
                            (fiber-body scheduler fluids values thunk)
                            #f #f #f #f #f)))
    (when (eq? scheduler %nowhere)
      (no-scheduler))
    (critical scheduler
      (set-fiber-slot! fiber
                       (registry-add! (scheduler-fibers scheduler) fiber))
      (ring-push! (scheduler-runnable scheduler) fiber))
    fiber))
