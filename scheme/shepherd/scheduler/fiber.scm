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
;;; Depends on queue.scm, heap.scm, registry.scm and struct.scm.

(define-module (shepherd scheduler fiber)
  #:use-module (shepherd scheduler heap)
  #:use-module (shepherd scheduler queue)
  #:use-module (shepherd scheduler registry)
  #:use-module (shepherd scheduler struct)
  #:autoload   (shepherd scheduler backtrace) (blocking-procedure)
  #:use-module ((ice-9 control) #:select (suspendable-continuation?))
  #:use-module ((rnrs bytevectors) #:select (make-bytevector))
  #:export (fiber?
            fiber-ref
            fiber-set!
            fiber-name
            fiber-state
            fiber-since
            fiber-waits
            fiber-busy-since
            fiber-computed
            preempted-fibers

            make-scheduler
            scheduler-ref
            scheduler-set!
            scheduler-random!

            %scheduler
            %fiber-tag
            this-scheduler
            leave-scheduler!
            critical
            leave-critical!
            suspendable?
            check-suspendable
            suspend!
            wake!
            wake-with-exception!
            call-pending!
            make-kind
            kind-ref

            no-scheduler
            current-fiber
            all-fibers
            spawn-fiber
            inherit-parameter!
            yield-fiber
            interrupt-fiber!
            cancel-fiber!
            preempt-current-fiber!
            interruptible-fiber
            interrupted-procedure
            call-with-critical-section
            without-preemption
            fiber-dynamic-wind
            fiber-error-handler))

(define-struct (<fiber> make-fiber fiber? fiber-ref fiber-set!
  name                                  ;any object, #f
  scheduler                             ;<scheduler>
  state                                 ;symbol, see above
  since                                 ;ns, when that state began
  awake                                 ;ns, when it last ceased to wait
  computed                              ;ns, see fiber-computed
  shield                                ;0: it may be preempted
  account                               ;any object, for the preemptor
  limit                                 ;ns for a run, for the preemptor; or 0
  abandoned?                            ;Boolean, for the preemptor
  continuation                          ;thunk | #f
  ;; While waiting, the first of the waiters; then the one that won, its datum
  ;; being the result; or #f if the wait was broken off.
  waiters
  ;; The waiter for waits that are no choice, made once.
  waiter
  pending                               ;thunk to call where it waits | #f
  failure                               ;(EXCEPTION . STACK) | stopped | #f
  slot)                                 ;index in the registry
  (lambda (fiber port)
    (write-fiber fiber port)))

(define (write-fiber fiber port)
  (display "#<fiber " port)
  (write (fiber-ref fiber name) port)
  (display " " port)
  (display (fiber-ref fiber state) port)
  (display ">" port))

(define (check-is-fiber object)
  (unless (fiber? object)
    (scm-error 'wrong-type-arg #f (gettext "~s is not a fiber")
               (list object) (list object))))

(define (fiber-name fiber)
  "Return the name that @var{fiber} was given, or @code{#f}."
  (check-is-fiber fiber)
  (fiber-ref fiber name))

(define (fiber-state fiber)
  "Return the state of @var{fiber}: @code{new}, @code{queued},
@code{running}, @code{waiting} or @code{done}."
  (check-is-fiber fiber)
  (fiber-ref fiber state))

(define (fiber-since fiber)
  "Return since when @var{fiber} has been in its state, waiting or running,
in nanoseconds of the scheduler's clock.  The clock was read in the turn of
the loop in which the state began."
  (check-is-fiber fiber)
  (fiber-ref fiber since))

(define (fiber-busy-since fiber)
  "Return since when @var{fiber} has not waited for anything, in nanoseconds of
the scheduler's clock, or @code{#f} if it waits or is done."
  (check-is-fiber fiber)
  (and (memq (fiber-ref fiber state) '(new queued running))
       (fiber-ref fiber awake)))

(define (fiber-computed fiber)
  "Return for how many nanoseconds @var{fiber} has run since it last waited, turns
of others not counted.  Counted from when it was first preempted."
  (check-is-fiber fiber)
  (fiber-ref fiber computed))

(define-struct (<scheduler> %make-scheduler scheduler?
                scheduler-ref scheduler-set!
  current                               ;<fiber> | #f
  critical                              ;depth, integer
  switching?                            ;is a fiber being left or entered?
  preempt?                              ;wanted, but put off
  time                                  ;ns, last look at the clock
  stopped                               ;list of values | #f
  seed                                  ;integer
  runnable                              ;<ring> of <fiber>
  preempted                             ;<ring> of <fiber>, runnable too
  preempted-time                        ;ns, when one of those last ran
  timers                                ;<heap>
  fibers                                ;<registry>
  descriptors                           ;hash table, see descriptors.scm
  now                                   ;thunk -> ns
  wait                                  ;ns -> list of events
  watch-fd                              ;fd, event -> unspecified
  forget-fd                             ;fd -> unspecified
  dispatch                              ;event -> unspecified
  pick                                  ;number of runnables -> index, or #f
  note                                  ;name -> unspecified, or #f
  noted                                 ;name last given to NOTE
  allocated                             ;thunk -> bytes
  meter))                               ;bytevector, see run-scheduler

(define* (make-scheduler now wait watch-fd forget-fd dispatch
                         #:key pick (seed 1) note (allocated (const 0))
                         (meter (make-bytevector 48 0)))
  "Return a scheduler without fibers.  The arguments are those of
@code{run-scheduler}."
  (%make-scheduler #f 1 #f #f 0 #f (logand seed #xffffffff)
                   (make-ring) (make-ring) 0 (make-heap)
                   (make-registry (lambda (fiber slot)
                                    (fiber-set! fiber slot slot)))
                   (make-hash-table)
                   now wait watch-fd forget-fd dispatch pick note #f
                   allocated meter))

(define (no-scheduler . _)
  (error (gettext "no scheduler runs here")))

;; The scheduler that runs in this dynamic extent.  A fluid rather than a
;; parameter: it is read in each operation.  Outside there is one that has no
;; current fiber, which spares the test in the fast paths.
(define %nowhere
  (make-scheduler no-scheduler no-scheduler no-scheduler no-scheduler
                  no-scheduler))

(define %scheduler (make-fluid %nowhere))

;; A process that was forked from a fiber has no loop to go back to.
(define (leave-scheduler!)
  "Go on outside of any fiber: to wait is an error from now on."
  (fluid-set! %scheduler %nowhere))

(define-syntax-rule (this-scheduler)
  (fluid-ref %scheduler))

(define (scheduler-random! scheduler n)
  "Return the next pseudo-random number below @var{n} from the seed of
@var{scheduler}."
  (let ((seed (logand (+ (* (scheduler-ref scheduler seed) 69069) 12345)
                      #xffffffff)))
    (scheduler-set! scheduler seed seed)
    (modulo (ash seed -12) n)))

(define (current-fiber)
  "Return the fiber that is running, or @code{#f} outside of any fiber."
  (scheduler-ref (this-scheduler) current))

(define (all-fibers)
  "Return the list of the fibers that are not done.  A fiber that nothing can
wake any more is missing from it once its memory has been reclaimed."
  (registry->list (scheduler-ref (this-scheduler) fibers)))

(define (preempted-fibers)
  "Return the list of the fibers that were preempted and have not gone on since:
those that compute, but for the running one."
  (ring->list (scheduler-ref (this-scheduler) preempted)))


;; All fibers run within a prompt of this tag.
(define %fiber-tag (make-prompt-tag 'fiber))

;; False below a frame of C code, which cannot be entered a second time.
(define-syntax-rule (suspendable?)
  (suspendable-continuation? %fiber-tag))


;;; Preemption.  The async that preempts may come between any two
;;; instructions, also while a fiber is inside the scheduler's own code.  That
;;; code counts up 'critical', and code in 'without-preemption' the 'shield'
;;; of its fiber; the async then leaves a note instead, which is heeded on the
;;; way out.  The loop itself runs with a count of at least one.  Only where
;;; the count is zero may an async raise an exception.

(define-syntax-rule (critical scheduler exp ...)
  ;; Evaluate EXP ..., which returns one value, neither suspends nor raises.
  (let* ((this scheduler)
         (depth (scheduler-ref this critical)))
    (scheduler-set! this critical (+ depth 1))
    (let ((result (begin exp ...)))
      (leave-critical! this depth)
      result)))

(define (leave-critical! scheduler depth)
  (scheduler-set! scheduler critical depth)
  (when (scheduler-ref scheduler preempt?)
    (heed-preemption! scheduler)))

(define (heed-preemption! scheduler)
  (when (zero? (scheduler-ref scheduler critical))
    (preempt-current-fiber!)))

(define (shield! fiber step)
  (fiber-set! fiber shield (+ (fiber-ref fiber shield) step)))

(define (call-with-critical-section thunk)
  "Call @var{thunk} and return its values; the fiber that does so is not
preempted meanwhile.  Where @var{thunk} waits of its own accord, other fibers
do run."
  (let* ((scheduler (this-scheduler))
         (fiber (scheduler-ref scheduler current)))
    (if (or (not fiber)
            (> (fiber-ref fiber shield) 0)) ;within another such section
        (thunk)
        (fiber-dynamic-wind
         (lambda ()
           (shield! fiber 1))
         thunk
         (lambda ()
           (shield! fiber -1)
           (when (scheduler-ref scheduler preempt?)
             (heed-preemption! scheduler)))))))

(define-syntax-rule (without-preemption exp ...)
  (call-with-critical-section (lambda () exp ...)))

(define (preempt-current-fiber!)
  "Let all other runnable fibers run before the running one, and return
@code{#t} once it runs again.  Called from an async, or by the fiber itself.
Return @code{#f} at once if no fiber is running or it is in a critical
section (then it is moved on leaving that), @code{blocked} if it is in a
frame that cannot be suspended."
  (let* ((scheduler (this-scheduler))
         (fiber (scheduler-ref scheduler current)))
    (cond ((not fiber)
           #f)
          ((or (> (scheduler-ref scheduler critical) 0)
               (> (fiber-ref fiber shield) 0))
           (scheduler-set! scheduler preempt? #t)
           #f)
          ((not (suspendable?))
           (scheduler-set! scheduler preempt? #f)
           'blocked)
          (else
           (requeue! scheduler fiber
                     ;; Who picks fibers wants to see all of them.
                     (if (scheduler-ref scheduler pick)
                         (scheduler-ref scheduler runnable)
                         (scheduler-ref scheduler preempted)))
           #t))))

(define (interruptible-fiber)
  "Return the running fiber if an async may raise an exception in it here, or
@code{#f}: the scheduler's own code does not expect any."
  (let ((scheduler (this-scheduler)))
    (and (zero? (scheduler-ref scheduler critical))
         (scheduler-ref scheduler current))))

(define (interrupted-procedure)
  "Return the name of the innermost procedure written in C of the running
fiber, or words for it; @code{#f} if it could be suspended here."
  (and (not (suspendable?))
       (blocking-procedure %fiber-tag)))


;;; Suspension.

(define (check-suspendable what)
  "Raise an error unless the current fiber can be suspended here; @var{what}
is what it wants to wait for."
  (unless (suspendable?)
    (let ((culprit (blocking-procedure %fiber-tag)))
      (scm-error 'misc-error #f
                 (gettext "cannot wait (~a) inside ~a: \
it is not written in Scheme, so the fiber cannot be suspended there")
                 (list what culprit) #f))))

(define (suspend! scheduler fiber)
  "Give up control, when all is prepared for @var{fiber} to be woken.  Once it
is, leave the critical section that the caller has entered, and return the
waiter that won, its datum being the result of the wait."
  (let ((depth (- (scheduler-ref scheduler critical) 1)))
    (scheduler-set! scheduler switching? #t)
    (abort-to-prompt %fiber-tag #f)
    (scheduler-set! scheduler switching? #f)
    (let ((winner (fiber-ref fiber waiters)))
      (fiber-set! fiber waiters #f)
      (leave-critical! scheduler depth)
      (unless winner
        (call-pending! fiber))
      winner)))

(define (call-pending! fiber)
  "Do what an interruption left for @var{fiber}, which runs, to do."
  (let ((thunk (fiber-ref fiber pending)))
    (when thunk
      (fiber-set! fiber pending #f)
      (thunk))))

(define (requeue! scheduler fiber ring)
  (scheduler-set! scheduler critical (+ (scheduler-ref scheduler critical) 1))
  (scheduler-set! scheduler preempt? #f)
  (fiber-set! fiber waiters #f)
  (fiber-set! fiber state 'queued)
  (ring-push! ring fiber)
  (suspend! scheduler fiber))

(define (yield-fiber)
  "Let the other runnable fibers run first.  Outside of any fiber, do
nothing."
  (let* ((scheduler (this-scheduler))
         (fiber (scheduler-ref scheduler current)))
    (when fiber
      (check-suspendable 'yield-fiber)
      (requeue! scheduler fiber (scheduler-ref scheduler runnable)))))


;;; Waking.

;; A kind of operation.  TRY gets the scheduler, the object and the datum of
;; the operation and returns its value, or %blocked.  BLOCK gets a waiter in
;; addition and puts it in its place.  CANCEL gets the scheduler and a waiter
;; and takes it out of there.
(define-struct (<kind> make-kind kind? kind-ref kind-set!
  name                                  ;symbol
  value?                                ;has it a value?
  try
  block
  cancel))

(define (cancel-waiters! scheduler waiter winner)
  "Take @var{waiter} and its siblings, except @var{winner}, out of their
places."
  (let loop ((waiter waiter))
    (when waiter
      (unless (eq? waiter winner)
        ((kind-ref (waiter-ref waiter kind) cancel) scheduler waiter))
      (loop (waiter-ref waiter sibling)))))

(define (wake! waiter result)
  "End the wait of the fiber of @var{waiter} with @var{result}.  @var{waiter}
has left its place already; its siblings leave theirs now."
  (let* ((fiber (waiter-ref waiter fiber))
         (first (fiber-ref fiber waiters)))
    (unless (and (eq? first waiter) (not (waiter-ref first sibling)))
      (cancel-waiters! (fiber-ref fiber scheduler) first waiter))
    (fiber-set! fiber waiters waiter)
    (waiter-set! waiter datum result)
    (stop-waiting! fiber)))

(define (stop-waiting! fiber)
  (let ((scheduler (fiber-ref fiber scheduler)))
    (fiber-set! fiber awake (scheduler-ref scheduler time))
    (fiber-set! fiber computed 0)
    (fiber-set! fiber state 'queued)
    (ring-push! (scheduler-ref scheduler runnable) fiber)))

(define (wake-with-exception! waiter exception)
  "Like @code{wake!}, but end the wait by raising @var{exception}."
  (let ((fiber (waiter-ref waiter fiber)))
    (wake! waiter #f)
    (fiber-set! fiber waiters #f)
    (fiber-set! fiber pending (lambda () (raise-exception exception)))))

(define (fiber-waits fiber)
  "Return a list of what @var{fiber}, which waits, waits for."
  (let loop ((waiter (fiber-ref fiber waiters))
             (waits '()))
    (if waiter
        (let* ((place (waiter-ref waiter place))
               (owner (and (wait-queue? place) (wait-queue-owner place))))
          (loop (waiter-ref waiter sibling)
                (cons (if (pair? owner)
                          owner
                          (kind-ref (waiter-ref waiter kind) name))
                      waits)))
        waits)))

(define (interrupt-fiber! fiber thunk)
  "Have @var{fiber} call @var{thunk} where it waits, in place of going on:
@var{thunk} must not return then.  If it does not wait, it calls it when it next
waits, yields or is preempted, or would do so, and goes on if @var{thunk} returns.
The latest of several interruptions counts."
  (check-is-fiber fiber)
  (let ((scheduler (fiber-ref fiber scheduler)))
    (critical scheduler
      (unless (eq? (fiber-ref fiber state) 'done)
        (fiber-set! fiber pending thunk))
      (when (eq? (fiber-ref fiber state) 'waiting)
        (cancel-waiters! scheduler (fiber-ref fiber waiters) #f)
        (fiber-set! fiber waiters #f)
        (stop-waiting! fiber))
      #t))
  *unspecified*)

(define (cancel-fiber! fiber exception)
  "Make @var{fiber} raise @var{exception} where it waits.  If it does not
wait, it raises it when it next waits or yields, or would do so."
  (interrupt-fiber! fiber (lambda () (raise-exception exception))))


;;; Dynamic extent.

(define (fiber-dynamic-wind in thunk out)
  "Like @code{dynamic-wind}, but a fiber which waits in @var{thunk} has not
left it: @var{in} and @var{out} are called only when control enters and leaves
for good."
  (dynamic-wind
   (lambda ()
     (unless (scheduler-ref (this-scheduler) switching?)
       (in)))
   thunk
   (lambda ()
     (unless (scheduler-ref (this-scheduler) switching?)
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
       (simple-format port (gettext "fiber ~s died:\n")
                      (and fiber (fiber-ref fiber name)))
       (print-exception port #f key args)))))

(define (fiber-body scheduler fluids values thunk)
  "Return what a new fiber calls first: @var{thunk}, as user code."
  (lambda ()
    (scheduler-set! scheduler switching? #f)
    (scheduler-set! scheduler critical 0)
    (call-with-fluids fluids values thunk)
    (scheduler-set! scheduler critical 1)))

(define (inherited-limit)
  (let ((fiber (current-fiber)))
    (if fiber
        (fiber-ref fiber limit)
        0)))

(define* (spawn-fiber thunk #:key (name #f) (preemptible? #t)
                      (limit (inherited-limit)))
  "Make a fiber that calls @var{thunk}, and return it.  It runs once the
current fiber waits.  @var{name} is any object, for people to tell fibers
apart.  Unless @var{preemptible?}, it is as in a section without preemption
all the time.  @var{limit} is for the meter of @code{run-scheduler}; unless
given, it is that of the fiber that spawns this one."
  (let* ((scheduler (this-scheduler))
         (fluids (%inherited))
         (values (map (lambda (fluid) (fluid-ref fluid)) fluids))
         (time (scheduler-ref scheduler time))
         (fiber (make-fiber name scheduler 'new time time 0
                            (if preemptible? 0 1) #f limit #f
                            (fiber-body scheduler fluids values thunk)
                            #f #f #f #f #f)))
    (when (eq? scheduler %nowhere)
      (no-scheduler))
    (critical scheduler
      (registry-add! (scheduler-ref scheduler fibers) fiber)
      (ring-push! (scheduler-ref scheduler runnable) fiber))
    fiber))
