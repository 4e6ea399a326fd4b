;;; virtual-time.scm --- A scheduler whose clock and events are made up
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Time stands still while fibers run, and leaps to the next deadline or
;;; event when none can.  When there is neither, the run ends with the symbol
;;; deadlock: no test hangs.

(define-module (tests virtual-time)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd scheduler)
  #:export (run-virtually
            virtual-time
            take-time!
            event-at!
            watch-calls
            failures
            in-fibers
            after
            error-key
            error-message))

;; Of the run that is going on, or was the last.
(define time 0)                         ;ns
(define agenda '())                     ;list of (NS . EVENT), ordered
(define calls '())                      ;of watch-fd and forget-fd, reversed
(define deaths '())                     ;(NAME KEY ARGS), reversed

(define (virtual-time)
  "Return the time of the clock, in seconds."
  (/ time 1000000000))

(define (take-time! seconds)
  "Let so many @var{seconds} pass, as if the fiber that runs computed."
  (set! time (+ time (* seconds 1000000000))))

(define (event-at! seconds event)
  "Let @var{event} happen when the clock shows @var{seconds}."
  (set! agenda
        (sort (append agenda
                      (list (cons (* seconds 1000000000) event)))
              (lambda (a b)
                (< (car a) (car b))))))

(define (watch-calls)
  "Return the calls of watch-fd and forget-fd so far."
  (reverse calls))

(define (failures)
  "Return the fibers that died of an exception: name, key and arguments."
  (reverse deaths))

(define (take-events!)
  (let-values (((due later)
                (span (lambda (entry) (<= (car entry) time)) agenda)))
    (set! agenda later)
    (map cdr due)))

(define (wait-virtually ns)
  (define deadline
    (and (>= ns 0) (+ time ns)))
  (define next
    (match agenda
      (() #f)
      (((at . _) . _) at)))
  (cond ((and next (or (not deadline) (<= next deadline)))
         (set! time (max time next))
         (take-events!))
        (deadline
         (set! time deadline)
         '())
        (else
         (stop-scheduler! 'deadlock)
         '())))

(define* (run-virtually thunk #:key (dispatch (const #f)) (seed 1) pick
                        (watch-fd (const #t)))
  "Call @var{thunk} in a fiber, at time 0, and return what it returns."
  (set! time 0)
  (set! agenda '())
  (set! calls '())
  (set! deaths '())
  (let ((previous (fiber-error-handler)))
    (dynamic-wind
      (lambda ()
        (fiber-error-handler
         (lambda (fiber key args stack)
           (set! deaths
                 (cons (list (and fiber (fiber-name fiber)) key args)
                       deaths)))))
      (lambda ()
        (run-scheduler (lambda ()
                         (call-with-values thunk stop-scheduler!))
                       #:wait wait-virtually
                       #:now (lambda () time)
                       #:watch-fd (lambda (fd event)
                                    (set! calls
                                          (cons (list 'watch fd event)
                                                calls))
                                    (watch-fd fd event))
                       #:forget-fd (lambda (fd)
                                     (set! calls
                                           (cons (list 'forget fd) calls)))
                       #:dispatch dispatch
                       #:seed seed
                       #:pick pick))
      (lambda ()
        (fiber-error-handler previous)))))

(define-syntax-rule (in-fibers exp ...)
  ;; The value of EXP ..., evaluated in a fiber under virtual time.
  (run-virtually (lambda () exp ...)))

(define (after seconds value)
  "Return the operation that has @var{value} in @var{seconds}."
  (wrap-operation (sleep-operation seconds) (const value)))

(define (error-key thunk)
  "Return the key of the exception that @var{thunk} raises, or @code{none}."
  (catch #t
    (lambda () (thunk) 'none)
    (lambda (key . _) key)))

(define (error-message thunk)
  "Return the message of the error that @var{thunk} raises, formatted."
  (catch 'misc-error thunk
    (lambda (key who message arguments . _)
      (apply simple-format #f message arguments))))
