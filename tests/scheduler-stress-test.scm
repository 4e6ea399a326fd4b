;;; scheduler-stress-test.scm --- Fibers in random orders, and many of them
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later
;;;
;;; Each random run is determined by a seed, which a failure shows.

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 match)
             (ice-9 threads)
             (srfi srfi-1)
             (srfi srfi-64)
             (system base compile)
             (shepherd scheduler)
             (tests census)
             (tests choices)
             (tests virtual-time))

(define-syntax-rule (define-compiled (name . formals) body ...)
  ;; The evaluator is too slow for millions.
  (define name
    (compile '(lambda formals body ...) #:env (current-module))))

(define (empty-channel? channel)
  "Return true if nobody waits at CHANNEL, neither to put nor to get."
  (eq? 'nobody
       (perform-operation
        (choice-operation
         (wrap-operation (put-operation channel 'probe) (const 'getter))
         (wrap-operation (get-operation channel) (const 'putter))
         (after 1 'nobody)))))

(define make-exception-from-throw
  (@@ (guile) make-exception-from-throw))

(test-begin "scheduler-stress")

;;; Random traffic: producers put numbered messages on random channels, by
;;; themselves or in choices with timeouts; consumers get from random
;;; choices.  Each message arrives exactly once, whatever the order.

(define %channels 5)
(define %producers 6)
(define %messages 40)                   ;of each producer

(define (random-subset channels random*)
  "Return one to three of CHANNELS, in a list, perhaps repeated."
  (map (lambda (_) (vector-ref channels (random* %channels)))
       (iota (+ 1 (random* 3)))))

(define (produce name channels random*)
  "Put the messages of producer NAME, each until it is taken."
  (for-each
   (lambda (n)
     (let retry ()
       (let ((puts (map (lambda (channel)
                          (wrap-operation (put-operation channel
                                                         (cons name n))
                                          (const 'put)))
                        (random-subset channels random*))))
         (match (random* 4)
           (0 (yield-fiber))
           (1 (fiber-sleep (/ (random* 5) 10)))
           (_ #t))
         (match (perform-operation
                 (apply choice-operation
                        (after (/ (random* 20) 10) 'timeout)
                        puts))
           ('put #t)
           ('timeout (retry))))))
   (iota %messages)))

(define (consume channels done random* note!)
  "Get messages until the condition DONE is signalled."
  (let loop ()
    (match (perform-operation
            (apply choice-operation
                   (wrap-operation (wait-operation done) (const 'done))
                   (after (/ (random* 10) 10) 'timeout)
                   (map get-operation (random-subset channels random*))))
      ('done #t)
      ('timeout (loop))
      (message
       (note! message)
       (when (zero? (random* 5))
         (fiber-sleep (/ (random* 3) 10)))
       (loop)))))

(define (random-traffic seed)
  "Return the messages that arrived, in that order, and whether all channels
were empty in the end."
  (let* ((state (seed->random-state seed))
         (random* (lambda (n) (random n state))))
    (run-virtually
     (lambda ()
       (let ((channels (list->vector (map (lambda (_) (make-channel))
                                          (iota %channels))))
             (done (make-condition))
             (finished (make-mailbox))
             (log '()))
         (for-each (lambda (name)
                     (spawn-fiber
                      (lambda ()
                        (produce name channels random*)
                        (mailbox-put! finished name))))
                   (iota %producers))
         (for-each (lambda (_)
                     (spawn-fiber
                      (lambda ()
                        (consume channels done random*
                                 (lambda (message)
                                   (set! log (cons message log)))))))
                   (iota 4))
         (for-each (lambda (_) (mailbox-get finished)) (iota %producers))
         (signal-condition! done)
         (fiber-sleep 10)
         (list (reverse log)
               (every empty-channel? (vector->list channels))
               (length (all-fibers)))))
     #:seed seed
     #:pick random*)))

(define (complete? log)
  "Did each message of each producer arrive once?  Not necessarily in order:
which of two consumers notes its message first is a matter of luck."
  (every (lambda (name)
           (equal? (sort (filter-map (match-lambda
                                       ((from . n) (and (= from name) n)))
                                     log)
                         <)
                   (iota %messages)))
         (iota %producers)))

(test-equal "no message is lost, repeated or left behind, for any seed"
  '()
  (filter-map (lambda (seed)
                (match (random-traffic seed)
                  (((? complete?) #t 1) #f)
                  (_ seed)))
              (iota 40)))

(test-equal "a seed determines the run"
  (random-traffic 7)
  (random-traffic 7))

(test-assert "another seed makes another run"
  (not (equal? (random-traffic 7) (random-traffic 8))))

;;; Cancelling at random moments.

(define (random-cancellations seed)
  "Return the number of fibers that were cancelled, that ended in order, and
whether their channels were empty afterwards."
  (let* ((state (seed->random-state seed))
         (random* (lambda (n) (random n state)))
         (cancelled (make-exception-from-throw 'cancelled '())))
    (run-virtually
     (lambda ()
       (let* ((channels (list->vector (map (lambda (_) (make-channel))
                                           (iota %channels))))
              (ended 0)
              (broken 0)
              (work (lambda ()
                      (catch 'cancelled
                        (lambda ()
                          (for-each
                           (lambda (_)
                             (fiber-sleep (/ (random* 10) 10))
                             (perform-operation
                              (apply choice-operation
                                     (sleep-operation (random* 3))
                                     (wait-until-readable-operation 9)
                                     (append-map
                                      (lambda (channel)
                                        (list (get-operation channel)
                                              (put-operation channel 'x)))
                                      (random-subset channels random*)))))
                           (iota 10))
                          (set! ended (+ ended 1)))
                        (lambda _
                          (set! broken (+ broken 1))))))
              (fibers (map (lambda (_) (spawn-fiber work)) (iota 40))))
         (for-each (lambda (fiber)
                     (fiber-sleep (/ (random* 10) 60))
                     (when (zero? (random* 2))
                       (cancel-fiber! fiber cancelled)))
                   fibers)
         (fiber-sleep 1000)
         (list (+ ended broken)
               (> ended 5)
               (> broken 5)
               (every empty-channel? (vector->list channels))
               (failures)
               ;; No timer is left either: the next deadline is ours.
               (perform-operation (after 1 'quiet))
               (last (watch-calls)))))
     #:seed seed
     #:pick random*)))

(test-equal "fibers cancelled at any moment leave nothing behind"
  '()
  (filter-map (lambda (seed)
                (match (random-cancellations seed)
                  ((40 #t #t #t () 'quiet ('forget 9)) #f)
                  (result (list seed result))))
              (iota 30)))

;;; Preemption at random moments.

(define-compiled (count-messages turns mailbox mark!)
  ;; MARK! may call for an async; it comes at the next instruction that looks.
  (let ((channel (make-channel)))
    (define (work)
      (let loop ((n 0))
        (when (< n turns)
          (when (zero? (logand n 3))
            (mark!))
          (put-message channel n)
          (loop (+ n 1))))
      (mailbox-put! mailbox 'put))
    (define (sum)
      (let loop ((n 0) (total 0))
        (if (= n (* 3 turns))
            (mailbox-put! mailbox total)
            (begin
              (mark!)
              (loop (+ n 1)
                    (+ total (perform-operation
                              (choice-operation
                               (get-operation channel)
                               (wrap-operation (sleep-operation 1000)
                                               (lambda () 0))))))))))
    (spawn-fiber work)
    (spawn-fiber work)
    (spawn-fiber work)
    (spawn-fiber sum)
    (list (mailbox-get mailbox) (mailbox-get mailbox)
          (mailbox-get mailbox) (mailbox-get mailbox))))

(define (counted-right? turns result)
  (and (pair? result)
       (lset= equal? result
              (list 'put (* 3 (/ (* turns (- turns 1)) 2))))
       (null? (failures))))

(test-assert "preemption at every step loses nothing"
  (let ((result (in-fibers
                 (count-messages 20000 (make-mailbox)
                                 (lambda ()
                                   (system-async-mark
                                    preempt-current-fiber!))))))
    (counted-right? 20000 result)))

(define-compiled (preempt-until stop? thread)
  (let loop ()
    (unless (stop?)
      (system-async-mark preempt-current-fiber! thread)
      (let idle ((n 0))
        (when (< n 2000)
          (idle (+ n 1))))
      (loop))))

(test-assert "nor does preemption by another thread, at any instruction"
  (let* ((main (current-thread))
         (done? #f)
         (thread (call-with-new-thread
                  (lambda ()
                    (preempt-until (lambda () done?) main))))
         (result (in-fibers
                  (count-messages 100000 (make-mailbox) (const #f)))))
    (set! done? #t)
    (join-thread thread)
    (counted-right? 100000 result)))

;;; Many of everything.

(define (left-behind thunk)
  "Return how much more of the heap is in use after THUNK, and how many more
things are waited for, and timers set."
  (let* ((before (list (live-heap) (waiter-count) (timer-count))))
    (thunk)
    (map - (list (live-heap) (waiter-count) (timer-count)) before)))

(define (nearly-nothing? left)
  "Is LEFT by half a million choices nothing, or less than a word by each?"
  (match left
    ((bytes 0 0) (< bytes 4000000))
    (_ #f)))

(test-assert "half a million choices that a message wins leave nothing"
  (nearly-nothing? (in-fibers
                    (choose-often 10000)
                    (left-behind (lambda () (choose-often 500000))))))

(test-assert "nor do those that the timeout wins"
  (nearly-nothing? (in-fibers
                    (time-out-often 10000 1)
                    (left-behind (lambda () (time-out-often 500000 1))))))

(test-equal "100,000 fibers sleep and wake"
  100000
  (in-fibers
   (let ((awake 0))
     (for-each (lambda (n)
                 (spawn-fiber (lambda ()
                                (fiber-sleep (modulo (* n 7919) 1000))
                                (set! awake (+ awake 1)))))
               (iota 100000))
     (fiber-sleep 1000)
     awake)))

(test-assert "a fiber that waits costs less than a kilobyte"
  (in-fibers
   (let* ((count 20000)
          (before (live-heap))
          (channels (map (lambda (_)
                           (let ((channel (make-channel)))
                             (spawn-fiber (lambda () (get-message channel)))
                             channel))
                         (iota count))))
     (yield-fiber)
     (fiber-sleep 1)
     (let ((size (/ (- (live-heap) before) count)))
       (for-each (lambda (channel) (put-message channel 'go)) channels)
       (< size 1024)))))

(test-assert "fibers that nothing can wake are reclaimed"
  (in-fibers
   (for-each (lambda (_)
               (spawn-fiber (lambda () (get-message (make-channel)))))
             (iota 1000))
   (fiber-sleep 1)
   (gc)
   (gc)
   (< (length (all-fibers)) 500)))

(test-end)
