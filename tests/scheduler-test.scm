;;; scheduler-test.scm --- Fibers, channels, operations, timers
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(use-modules (ice-9 exceptions)
             (ice-9 match)
             (srfi srfi-1)
             (srfi srfi-64)
             (system base compile)
             (shepherd scheduler)
             (tests virtual-time))

(define (after seconds value)
  "Return the operation that has VALUE in SECONDS."
  (wrap-operation (sleep-operation seconds) (const value)))

(define (message-of thunk)
  "Return the message of the error that THUNK raises, formatted."
  (catch 'misc-error thunk
    (lambda (key who message arguments . _)
      (apply simple-format #f message arguments))))

;; Evaluated procedures don't show in a stack, compiled ones do.
(define (compiled expression)
  (compile expression #:env (current-module)))

(test-begin "scheduler")

;;; Running and stopping.

(test-equal "run-scheduler returns the values given to stop-scheduler!"
  '(1 2)
  (call-with-values
      (lambda ()
        (in-fibers (values 1 2)))
    list))

(test-equal "stop-scheduler! does not return to its fiber"
  'stopped
  (in-fibers
   (stop-scheduler! 'stopped)
   'went-on))

(test-equal "stop-scheduler! leaves dynamic extents"
  '(out)
  (let ((log '()))
    (in-fibers
     (dynamic-wind
       (const #t)
       (lambda () (stop-scheduler!))
       (lambda () (set! log (cons 'out log)))))
    log))

(test-equal "fibers run in the order in which they were spawned"
  '(a b c)
  (in-fibers
   (let ((log '()))
     (for-each (lambda (name)
                 (spawn-fiber (lambda () (set! log (cons name log)))))
               '(a b c))
     (yield-fiber)
     (reverse log))))

(test-equal "a fiber that yields lets all others run first"
  '(b c a)
  (in-fibers
   (let ((log '()))
     (define (note name) (set! log (cons name log)))
     (spawn-fiber (lambda () (yield-fiber) (note 'a)))
     (spawn-fiber (lambda () (note 'b)))
     (spawn-fiber (lambda () (note 'c)))
     (fiber-sleep 1)
     (reverse log))))

(test-equal "#:pick chooses the fiber that runs next"
  '(c b a)
  (run-virtually
   (lambda ()
     (let ((log '()))
       (for-each (lambda (name)
                   (spawn-fiber (lambda () (set! log (cons name log)))))
                 '(a b c))
       (fiber-sleep 1)
       (reverse log)))
   #:pick (lambda (n) (- n 1))))

(test-assert "outside of fibers there is no current fiber"
  (not (current-fiber)))

(test-equal "outside of a scheduler nothing can wait, and the error says so"
  "cannot wait (get-message) outside of a fiber"
  (message-of (lambda () (get-message (make-channel)))))

(test-equal "outside of a scheduler no fiber can be spawned"
  "no scheduler runs here"
  (message-of (lambda () (spawn-fiber (const #t)))))

(test-equal "what nobody can ever wake is a deadlock, not a busy loop"
  'deadlock
  (in-fibers (get-message (make-channel))))

;;; Time.

(test-equal "a fiber sleeps for as long as it asked"
  '(0 5/2 3)
  (in-fibers
   (let* ((start (virtual-time))
          (middle (begin (fiber-sleep 2.5) (virtual-time))))
     (fiber-sleep 1/2)
     (list start middle (virtual-time)))))

(test-equal "sleepers wake in the order of their deadlines"
  '(1 2 3 4 5)
  (in-fibers
   (let ((log '()))
     (for-each (lambda (n)
                 (spawn-fiber (lambda ()
                                (fiber-sleep n)
                                (set! log (cons n log)))))
               '(4 2 5 1 3))
     (fiber-sleep 6)
     (reverse log))))

(test-equal "sleepers with one deadline wake in the order in which they slept"
  (iota 100)
  (in-fibers
   (let ((log '()))
     (for-each (lambda (n)
                 (spawn-fiber (lambda ()
                                (fiber-sleep 1)
                                (set! log (cons n log)))))
               (iota 100))
     (fiber-sleep 2)
     (reverse log))))

(test-equal "a sleep of 0 lets the others run"
  '(other)
  (in-fibers
   (let ((log '()))
     (spawn-fiber (lambda () (set! log (cons 'other log))))
     (fiber-sleep 0)
     log)))

(test-equal "timer-operation waits until a time of the clock"
  3
  (in-fibers
   (fiber-sleep 1)
   (perform-operation (timer-operation 3000000000))
   (virtual-time)))

(test-equal "a timer whose time is over does not wait"
  2
  (in-fibers
   (fiber-sleep 2)
   (perform-operation (timer-operation 1000000000))
   (virtual-time)))

(test-equal "a sleep of infinite length never ends"
  'deadlock
  (match (run-virtually
          (lambda ()
            (perform-operation (choice-operation (sleep-operation +inf.0)
                                                 (after 10000000 'years)))))
    ('years 'deadlock)
    (other other)))

(define (error-key thunk)
  (catch #t
    (lambda () (thunk) 'none)
    (lambda (key . _) key)))

(test-equal "durations that make no sense are errors"
  '(wrong-type-arg wrong-type-arg wrong-type-arg wrong-type-arg)
  (in-fibers
   (map (lambda (duration)
          (error-key (lambda () (fiber-sleep duration))))
        '(-1 +nan.0 "1" 1+i))))

;;; Channels.

(test-equal "a message passes from the fiber that puts to the one that gets"
  'hello
  (in-fibers
   (let ((channel (make-channel)))
     (spawn-fiber (lambda () (put-message channel 'hello)))
     (get-message channel))))

(test-equal "put-message waits until the message is taken"
  5
  (in-fibers
   (let ((channel (make-channel)))
     (spawn-fiber (lambda () (fiber-sleep 5) (get-message channel)))
     (put-message channel 'x)
     (virtual-time))))

(test-equal "messages to waiting getters go to the one that waits longest"
  '((a . 1) (b . 2) (c . 3))
  (in-fibers
   (let ((channel (make-channel)) (log '()))
     (for-each (lambda (name)
                 (spawn-fiber
                  (lambda ()
                    (set! log (acons name (get-message channel) log)))))
               '(a b c))
     (yield-fiber)
     (for-each (lambda (n) (put-message channel n)) '(1 2 3))
     (yield-fiber)
     (reverse log))))

(test-equal "#f passes through a channel like any message"
  '(#f #f)
  (in-fibers
   (let ((channel (make-channel)))
     (spawn-fiber (lambda ()
                    (put-message channel #f)
                    (put-message channel #f)))
     (let* ((first (get-message channel))
            (second (perform-operation
                     (choice-operation (get-operation channel)
                                       (after 1 'timeout)))))
       (list first second)))))

(test-equal "what is not a channel is refused by name"
  'wrong-type-arg
  (in-fibers (error-key (lambda () (get-message 'x)))))

;;; Mailboxes.

(test-equal "a mailbox keeps messages in their order"
  (iota 1000)
  (in-fibers
   (let ((mailbox (make-mailbox)))
     (for-each (lambda (n) (mailbox-put! mailbox n)) (iota 1000))
     (map-in-order (lambda (_) (mailbox-get mailbox)) (iota 1000)))))

(test-equal "mailbox-get waits for a message"
  '(late 2)
  (in-fibers
   (let ((mailbox (make-mailbox)))
     (spawn-fiber (lambda () (fiber-sleep 2) (mailbox-put! mailbox 'late)))
     (let ((message (mailbox-get mailbox)))
       (list message (virtual-time))))))

(test-equal "dispatch, outside of fibers, can put into a mailbox"
  '((command 7) 3)
  (let ((mailbox (make-mailbox)))
    (run-virtually
     (lambda ()
       (event-at! 3 '(command 7))
       (let ((message (mailbox-get mailbox)))
         (list message (virtual-time))))
     #:dispatch (lambda (event) (mailbox-put! mailbox event)))))

(test-equal "what was put before the scheduler ran is there"
  'early
  (let ((mailbox (make-mailbox)))
    (mailbox-put! mailbox 'early)
    (in-fibers (mailbox-get mailbox))))

;;; Conditions.

(test-equal "a condition lets everyone go on, and those who come later too"
  '(a b late)
  (in-fibers
   (let ((condition (make-condition)) (log '()))
     (define (note name) (set! log (cons name log)))
     (spawn-fiber (lambda () (wait condition) (note 'a)))
     (spawn-fiber (lambda () (wait condition) (note 'b)))
     (fiber-sleep 1)
     (signal-condition! condition)
     (fiber-sleep 1)
     (wait condition)
     (note 'late)
     (reverse log))))

(test-equal "signal-condition! tells whether it was the first"
  '(#f #t #f #t)
  (let* ((condition (make-condition))
         (before (condition-signalled? condition))
         (first (signal-condition! condition))
         (second (signal-condition! condition)))
    (list before first second (condition-signalled? condition))))

;;; Operations.

(test-equal "a choice performs what is possible first"
  '(b 1)
  (in-fibers
   (let ((result (perform-operation
                  (choice-operation (after 2 'a) (after 1 'b) (after 3 'c)))))
     (list result (virtual-time)))))

(test-equal "a choice that times out has left the channel"
  '(timeout not-taken)
  (in-fibers
   (let* ((channel (make-channel))
          (first (perform-operation
                  (choice-operation (get-operation channel)
                                    (after 1 'timeout))))
          (second (perform-operation
                   (choice-operation
                    (wrap-operation (put-operation channel 'x)
                                    (const 'taken))
                    (after 1 'not-taken)))))
     (list first second))))

(test-equal "a fiber does not meet itself in a choice of put and get"
  'timeout
  (in-fibers
   (let ((channel (make-channel)))
     (perform-operation
      (choice-operation (put-operation channel 'x)
                        (get-operation channel)
                        (after 1 'timeout))))))

(test-equal "two fibers that both offer put and get meet once"
  '((a . got) (b . put))
  (in-fibers
   (let ((channel (make-channel)) (log '()))
     (define (offer name)
       (lambda ()
         (set! log
               (acons name
                      (perform-operation
                       (choice-operation
                        (wrap-operation (put-operation channel 'x)
                                        (const 'put))
                        (wrap-operation (get-operation channel)
                                        (const 'got))))
                      log))))
     (spawn-fiber (offer 'a))
     (spawn-fiber (offer 'b))
     (fiber-sleep 1)
     ;; Which of them puts is a matter of the seed.
     (match (if (eq? 'a (caar log)) log (reverse log))
       ((('a . 'put) ('b . 'got)) '((a . got) (b . put)))
       (other other)))))

(test-equal "among several possible operations each is chosen at times"
  '(#t #t #t)
  (in-fibers
   (let ((boxes (list (make-mailbox) (make-mailbox) (make-mailbox))))
     (for-each (lambda (box)
                 (for-each (lambda (n) (mailbox-put! box box))
                           (iota 100)))
               boxes)
     (let* ((any (apply choice-operation (map mailbox-get-operation boxes)))
            (got (map (lambda (_) (perform-operation any)) (iota 100))))
       (map (lambda (box)
              (< 10 (count (lambda (other) (eq? box other)) got) 60))
            boxes)))))

(test-equal "a choice of choices is a choice among all"
  '(b b)
  (in-fibers
   (let ((choice (wrap-operation
                  (choice-operation
                   (choice-operation (after 3 'a) (after 1 'b))
                   (choice-operation)
                   (after 2 'c))
                  (lambda (x) (list x x)))))
     (perform-operation choice))))

(test-equal "wraps apply from the inside out, with any number of values"
  '(3 4)
  (in-fibers
   (call-with-values
       (lambda ()
         (perform-operation
          (wrap-operation
           (wrap-operation (sleep-operation 1) (lambda () (values 1 2)))
           (lambda (a b) (values (+ a 2) (+ b 2))))))
     list)))

(test-equal "what wraps an operation may wait itself"
  '(x 3)
  (in-fibers
   (let ((result (perform-operation
                  (wrap-operation (after 1 'x)
                                  (lambda (x) (fiber-sleep 2) x)))))
     (list result (virtual-time)))))

(test-equal "an operation can be performed again and again"
  '(1 2 3)
  (in-fibers
   (let* ((mailbox (make-mailbox))
          (next (wrap-operation (mailbox-get-operation mailbox) 1+)))
     (for-each (lambda (n) (mailbox-put! mailbox n)) '(0 1 2))
     (map-in-order (lambda (_) (perform-operation next)) '(1 2 3)))))

(test-equal "a choice of nothing waits for ever"
  'deadlock
  (in-fibers (perform-operation (choice-operation))))

(test-equal "a choice with a sleep of 0 polls the others first"
  '(message empty)
  (in-fibers
   (let* ((mailbox (make-mailbox))
          (poll (choice-operation (mailbox-get-operation mailbox)
                                  (after 0 'empty))))
     (mailbox-put! mailbox 'message)
     (let ((first (perform-operation poll)))
       (list first (perform-operation poll))))))

(test-equal "a timeout that is over is not starved by a busy mailbox"
  'timeout
  (in-fibers
   (let* ((mailbox (make-mailbox))
          (next (choice-operation (mailbox-get-operation mailbox)
                                  (wrap-operation (timer-operation 0)
                                                  (const 'timeout)))))
     (let loop ((n 0))
       (mailbox-put! mailbox 'again)
       (match (perform-operation next)
         ('again (if (< n 1000) (loop (+ n 1)) 'starved))
         (result result))))))

;;; Descriptors.

(test-equal "a fiber waits until a descriptor is readable"
  '(2 ((watch 7 #f)))
  (in-fibers
   (event-at! 2 '(readable 7))
   (perform-operation (wait-until-readable-operation 7))
   (list (virtual-time) (watch-calls))))

(test-equal "several fibers can wait for one descriptor"
  '(r1 r2 w)
  (in-fibers
   (let ((log '()))
     (define (waiter name operation)
       (spawn-fiber (lambda ()
                      (perform-operation operation)
                      (set! log (cons name log)))))
     (event-at! 1 '(readable 7))
     (event-at! 2 '(writable 7))
     (waiter 'w (wait-until-writable-operation 7))
     (waiter 'r1 (wait-until-readable-operation 7))
     (waiter 'r2 (wait-until-readable-operation 7))
     (fiber-sleep 3)
     (reverse log))))

(test-equal "a descriptor is forgotten when the last fiber stops waiting"
  '((watch 7 #f) (forget 7))
  (in-fibers
   (perform-operation (choice-operation (wait-until-readable-operation 7)
                                        (sleep-operation 1)))
   (watch-calls)))

(test-equal "an event for a descriptor that nobody waits for is ignored"
  1
  (in-fibers
   (event-at! 1/2 '(readable 7))
   (fiber-sleep 1)
   (virtual-time)))

(test-equal "a descriptor that cannot be watched is an error for its waiter"
  '(system-error 0)
  (run-virtually
   (lambda ()
     (let ((key (error-key
                 (lambda ()
                   (perform-operation (wait-until-readable-operation 7))))))
       (list key (virtual-time))))
   #:watch-fd (lambda (fd write?)
                (scm-error 'system-error "%watch-fd" "~a" '("bad")
                           (list EBADF)))))

(test-equal "a choice with a descriptor that cannot be watched is an error"
  '(system-error timeout)
  (run-virtually
   (lambda ()
     (let* ((channel (make-channel))
            (key (error-key
                  (lambda ()
                    (perform-operation
                     (choice-operation (get-operation channel)
                                       (wait-until-readable-operation 7)
                                       (sleep-operation 1)))))))
       (list key
             (perform-operation
              (choice-operation (wrap-operation (put-operation channel 'x)
                                                (const 'taken))
                                (after 1 'timeout))))))
   #:watch-fd (lambda (fd write?)
                (scm-error 'system-error "%watch-fd" "~a" '("bad")
                           (list EBADF)))))

(test-equal "a regular file is always ready"
  'ready
  (run-virtually
   (lambda ()
     (perform-operation (wait-until-readable-operation 7))
     'ready)
   #:watch-fd (lambda (fd write?)
                (scm-error 'system-error "%watch-fd" "~a" '("no poll")
                           (list EPERM)))))

;;; Events and fairness.

(test-equal "a fiber that yields for ever does not keep events waiting"
  '(event)
  (let ((mailbox (make-mailbox)))
    (run-virtually
     (lambda ()
       (spawn-fiber (lambda ()
                      (let loop ()
                        (yield-fiber)
                        (loop))))
       (event-at! 0 '(event))
       (mailbox-get mailbox))
     #:dispatch (lambda (event) (mailbox-put! mailbox event)))))

(test-equal "with something runnable the scheduler only looks for events"
  '(0 -1)
  (let ((waits '()))
    (run-scheduler
     (lambda ()
       (let loop ((n 0))
         (when (< n 300)
           (yield-fiber)
           (loop (+ n 1))))
       (get-message (make-channel)))
     #:now (const 0)
     #:wait (lambda (ns)
              (set! waits (cons ns waits))
              (when (< ns 0)
                (stop-scheduler!))
              '()))
    (delete-duplicates (reverse waits))))

(test-equal "a long turn is cut short to look for events"
  #t
  (let ((time 0) (looks 0))
    (run-scheduler
     (lambda ()
       (let loop ((n 0))
         (when (< n 100)
           (set! time (+ time 1000000))  ;a millisecond's work
           (yield-fiber)
           (loop (+ n 1))))
       (stop-scheduler!))
     #:now (lambda () time)
     #:wait (lambda (ns) (set! looks (+ looks 1)) '()))
    (<= 20 looks 100)))

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
    (message-of (lambda ()
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

(define make-exception-from-throw
  (@@ (guile) make-exception-from-throw))

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
