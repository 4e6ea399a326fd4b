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
  #:export (set-alarm!
            alarm-operation
            cancel-alarm!))

(define-record-type <alarm>
  (make-alarm clock time request)
  alarm?
  (clock   alarm-clock)                 ;<clock>
  (time    alarm-time)                  ;ns since the Epoch
  (request alarm-request))              ;answered: due or clock-set

(define-record-type <clock>
  (make-clock descriptor alarms)
  clock?
  (descriptor clock-descriptor)
  (alarms     clock-alarms set-clock-alarms!)) ;list of <alarm>

;; The fiber of the clock -> clock.  There is one for each scheduler, which is
;; what its fibers are told from others by.
(define clocks (make-weak-key-hash-table))

(define (this-clock)
  (or (or-map (lambda (fiber) (hashq-ref clocks fiber)) (all-fibers))
      (start-clock)))

(define (start-clock)
  (let* ((clock (make-clock (host-open-alarm) '()))
         (fiber (spawn-fiber (lambda () (run clock))
                             #:name "alarm" #:preemptible? #f)))
    (hashq-set! clocks fiber clock)
    clock))

(define (run clock)
  (let loop ()
    (perform-operation
     (wait-until-readable-operation (clock-descriptor clock)))
    (match (host-read-alarm (clock-descriptor clock))
      (#f #f)
      (reason (ring clock reason)))
    (loop)))

(define (due alarm now)
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
          (if (or (eq? reason 'clock-set) (due alarm now))
              (begin
                (answer-request! (alarm-request alarm) reason)
                (loop rest left))
              (loop rest (cons alarm left))))))
     (arm clock))))

(define (arm clock)
  "Have the kernel tell when the first alarm is due."
  (let ((first (match (clock-alarms clock)
                 (() #f)
                 (alarms (apply min (map alarm-time alarms))))))
    (unless (host-set-alarm! (clock-descriptor clock) first)
      (ring clock 'clock-set))))

(define (set-alarm! time)
  "Return an alarm for when the wall clock shows @var{time}, in nanoseconds since
the Epoch."
  (without-preemption
   (let* ((clock (this-clock))
          (alarm (make-alarm clock time (make-request))))
     (set-clock-alarms! clock (cons alarm (clock-alarms clock)))
     (arm clock)
     alarm)))

(define (cancel-alarm! alarm)
  "Forget @var{alarm}."
  (without-preemption
   (let ((clock (alarm-clock alarm)))
     (when (memq alarm (clock-alarms clock))
       (set-clock-alarms! clock (delq alarm (clock-alarms clock)))
       (arm clock)))))

(define (alarm-operation alarm)
  "Return the operation that waits for @var{alarm} and returns @code{due} when its
time has come, @code{clock-set} when it may have to be computed anew."
  (await-request-operation (alarm-request alarm)))
