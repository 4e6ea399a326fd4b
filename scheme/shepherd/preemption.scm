;;; (shepherd preemption) -- no fiber keeps the interpreter for itself.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; While a fiber runs for longer than a tick of the core's clock, the core
;;; has `tick' called, as an async, between any two instructions.  As a rule
;;; that moves the fiber behind the others.  Where it cannot be suspended it
;;; goes on, but not for ever: when the run is overdue, it gets an exception,
;;; and so it does when it uses too much stack or memory.

(define-module (shepherd preemption)
  #:use-module (rnrs bytevectors)
  #:use-module (shepherd core)
  #:use-module (shepherd host)
  #:use-module (shepherd scheduler)
  #:use-module ((shepherd support syntax) #:select (format-message l10n))
  #:use-module ((shepherd scheduler fiber) #:select (fiber-ref fiber-set!
                                                suspendable?
                                                %fiber-tag))
  #:export (default-execution-limit
            default-give-up-limit
            heed-give-up-limit!
            call-with-loading-limit
            default-memory-limit
            default-stack-limit
            execution-limit?
            execution-limit->nanoseconds
            install-preemption!
            end-grace!
            abandon-fiber!
            abandoned-fiber?
            end-fiber!
            fiber-title
            duration->string))

(define MiB (ash 1 20))

;; What to do when a limit was set, once there is a core to tell.
(define tell-core (make-variable (const #f)))

(define %longest 1000000000)            ;seconds: fits into 64 bits as ns

(define (execution-limit? object)
  "Return true if @var{object} can limit how long something runs: a number of
seconds above 0."
  (and (real? object) (< 0 object %longest)))

(define (execution-limit->nanoseconds limit)
  "Return @var{limit}, in seconds, as the limit of a fiber.  @code{#f} stands for
what @code{default-execution-limit} gives, also when that changes."
  (if limit
      (inexact->exact (ceiling (* limit 1000000000)))
      0))

(define (limit-converter name)
  (lambda (limit)
    (unless (if (string=? name "default-execution-limit")
                (execution-limit? limit)
                (and (real? limit) (< 0 limit +inf.0)))
      (scm-error 'wrong-type-arg name (l10n "not a limit: ~s")
                 (list limit) (list limit)))
    ((variable-ref tell-core) name limit)
    limit))

(define default-execution-limit
  ;; Seconds for which code that cannot be preempted may keep the interpreter.
  (make-parameter 5 (limit-converter "default-execution-limit")))

(define default-memory-limit
  ;; Bytes; install-preemption! knows how many there are.
  (make-parameter (* 512 MiB) (limit-converter "default-memory-limit")))

(define default-stack-limit
  ;; Bytes of stack that a fiber may use.
  (make-parameter (* 64 MiB) (limit-converter "default-stack-limit")))

(define begun? #f)                      ;see heed-give-up-limit!

(define default-give-up-limit
  ;; Seconds after which a procedure in C that does not return ends this image
  ;; of the process; #f for never.
  (make-parameter 60
                  (lambda (limit)
                    (unless (or (not limit) (execution-limit? limit))
                      (scm-error 'wrong-type-arg "default-give-up-limit"
                                 (l10n "not a limit: ~s")
                                 (list limit) (list limit)))
                    (when begun?
                      (%set-last-limit (execution-limit->nanoseconds limit)))
                    limit)))

(define (heed-give-up-limit!)
  "From now on observe @code{default-give-up-limit}.  Not while the configuration
is loaded: a new image of the process would do the same again."
  (set! begun? #t)
  (default-give-up-limit (default-give-up-limit)))

(define (tell name limit)
  (cond ((string=? name "default-execution-limit")
         (%set-run-limit (execution-limit->nanoseconds limit)))
        ((string=? name "default-memory-limit")
         (%set-heap-limit (inexact->exact (ceiling (hard-limit limit)))))))

(define (hard-limit limit)
  "Return the size of the heap at which allocations fail where the memory limit is
@var{limit}."
  ;; What is allocated at once may pass the limit between two ticks; the
  ;; collector must not let it take the whole machine's memory.
  (+ (* 2 limit) (* 128 MiB)))


;;;
;;; Interrupting.
;;;

(define %grace 2000000000)              ;ns until the same may happen again

(define last-victim #f)                 ;fiber
(define last-time 0)                    ;ns

(define (spared? fiber)
  "Return true if @var{fiber} was interrupted just now: it may not have unwound
its stack yet."
  (and (eq? fiber last-victim)
       (< (- (%now) last-time) %grace)))

(define (end-grace!)
  "Let limits apply at once to the running fiber, which has dealt with an
interruption."
  (when (eq? last-victim (current-fiber))
    (set! last-victim #f)))

(define (duration->string ns)
  "Return @var{ns} in seconds, as text with one digit behind the point."
  (let ((tenths (quotient (max 0 ns) 100000000)))
    (string-append (number->string (quotient tenths 10)) "."
                   (number->string (remainder tenths 10)) " s")))

(define (fiber-title fiber)
  "Return the name of @var{fiber} as text."
  (let ((name (fiber-name fiber)))
    (if name
        (object->string name display)
        (l10n "(unnamed)"))))

(define (fiber-report fiber)
  ;; Seldom needed, so loaded then.
  ((@ (shepherd backtrace) fiber-report) fiber))

(define (log-lines text)
  (for-each (lambda (line)
              (unless (string-null? line)
                (host-log! line #t)))
            (string-split text #\newline)))

(define (interruption fiber reason)
  (format-message (l10n "interrupted in service ~a: ~a")
                  (fiber-title fiber) reason))

(define (end-fiber! fiber reason)
  "Have @var{fiber}, which does not run, raise an exception that gives
@var{reason} where it goes on; log where it was."
  (let ((message (interruption fiber reason)))
    (log-lines (string-append message "\n" (fiber-report fiber)))
    (cancel-fiber! fiber
                   (make-exception-from-throw
                    'misc-error (list #f "~a" (list message) #f)))))

(define (interrupt! fiber meter reason)
  "Raise an exception in @var{fiber}, which runs, that gives what the thunk
@var{reason} returns; log where it was."
  ;; First of all: what follows is another run, with time of its own, and the
  ;; next ticks must not interfere.
  (set! last-victim fiber)
  (set! last-time (%now))
  (bytevector-s64-native-set! meter 0
                              (+ 1 (bytevector-s64-native-ref meter 0)))
  (let ((message (interruption fiber (reason))))
    (log-lines (string-append
                message "\n"
                ((@ (shepherd backtrace) indent)
                 (stack->string (make-stack #t) #:limit 20))))
    ;; It may have taken a while, with modules to load.
    (set! last-time (%now))
    (scm-error 'misc-error #f "~a" (list message) #f)))

(define (overdue? meter)
  (= (bytevector-s64-native-ref meter 0)
     (bytevector-s64-native-ref meter 8)))

(define (overdue-reason duration place)
  (let ((procedure (or (interrupted-procedure) place))
        (duration (duration->string duration)))
    (if procedure
        (format-message (l10n "it did not give up control for ~a, in ~a")
                        duration procedure)
        (format-message (l10n "it did not give up control for ~a")
                        duration))))


(define (abandon-fiber! fiber)
  "From now on have @var{fiber} raise an exception when it computes for longer
than its limit without waiting for anything, also where it can be preempted:
nobody waits for it any more."
  (fiber-set! fiber abandoned? #t))

(define (abandoned-fiber? fiber)
  "Return true if nobody waits for @var{fiber} any more."
  (fiber-ref fiber abandoned?))

(define (limit-of fiber)
  (let ((own (fiber-ref fiber limit)))
    (if (zero? own)
        (execution-limit->nanoseconds (default-execution-limit))
        own)))

(define (unwanted? fiber)
  (and (fiber-ref fiber abandoned?)
       (> (fiber-computed fiber) (limit-of fiber))))


;;;
;;; Loading.
;;;

;; Guile loads modules by a procedure in C.  That may well take long, where they
;; are not compiled, and is no fault.
(define %loading-factor 12)

(define (call-with-limit meter fiber limit thunk)
  (define (set-limit! limit)
    (fiber-set! fiber limit limit)
    (bytevector-s64-native-set! meter 24 limit))

  (let ((before (fiber-ref fiber limit)))
    (dynamic-wind
     (lambda ()
       (set-limit! limit))
     thunk
     (lambda ()
       (set-limit! before)
       ;; What comes next has time of its own.
       (bytevector-s64-native-set!
        meter 0 (+ 1 (bytevector-s64-native-ref meter 0)))))))

(define (call-with-loading-limit thunk)
  "Call @var{thunk}, which loads code and cannot be suspended meanwhile, with
more time than is allowed otherwise."
  (let ((fiber (current-fiber))
        (meter (variable-ref the-meter)))
    (if (and fiber meter (suspendable?))
        (call-with-limit meter fiber (* %loading-factor (limit-of fiber))
                         thunk)
        (thunk))))

(define the-meter (make-variable #f))


;;;
;;; Memory.
;;;

;; Fibers have an account of what they allocated, (EPOCH . BYTES), which counts
;; from when memory last was plentiful, or somebody was blamed: that begins an
;; epoch.
(define epoch 0)
(define last-allocated 0)               ;%allocated at the last tick

(define (account fiber)
  (let ((account (fiber-ref fiber account)))
    (if (and account (= epoch (car account)))
        (cdr account)
        0)))

(define (charge! fiber meter plentiful?)
  "Add to the account of @var{fiber}, whose run @var{meter} tells of, what was
allocated since that began, and since the last tick."
  (let ((allocated (%allocated))
        (before (bytevector-s64-native-ref meter 40)))
    (when plentiful?
      (set! epoch (+ 1 epoch)))
    (fiber-set! fiber account
                (cons epoch (+ (account fiber)
                               (- allocated (max before last-allocated)))))
    (set! last-allocated allocated)))

(define (in-use? bytes)
  "Return true if more than @var{bytes} are in use, garbage not counted."
  (%collect #f)
  (> (%heap-size) bytes))

(define (greediest fibers)
  "Return that of @var{fibers} which allocated most of late."
  (let loop ((best (car fibers)) (fibers (cdr fibers)))
    (cond ((null? fibers) best)
          ((> (account (car fibers)) (account best))
           (loop (car fibers) (cdr fibers)))
          (else
           (loop best (cdr fibers))))))

;; What was in use when somebody was blamed may stay in use: it is being released, or
;; was stored somewhere.  Who comes next is not to blame for that.
(define excused 0)                      ;bytes beyond the limit

(define (excuse!)
  "Leave others half of the limit, unless allocations would soon fail then."
  (let ((limit (default-memory-limit)))
    (set! excused (max 0 (min (- (hard-limit limit) (* 5/4 limit))
                              (- (%heap-size) (/ limit 2)))))))

(define (blame!)
  (set! epoch (+ 1 epoch))
  (excuse!)
  (give-memory-back excuse!))

(define (culprit fiber meter)
  "Charge @var{fiber}, whose run @var{meter} tells of, for what it allocated.  If
memory is scarce, return the fiber to blame, @code{#f} if there is none."
  (let* ((allowed (default-memory-limit))
         (size (%heap-size))
         (plentiful? (< size (/ allowed 2))))
    (charge! fiber meter plentiful?)
    (when plentiful?
      (set! excused 0))
    (let ((limit (+ allowed excused)))
      (and (> size limit)
           (in-use? (- limit (/ allowed 4)))
           (let ((fiber (greediest (all-fibers))))
             (and (> (account fiber) 0)
                  (begin
                    (blame!)
                    fiber)))))))

(define* (give-memory-back #:optional (then (const #f)))
  "Return memory to the system, once the stack of the fiber at fault is gone; then
call the thunk @var{then}."
  (define (collect times)
    ;; What a collection freed is unmapped by the one after the next.
    (when (> times 0)
      (fiber-sleep 1/5)
      (%collect #t)
      (collect (- times 1))))

  (spawn-fiber (lambda ()
                 (collect 4)
                 (then))
               #:name "collector"))


;;;
;;; Ticks.
;;;

;; A stack is copied when its fiber is suspended: a large one less often.
(define %cheap-stack (* 4 MiB))         ;bytes for each tick of patience
(define ticks 0)                        ;for which patience was shown

(define (let-others-run stack)
  "Preempt the running fiber, whose stack has @var{stack} bytes, unless that was
done just now and would be dear."
  (set! ticks (+ 1 ticks))
  (when (> (* ticks %cheap-stack) stack)
    (set! ticks 0)
    (preempt-current-fiber!)))

(define answering? #f)                  ;no ticks meanwhile

(define (answer-asker! meter)
  "If the core asks on behalf of a client what goes on, as the fiber that runs
lets nobody else answer, answer."
  (let ((client (bytevector-s64-native-ref meter 32)))
    (unless (zero? client)
      (bytevector-s64-native-set! meter 32 0)
      (dynamic-wind
       (lambda ()
         (set! answering? #t))
       (lambda ()
         (host-reply! client
                      ((@ (shepherd backtrace) backtrace-reply)
                       (make-stack #t))))
       (lambda ()
         (set! answering? #f))))))

(define (tick meter)
  (unless answering?
    (when (interruptible-fiber)
      (answer-asker! meter))
    (observe-limits meter)))

(define (observe-limits meter)
  (let ((fiber (interruptible-fiber))
        (stack (%stack-size)))
    (cond ((not fiber)
           (preempt-current-fiber!))
          ((spared? fiber)
           (let-others-run stack))
          ((overdue? meter)
           (let ((duration (bytevector-s64-native-ref meter 16))
                 (place (%run-place)))
             (interrupt! fiber meter (lambda ()
                                       (overdue-reason duration place)))))
          ((unwanted? fiber)
           (interrupt! fiber meter
                       (const (l10n "it computes, and its client is gone"))))
          ((> stack (default-stack-limit))
           (give-memory-back)
           (interrupt! fiber meter (const (l10n "it used too much stack"))))
          ((culprit fiber meter)
           => (lambda (culprit)
                (if (eq? culprit fiber)
                    (interrupt! fiber meter
                                (const (l10n "it used too much memory")))
                    (end-fiber! culprit (l10n "it used too much memory")))))
          (else
           (let-others-run stack)))))

(define (install-preemption!)
  "Have fibers preempted from now on, and limits observed.  Return the meter for
@code{run-scheduler}."
  (letrec ((meter (%preempt-with (lambda ()
                                   (tick meter)))))
    (variable-set! tell-core tell)
    (variable-set! the-meter meter)
    (default-execution-limit (default-execution-limit))
    (default-memory-limit (min (default-memory-limit)
                               (quotient (%memory-size) 4)))
    meter))
