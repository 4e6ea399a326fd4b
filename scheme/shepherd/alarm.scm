;;; (shepherd alarm) -- waiting for a time of the wall clock.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The scheduler's own timers go by a clock that nobody can set and that
;;; stands still while the machine sleeps.  Whoever waits for noon wants the
;;; other one.  All alarms of a scheduler share one descriptor, which the
;;; kernel makes ready when the first is due, or when the clock is set; a
;;; fiber waits for that.

(define-module (shepherd alarm)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd host)
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd scheduler fiber)
  #:export (open-clock
            set-alarm!
            alarm-operation
            cancel-alarm!))

(define-record-type <alarm>
  (make-alarm clock time request)
  alarm?
  (clock   alarm-clock)                 ;<clock>
  (time    alarm-time)                  ;ns since the Epoch
  (request alarm-request))              ;answered: due or clock-set

(define-record-type <clock>
  (make-clock descriptor alarms first)
  clock?
  (descriptor clock-descriptor)
  (alarms     clock-alarms set-clock-alarms!) ;list of <alarm>
  ;; What the kernel waits for, in ns, or #f.
  (first      clock-first set-clock-first!))

;; Scheduler -> its clock.
(define clocks (make-weak-key-hash-table))

(define (open-clock)
  "Have all that alarms need.  Throw @code{system-error} if that fails."
  (this-clock)
  *unspecified*)

(define (this-clock)
  (or (hashq-ref clocks (this-scheduler))
      (start-clock)))

(define (start-clock)
  (let ((clock (make-clock (host-open-alarm) '() #f)))
    (hashq-set! clocks (this-scheduler) clock)
    (spawn-fiber (lambda () (run clock))
                 #:name "alarm" #:preemptible? #f)
    clock))

(define (run clock)
  (let loop ()
    (perform-operation
     (wait-until-readable-operation (clock-descriptor clock)))
    (match (host-read-alarm (clock-descriptor clock))
      (#f #f)
      (reason (ring clock reason)))
    (loop)))

(define (due? alarm now)
  (>= now (alarm-time alarm)))

(define (ring clock reason)
  "Answer those whose time has come, or all of them when the clock was set."
  (without-preemption
   (let ((now (host-time)))
     (let loop ((alarms (clock-alarms clock)) (left '()))
       (match alarms
         (()
          (set-clock-alarms! clock left))
         ((alarm . rest)
          (if (or (eq? reason 'clock-set) (due? alarm now))
              (begin
                (answer-request! (alarm-request alarm) reason)
                (loop rest left))
              (loop rest (cons alarm left))))))
     (set-clock-first! clock #f)
     (arm clock (first-time clock)))))

(define (first-time clock)
  "Return when the first alarm of @var{clock} is due, or @code{#f}."
  (match (clock-alarms clock)
    (() #f)
    (alarms (apply min (map alarm-time alarms)))))

(define (arm clock time)
  "Have the kernel tell when the wall clock shows @var{time}, if not @code{#f}."
  (unless (eqv? time (clock-first clock))
    (set-clock-first! clock time)
    (unless (host-set-alarm! (clock-descriptor clock) time)
      (ring clock 'clock-set))))

(define (set-alarm! time)
  "Return an alarm for when the wall clock shows @var{time}, in nanoseconds since
the Epoch."
  (without-preemption
   (let* ((clock (this-clock))
          (alarm (make-alarm clock time (make-request)))
          (first (clock-first clock)))
     (set-clock-alarms! clock (cons alarm (clock-alarms clock)))
     (arm clock (if first (min first time) time))
     alarm)))

(define (cancel-alarm! alarm)
  "Forget @var{alarm}."
  (without-preemption
   (let ((clock (alarm-clock alarm)))
     (unless (request-answered? (alarm-request alarm))
       (set-clock-alarms! clock (delq alarm (clock-alarms clock)))
       (when (eqv? (alarm-time alarm) (clock-first clock))
         (arm clock (first-time clock)))))))

(define (alarm-operation alarm)
  "Return the operation that waits for @var{alarm} and returns @code{due} when its
time has come, @code{clock-set} when it may have to be computed anew."
  (await-request-operation (alarm-request alarm)))
