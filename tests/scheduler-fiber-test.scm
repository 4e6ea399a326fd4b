;;; scheduler-fiber-test.scm --- Fibers among Scheme's own control operators
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Exceptions, dynamic extents, parameters, cancellation, preemption, and
;;; what can be known of a fiber.

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 control)
             (ice-9 exceptions)
             (ice-9 match)
             (srfi srfi-1)
             (srfi srfi-64)
             (system base compile)
             (shepherd scheduler)
             (tests virtual-time))

;; Evaluated procedures don't show in a stack, compiled ones do.
(define (compiled expression)
  (compile expression #:env (current-module)))

(define make-exception-from-throw
  (@@ (guile) make-exception-from-throw))

(test-begin "scheduler-fiber")

;;; Exceptions.

(test-equal "an exception ends its fiber alone, and is reported"
  '(fine ((bad oops (1 2))))
  (in-fibers
   (spawn-fiber (lambda () (throw 'oops 1 2)) #:name 'bad)
   (fiber-sleep 1)
   (list 'fine (failures))))

(test-equal "an object raised that is no exception is reported"
  '((bad %exception (42)))
  (in-fibers
   (spawn-fiber (lambda () (raise-exception 42)) #:name 'bad)
   (fiber-sleep 1)
   (failures)))

(test-equal "an exception in dispatch is reported, and the loop goes on"
  '(((#f oops ())) second)
  (let ((mailbox (make-mailbox)))
    (run-virtually
     (lambda ()
       (event-at! 1 '(first))
       (event-at! 2 '(second))
       (let ((message (mailbox-get mailbox)))
         (list (failures) (car message))))
     #:dispatch (match-lambda
                  (('first) (throw 'oops))
                  (event (mailbox-put! mailbox event))))))

(test-equal "waiting in dispatch is an error, and the loop goes on"
  '(#f misc-error)
  (run-virtually
   (lambda ()
     (event-at! 1 '(first))
     (fiber-sleep 2)
     (list-head (car (failures)) 2))
   #:dispatch (lambda (event) (fiber-sleep 1))))

(test-equal "a reporter that fails does not end the loop"
  "the fiber-error-handler failed\nstill here"
  (with-error-to-string
    (lambda ()
      (in-fibers
       (fiber-error-handler (lambda _ (error "so bad")))
       (spawn-fiber (lambda () (error "bad")))
       (fiber-sleep 1)
       (display "still here" (current-error-port))))))

(test-assert "the report has a stack that can be printed"
  (let ((text #f))
    (in-fibers
     (fiber-error-handler (lambda (fiber key args stack)
                            (set! text (stack->string stack))))
     (let ((culprit (compiled '(letrec ((culprit (lambda (list)
                                                   (+ 1 (car list)))))
                                 culprit))))
       (spawn-fiber (lambda () (+ 1 (culprit 5)))))
     (fiber-sleep 1))
    (string-contains text "in culprit")))

(test-equal "a catch outlives a suspension"
  '(caught oops 3)
  (in-fibers
   (catch 'oops
     (lambda ()
       (fiber-sleep 3)
       (throw 'oops))
     (lambda (key)
       (list 'caught key (virtual-time))))))

(test-equal "a handler that does not unwind outlives a suspension"
  '(11 1)
  (in-fibers
   (with-exception-handler
       (lambda (exception) (* 2 exception))
     (lambda ()
       (fiber-sleep 1)
       (list (+ 1 (raise-continuable 5)) (virtual-time))))))

(test-equal "each fiber has the handlers of its own"
  '((a . 1) (b . 2))
  (in-fibers
   (let ((log '()))
     (define (failing name n)
       (spawn-fiber
        (lambda ()
          (catch 'oops
            (lambda ()
              (fiber-sleep 1)
              (throw 'oops n))
            (lambda (key n)
              (set! log (acons name n log)))))))
     (failing 'a 1)
     (failing 'b 2)
     (fiber-sleep 2)
     (reverse log))))

(test-equal "the extents that a dying fiber leaves are left in order"
  '(in1 in2 out2 out1)
  (in-fibers
   (let ((log '()))
     (define (note x) (lambda () (set! log (cons x log))))
     (spawn-fiber
      (lambda ()
        (dynamic-wind
          (note 'in1)
          (lambda ()
            (dynamic-wind (note 'in2) (lambda () (error "x")) (note 'out2)))
          (note 'out1))))
     (fiber-sleep 1)
     (reverse log))))

(test-equal "a failure on the way back into an extent ends that fiber alone"
  '((bad oops ()))
  (in-fibers
   (let ((again? #f))
     (spawn-fiber
      (lambda ()
        (dynamic-wind
          (lambda () (when again? (throw 'oops)) (set! again? #t))
          (lambda () (fiber-sleep 1))
          (const #t)))
      #:name 'bad)
     (fiber-sleep 2)
     (failures))))

;;; Where a fiber can be suspended.

(test-assert "waiting inside sort is an error that names it"
  (string-contains
   (in-fibers
    (error-message (lambda ()
                  (sort '(2 1) (lambda (a b) (fiber-sleep 1) (< a b))))))
   "cannot wait (sleep) inside sort"))

(test-equal "a fiber that could not wait there can wait elsewhere"
  '(misc-error 1 timeout)
  (in-fibers
   (let* ((channel (make-channel))
          (key (error-key
                (lambda ()
                  (sort '(2 1) (lambda (a b) (get-message channel)))))))
     (fiber-sleep 1)
     (list key (virtual-time)
           (perform-operation
            (choice-operation (wrap-operation (put-operation channel 'x)
                                              (const 'taken))
                              (after 1 'timeout)))))))

(test-equal "yielding inside hash-for-each is an error"
  'misc-error
  (in-fibers
   (let ((table (make-hash-table)))
     (hash-set! table 1 1)
     (error-key (lambda ()
                  (hash-for-each (lambda (key value) (yield-fiber))
                                 table))))))

(test-equal "for-each, map, fold, apply and call-with-values can be waited in"
  '((2 3) 3 (1 2) 6)
  (in-fibers
   (for-each fiber-sleep '(1 1))
   (let* ((mapped (map (lambda (n) (fiber-sleep 1) (+ n 1)) '(1 2)))
          (folded (fold (lambda (n sum) (fiber-sleep 1) (+ n sum)) 0 '(1 2)))
          (values (call-with-values
                      (lambda () (fiber-sleep 1) (values 1 2))
                    list)))
     (apply fiber-sleep '(1))
     (list mapped folded values (- (virtual-time) 2)))))

(test-equal "evaluated code can wait"
  '(42 1)
  (in-fibers
   (let ((result (primitive-eval
                  '(begin
                     ((@ (shepherd scheduler) fiber-sleep) 1)
                     42))))
     (list result (virtual-time)))))

(test-equal "a fiber can wait in a deep recursion"
  '(100000 1)
  (in-fibers
   (let ((depth (let recurse ((n 100000))
                  (if (zero? n)
                      (begin (fiber-sleep 1) 0)
                      (+ 1 (recurse (- n 1)))))))
     (list depth (virtual-time)))))

;;; Dynamic state.

(define parameter (make-parameter 'global))

(test-equal "parameterize holds across suspensions, for its fiber alone"
  '(inner global inner)
  (in-fibers
   (let ((log '()))
     (define (note) (set! log (cons (parameter) log)))
     (spawn-fiber (lambda ()
                    (parameterize ((parameter 'inner))
                      (note)
                      (fiber-sleep 2)
                      (note))))
     (spawn-fiber (lambda () (fiber-sleep 1) (note)))
     (fiber-sleep 3)
     (reverse log))))

(test-equal "setting a parameter outside of parameterize is global"
  'changed
  (let ((parameter (make-parameter 'old)))
    (in-fibers
     (spawn-fiber (lambda () (parameter 'changed)))
     (fiber-sleep 1)
     (parameter))))

(test-equal "a fiber does not see what its creator has parameterized"
  'global
  (in-fibers
   (let ((seen #f))
     (parameterize ((parameter 'inner))
       (spawn-fiber (lambda () (set! seen (parameter))))
       (fiber-sleep 1))
     seen)))

(define inherited (make-parameter 'global))
(inherit-parameter! inherited)

(test-equal "a fiber inherits what inherit-parameter! names, when spawned"
  '(inner global inner)
  (in-fibers
   (let ((log '()))
     (define (note) (set! log (cons (inherited) log)))
     (parameterize ((inherited 'inner))
       (spawn-fiber (lambda () (note) (fiber-sleep 1) (note))))
     (fiber-sleep 1/2)
     (note)
     (fiber-sleep 1)
     (reverse log))))

(test-equal "the output port is inherited"
  "from a fiber"
  (call-with-output-string
    (lambda (port)
      (in-fibers
       (parameterize ((current-output-port port))
         (spawn-fiber (lambda () (display "from a fiber"))))
       (fiber-sleep 1)))))

(test-equal "dynamic-wind leaves its extent while its fiber waits"
  '(in out in out)
  (in-fibers
   (let ((log '()))
     (define (note x) (lambda () (set! log (cons x log))))
     (dynamic-wind (note 'in) (lambda () (fiber-sleep 1)) (note 'out))
     (reverse log))))

(test-equal "fiber-dynamic-wind does not"
  '(in out)
  (in-fibers
   (let ((log '()))
     (define (note x) (lambda () (set! log (cons x log))))
     (fiber-dynamic-wind (note 'in) (lambda () (fiber-sleep 1)) (note 'out))
     (reverse log))))

(test-equal "fiber-dynamic-wind is left by an exception"
  '(in out caught)
  (in-fibers
   (let ((log '()))
     (define (note x) (lambda _ (set! log (cons x log))))
     (catch #t
       (lambda ()
         (fiber-dynamic-wind (note 'in)
                             (lambda () (fiber-sleep 1) (throw 'oops))
                             (note 'out)))
       (note 'caught))
     (reverse log))))

;;; Cancellation.

(define (cancelling thunk)
  "Return what becomes of a fiber that calls THUNK and is cancelled at 1."
  (let* ((log '())
         (fiber (spawn-fiber
                 (lambda ()
                   (catch 'cancelled
                     (lambda ()
                       (thunk)
                       (set! log 'went-on)
                       (fiber-sleep 1)
                       (set! log 'ended))
                     (lambda (key)
                       (set! log (list log (virtual-time)))))))))
    (fiber-sleep 1)
    (cancel-fiber! fiber (make-exception-from-throw 'cancelled '()))
    (fiber-sleep 10)
    log))

(test-equal "a fiber that waits raises the exception where it waits"
  '(() 1)
  (in-fibers (cancelling (lambda () (fiber-sleep 5)))))

(test-equal "a fiber cancelled in a choice leaves nothing behind"
  '((() 1) timeout)
  (in-fibers
   (let* ((channel (make-channel))
          (result (cancelling
                   (lambda ()
                     (perform-operation
                      (choice-operation (get-operation channel)
                                        (wait-until-readable-operation 7)
                                        (sleep-operation 5)))))))
     (list result
           (perform-operation
            (choice-operation (wrap-operation (put-operation channel 'x)
                                              (const 'taken))
                              (after 1 'timeout)))))))

(test-equal "a fiber that has got its message keeps it; it raises when it
next waits"
  '((went-on 1) message)
  (in-fibers
   (let* ((channel (make-channel))
          (got #f)
          (log '())
          (fiber (spawn-fiber
                  (lambda ()
                    (catch 'cancelled
                      (lambda ()
                        (set! got (get-message channel))
                        (set! log 'went-on)
                        (fiber-sleep 1))
                      (lambda _
                        (set! log (list log (virtual-time)))))))))
     (fiber-sleep 1)
     (put-message channel 'message)
     (cancel-fiber! fiber (make-exception-from-throw 'cancelled '()))
     (fiber-sleep 1)
     (list log got))))

(test-equal "a fiber that never waits raises where it would have waited"
  '(() 0)
  (in-fibers
   (let ((log '()) (mailbox (make-mailbox)))
     (mailbox-put! mailbox 'there)
     (let ((fiber (spawn-fiber
                   (lambda ()
                     (catch 'cancelled
                       (lambda () (mailbox-get mailbox) (set! log 'got))
                       (lambda _ (set! log (list log (virtual-time)))))))))
       (cancel-fiber! fiber (make-exception-from-throw 'cancelled '())))
     (fiber-sleep 1)
     log)))

;;; Interruption.

(test-equal "a fiber that is interrupted can escape, past who catches all"
  '(escaped 1)
  (in-fibers
   (let* ((log '())
          (fiber (spawn-fiber
                  (lambda ()
                    (set! log
                          (let/ec escape
                            (set! log escape)
                            (catch #t
                              (lambda () (fiber-sleep 5))
                              (const 'caught))))
                    (set! log (list log (virtual-time)))))))
     (fiber-sleep 1)
     (interrupt-fiber! fiber (lambda () (log 'escaped)))
     (fiber-sleep 1)
     log)))

(test-equal "a fiber that interrupts itself goes on after the next preemption"
  '(before in after)
  (in-fibers
   (let ((log '()))
     (define (note item)
       (set! log (cons item log)))
     (spawn-fiber (lambda ()
                    (interrupt-fiber! (current-fiber)
                                      (lambda ()
                                        (fiber-sleep 1)
                                        (note 'in)))
                    (note 'before)
                    (preempt-current-fiber!)
                    (note 'after)))
     (fiber-sleep 2)
     (reverse log))))

(test-equal "what a fiber that does not wait was to do comes before its wait"
  '(1 5)
  (in-fibers
   (let ((times '()))
     (define (note)
       (set! times (cons (virtual-time) times)))
     (spawn-fiber (lambda ()
                    (interrupt-fiber! (current-fiber)
                                      (lambda ()
                                        (fiber-sleep 1)
                                        (note)))
                    (fiber-sleep 4)
                    (note)))
     (fiber-sleep 6)
     (reverse times))))

(test-equal "cancelling a fiber that is done does nothing"
  'done
  (in-fibers
   (let ((fiber (spawn-fiber (const #t))))
     (fiber-sleep 1)
     (cancel-fiber! fiber (make-exception-from-throw 'cancelled '()))
     (fiber-sleep 1)
     (fiber-state fiber))))

;;; Preemption.

(define (preempt-soon!)
  (system-async-mark preempt-current-fiber!))

(test-equal "an async can move a fiber that loops behind the others"
  '(other looped)
  (in-fibers
   (let* ((log '())
          (stop? #f))
     (spawn-fiber (lambda ()
                    (set! stop? #t)
                    (set! log (cons 'other log))))
     (preempt-soon!)
     (let loop ()
       (unless stop?
         (loop)))
     (reverse (cons 'looped log)))))

(test-equal "without-preemption puts it off to the end of the section"
  '(section other after)
  (in-fibers
   (let ((log '()))
     (define (note x) (set! log (cons x log)))
     (spawn-fiber (lambda () (note 'other)))
     (without-preemption
      (preempt-soon!)
      (let loop ((n 0))
        (when (< n 100000)
          (loop (+ n 1))))
      (note 'section))
     (note 'after)
     (reverse log))))

(test-equal "a section without preemption may wait, and ends with an exception"
  '(1 (#t #t))
  (in-fibers
   (without-preemption (fiber-sleep 1))
   (error-key (lambda () (without-preemption (fiber-sleep 0) (error "x"))))
   (let ((time (virtual-time)))
     (list time
           (list (preempt-current-fiber!) (preempt-current-fiber!))))))

(test-equal "a fiber in a frame of C code is not preempted"
  'blocked
  (in-fibers
   (let ((result #f))
     (sort '(2 1)
           (lambda (a b)
             (set! result (preempt-current-fiber!))
             (< a b)))
     result)))

(test-equal "who was preempted goes on when the others have nothing to do"
  '(busy one two busy-again)
  (in-fibers
   (let ((log '()))
     (define (note x) (set! log (cons x log)))
     (spawn-fiber (lambda ()
                    (note 'busy)
                    (preempt-current-fiber!)
                    (note 'busy-again)))
     (spawn-fiber (lambda ()
                    (note 'one)
                    (yield-fiber)
                    (note 'two)))
     (fiber-sleep 1)
     (reverse log))))

(test-equal "but not never, when they always have"
  'done
  (in-fibers
   (let ((result #f))
     (spawn-fiber (lambda ()
                    (preempt-current-fiber!)
                    (set! result 'done)))
     (let loop ((n 0))
       (cond (result)
             ((> n 1000) 'starved)
             (else
              (fiber-sleep 1/1000)
              (loop (+ n 1))))))))

(test-equal "a fiber may be shielded from preemption"
  #f
  (in-fibers
   (let ((result #t))
     (spawn-fiber (lambda ()
                    (set! result (preempt-current-fiber!)))
                  #:preemptible? #f)
     (fiber-sleep 1)
     result)))

(test-equal "asyncs may raise exceptions in user code alone"
  '(#t #f)
  (let ((outside (interruptible-fiber)))
    (in-fibers
     (list (eq? (current-fiber) (interruptible-fiber)) outside))))

(test-equal "how long a fiber has not waited"
  '(1000000000 #f)
  (in-fibers
   (let ((other (spawn-fiber (lambda () (fiber-sleep 100)))))
     (fiber-sleep 1)
     (list (fiber-busy-since (current-fiber)) (fiber-busy-since other)))))

(test-equal "a fiber does not compute while others run"
  2000000000
  (in-fibers
   (let ((fiber (spawn-fiber (lambda ()
                               (preempt-current-fiber!)
                               (take-time! 2)
                               (fiber-sleep 100)))))
     (fiber-sleep 1/2)
     (take-time! 3)
     (fiber-sleep 1)
     (fiber-computed fiber))))

(test-equal "outside of fibers nothing is preempted"
  #f
  (preempt-current-fiber!))

(test-equal "a fiber that was preempted can be cancelled"
  'cancelled
  (in-fibers
   (let ((result #f))
     (define victim
       (spawn-fiber
        (lambda ()
          (set! result
                (error-key (lambda ()
                             (preempt-current-fiber!)))))))
     (yield-fiber)
     (cancel-fiber! victim (make-exception-from-throw 'cancelled '()))
     (fiber-sleep 1)
     result)))

;;; What can be known of fibers.

(test-equal "a fiber tells its name, state, and what it waits for since when"
  '(sleeper waiting sleep 2000000000)
  (in-fibers
   (let ((fiber (spawn-fiber (lambda () (fiber-sleep 2) (fiber-sleep 9))
                             #:name 'sleeper)))
     (fiber-sleep 3)
     (list (fiber-name fiber) (fiber-state fiber)
           (fiber-waiting-on fiber) (fiber-since fiber)))))

(test-equal "a choice names all that it waits for"
  '(choice get-message (readable 7) sleep)
  (in-fibers
   (let ((fiber (spawn-fiber
                 (lambda ()
                   (perform-operation
                    (choice-operation (get-operation (make-channel))
                                      (wait-until-readable-operation 7)
                                      (sleep-operation 9)))))))
     (yield-fiber)
     (fiber-waiting-on fiber))))

(test-equal "all-fibers lists the fibers that are not done"
  '(main waiting)
  (in-fibers
   (spawn-fiber (const #t) #:name 'ended)
   (spawn-fiber (lambda () (error "x")) #:name 'died)
   (spawn-fiber (lambda () (fiber-sleep 9)) #:name 'waiting)
   (yield-fiber)
   (map fiber-name (all-fibers))))

(test-equal "all-fibers lists a thousand fibers, and forgets them"
  '(1001 1)
  (in-fibers
   (let ((condition (make-condition)))
     (for-each (lambda (n)
                 (spawn-fiber (lambda () (wait condition))))
               (iota 1000))
     (yield-fiber)
     (let ((many (length (all-fibers))))
       (signal-condition! condition)
       (yield-fiber)
       (yield-fiber)
       (list many (length (all-fibers)))))))

(test-assert "the backtrace of a fiber that waits shows where"
  (in-fibers
   (let* ((channel (make-channel))
          (sleepy (compiled '(letrec ((sleepy (lambda (channel)
                                                (+ 1 (get-message channel)))))
                               sleepy)))
          (fiber (spawn-fiber (lambda () (+ 1 (sleepy channel))))))
     (yield-fiber)
     (string-contains (fiber-backtrace fiber) "in sleepy"))))

(test-equal "a fiber that is done has an empty backtrace"
  ""
  (in-fibers
   (let ((fiber (spawn-fiber (const #t))))
     (yield-fiber)
     (fiber-backtrace fiber))))

(test-end)
