;;; loop.scm --- The loop that runs fibers and waits for events
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; A turn of the loop runs what is runnable, then looks at the events and
;;; the clock.  With something left to run it only looks; with nothing to run
;;; it waits for an event or the next deadline, however long that takes.  A
;;; turn is bounded in time and number of fibers, so one that yields for ever
;;; keeps no event waiting.
;;;
;;; A fiber that was preempted computes; the others mostly react, and soon wait
;;; again.  So the former run, one at a time, when nothing else is left to do,
;;; or else once in a while.
;;;
;;; Depends on fiber.scm, descriptors.scm and the modules of containers.

(define-module (shepherd scheduler loop)
  #:use-module (shepherd scheduler descriptors)
  #:use-module (shepherd scheduler fiber)
  #:use-module (shepherd scheduler heap)
  #:use-module (shepherd scheduler queue)
  #:use-module (shepherd scheduler registry)
  #:use-module (ice-9 match)
  #:use-module ((rnrs bytevectors) #:select (make-bytevector
                                             bytevector-s64-native-ref
                                             bytevector-s64-native-set!))
  #:export (run-scheduler
            stop-scheduler!
            scheduler-time))

;; A turn ends after so many resumptions, or when the clock, read each time
;; that %clock-interval fibers were resumed, shows that so many nanoseconds
;; have passed.
(define %longest-turn 256)
(define %longest-turn-time 1000000)
(define %clock-interval 4)

(define (next-fiber scheduler)
  (let ((runnable (scheduler-ref scheduler runnable))
        (pick (scheduler-ref scheduler pick)))
    (if pick
        (ring-take! runnable (pick (ring-length runnable)))
        (ring-pop! runnable))))

(define (note-fiber! scheduler fiber)
  "Tell whoever wants to know that @var{fiber} is about to run."
  (let ((note (scheduler-ref scheduler note))
        (name (fiber-name fiber)))
    (unless (or (not note) (eq? name (scheduler-ref scheduler noted)))
      (scheduler-set! scheduler noted name)
      (note (and (string? name) name)))))

(define (count-run! scheduler fiber)
  "Let those who watch the meter know that another run begins, of
@var{fiber}."
  (let ((meter (scheduler-ref scheduler meter)))
    (bytevector-s64-native-set! meter 24 (fiber-ref fiber limit))
    (bytevector-s64-native-set! meter 40
                                ((scheduler-ref scheduler allocated)))
    (bytevector-s64-native-set! meter 0
                                (+ 1 (bytevector-s64-native-ref meter 0)))))

(define (resume! scheduler fiber)
  "Run @var{fiber} until it gives up control."
  (let ((continuation (fiber-ref fiber continuation)))
    (fiber-set! fiber continuation #f)
    (fiber-set! fiber state 'running)
    (fiber-set! fiber since (scheduler-ref scheduler time))
    (note-fiber! scheduler fiber)
    (count-run! scheduler fiber)
    (scheduler-set! scheduler switching? #t)
    (scheduler-set! scheduler preempt? #f)
    (scheduler-set! scheduler current fiber)
    (call-with-prompt %fiber-tag
      (lambda ()
        (continuation))
      (lambda (continuation failure)
        (if failure
            (fiber-set! fiber failure failure)
            (fiber-set! fiber continuation continuation))))
    (scheduler-set! scheduler current #f)
    (scheduler-set! scheduler switching? #f)
    (scheduler-set! scheduler critical 1)
    (unless (fiber-ref fiber continuation)
      (bury! scheduler fiber))))

(define (bury! scheduler fiber)
  (let ((failure (fiber-ref fiber failure)))
    (fiber-set! fiber state 'done)
    (fiber-set! fiber waiters #f)
    (registry-remove! (scheduler-ref scheduler fibers) (fiber-ref fiber slot))
    (when failure
      (fiber-set! fiber failure #f)
      (when (pair? failure)
        (report-failure fiber (car failure) (cdr failure))))))

(define (report-failure fiber exception stack)
  (with-exception-handler
      (lambda (_)
        (false-if-exception
         (display (gettext "the fiber-error-handler failed\n")
                  (current-error-port))))
    (lambda ()
      ((fiber-error-handler) fiber
       (exception-kind exception) (exception-args exception) stack))
    #:unwind? #t))

(define (run-turn! scheduler)
  "Run fibers until none is runnable or the turn is over."
  (let ((runnable (scheduler-ref scheduler runnable)))
    (let loop ((n 1))
      (unless (or (zero? (ring-length runnable))
                  (scheduler-ref scheduler stopped))
        (resume! scheduler (next-fiber scheduler))
        (when (and (< n %longest-turn)
                   (or (not (zero? (logand n (- %clock-interval 1))))
                       (< (- ((scheduler-ref scheduler now))
                             (scheduler-ref scheduler time))
                          %longest-turn-time)))
          (loop (+ n 1)))))))

;; For so many nanoseconds preempted fibers wait at most for others.
(define %longest-neglect 50000000)

(define (run-preempted! scheduler)
  "Run a fiber that was preempted, if there is time for that."
  (let ((preempted (scheduler-ref scheduler preempted)))
    (unless (zero? (ring-length preempted))
      (let ((now ((scheduler-ref scheduler now))))
        (when (or (zero? (ring-length (scheduler-ref scheduler runnable)))
                  (> (- now (scheduler-ref scheduler preempted-time))
                     %longest-neglect))
          (let ((fiber (ring-pop! preempted)))
            (resume! scheduler fiber)
            (let ((end ((scheduler-ref scheduler now))))
              (fiber-set! fiber computed
                          (+ (fiber-ref fiber computed) (- end now)))
              (scheduler-set! scheduler preempted-time end))))))))

(define (time-to-wait scheduler)
  (if (and (zero? (ring-length (scheduler-ref scheduler runnable)))
           (zero? (ring-length (scheduler-ref scheduler preempted))))
      (let ((timer (heap-first (scheduler-ref scheduler timers))))
        (if timer
            (max 0 (- (waiter-ref timer datum) ((scheduler-ref scheduler now))))
            -1))
      0))

(define (handle-event! scheduler event)
  (match event
    (((and kind (or 'readable 'writable 'hung-up)) fd)
     (descriptor-event! scheduler fd kind))
    (_ ((scheduler-ref scheduler dispatch) event))))

(define (handle-events! scheduler events)
  "Handle @var{events} in order, each even if one before it raises an exception."
  (unless (null? events)
    (let ((rest events))
      (guarded (lambda ()
                 (let loop ()
                   (let ((event (car rest)))
                     (set! rest (cdr rest))
                     (handle-event! scheduler event)
                     (unless (null? rest)
                       (loop))))))
      (handle-events! scheduler rest))))

(define (fire-timers! scheduler)
  (let ((timers (scheduler-ref scheduler timers))
        (time (scheduler-ref scheduler time)))
    (let loop ()
      (let ((timer (heap-first timers)))
        (when (and timer (<= (waiter-ref timer datum) time))
          (heap-remove! timers timer)
          (wake! timer #t)
          (loop))))))

(define (run-loop! scheduler)
  (let loop ()
    (run-turn! scheduler)
    (unless (scheduler-ref scheduler stopped)
      (let ((events ((scheduler-ref scheduler wait) (time-to-wait scheduler))))
        (scheduler-set! scheduler time ((scheduler-ref scheduler now)))
        (handle-events! scheduler events)
        (fire-timers! scheduler)
        (run-preempted! scheduler)
        (loop)))))


;;; Exceptions.  One handler, outside of all fibers, serves them all: a fiber
;;; that suspends and resumes stays within it.  What 'wait' and 'now' raise is
;;; not caught: without them there is nothing to go on with.

;; Around what is called outside of fibers.
(define %guard-tag (make-prompt-tag 'guard))

(define (guarded thunk)
  "Call @var{thunk} outside of fibers; report an exception in it."
  (call-with-prompt %guard-tag
    (lambda ()
      (with-exception-handler
          (lambda (exception)
            (abort-to-prompt %guard-tag exception
                             (make-stack #t 1 %guard-tag)))
        thunk))
    (lambda (_ exception stack)
      (report-failure #f exception stack))))

(define (handle-exception scheduler exception)
  (cond ((scheduler-ref scheduler current)
         (scheduler-set! scheduler critical 1)
         (abort-to-prompt %fiber-tag
                          (cons exception (make-stack #t 1 %fiber-tag))))
        (else
         (raise-exception exception))))

(define* (run-scheduler thunk #:key
                        (wait no-scheduler) (now no-scheduler)
                        (watch-fd no-scheduler) (forget-fd no-scheduler)
                        (dispatch (const #f))
                        (name 'main) (seed 1) pick note
                        (allocated (const 0))
                        (meter (make-bytevector 48 0)))
  "Call @var{thunk} in a fiber, run it and all other fibers until one calls
@code{stop-scheduler!}, and return the values given to that.

@var{now} returns the time in nanoseconds.  @var{wait} is called with a number
of nanoseconds, -1 for no limit, and returns a list of events as soon as there
are any, or when the time is over.  @code{(readable @var{fd})} and
@code{(writable @var{fd})} and @code{(hung-up @var{fd})} wake the fibers that wait
for these, after @code{(watch-fd @var{fd} @var{event})} asked for one such event,
@var{event} being what it begins with; @code{(forget-fd @var{fd})} says that none
is wanted any more.  @var{dispatch}
is called with each other event, outside of any fiber: it must not wait.

@var{seed} determines which of several possible operations in a choice is
performed.  @var{pick}, if given, is called with the number of runnable fibers
and returns the index of the one to run next, 0 being the one that has waited
longest.  @var{note}, if given, is called with the name of the fiber that is
about to run whenever that is another name than before.  The first number in
the bytevector @var{meter}, of 64 bits each, counts how often fibers were
resumed; the fourth is the limit of the fiber that runs, the sixth what
@var{allocated} returned, a number of bytes, when it was resumed."
  (let ((scheduler (make-scheduler now wait watch-fd forget-fd dispatch
                                   #:pick pick #:seed seed #:note note
                                   #:allocated allocated #:meter meter)))
    (with-fluids ((%scheduler scheduler))
      (scheduler-set! scheduler time (now))
      (spawn-fiber thunk #:name name)
      (with-exception-handler
          (lambda (exception)
            (handle-exception scheduler exception))
        (lambda ()
          (run-loop! scheduler)))
      (forget-descriptors! scheduler)
      (apply values (scheduler-ref scheduler stopped)))))

(define (stop-scheduler! . values)
  "End the scheduler that runs here: its @code{run-scheduler} returns
@var{values}.  In a fiber, this does not return."
  (let ((scheduler (this-scheduler)))
    (scheduler-set! scheduler stopped values)
    (when (scheduler-ref scheduler current)
      (abort-to-prompt %fiber-tag 'stopped))))

(define (scheduler-time)
  "Return what the clock of the scheduler that runs here shows, in
nanoseconds: the time that @code{timer-operation} goes by."
  ((scheduler-ref (this-scheduler) now)))
