;;; scheduler-test.scm --- Fibers, channels, operations, timers
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 match)
             (srfi srfi-1)
             (srfi srfi-64)
             (shepherd scheduler)
             (tests virtual-time))

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
  (error-message (lambda () (get-message (make-channel)))))

(test-equal "outside of a scheduler no fiber can be spawned"
  "no scheduler runs here"
  (error-message (lambda () (spawn-fiber (const #t)))))

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
  '(2 ((watch 7 readable)))
  (in-fibers
   (event-at! 2 '(readable 7))
   (perform-operation (wait-until-readable-operation 7))
   (list (virtual-time) (watch-calls))))

(test-equal "several fibers can wait for one descriptor"
  '(r1 r2 w h)
  (in-fibers
   (let ((log '()))
     (define (waiter name operation)
       (spawn-fiber (lambda ()
                      (perform-operation operation)
                      (set! log (cons name log)))))
     (event-at! 1 '(readable 7))
     (event-at! 2 '(writable 7))
     (event-at! 5/2 '(hung-up 7))
     (waiter 'h (wait-until-hung-up-operation 7))
     (waiter 'w (wait-until-writable-operation 7))
     (waiter 'r1 (wait-until-readable-operation 7))
     (waiter 'r2 (wait-until-readable-operation 7))
     (fiber-sleep 3)
     (reverse log))))

(test-equal "a descriptor is forgotten when the last fiber stops waiting"
  '((watch 7 readable) (forget 7))
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
   #:watch-fd (lambda (fd event)
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
   #:watch-fd (lambda (fd event)
                (scm-error 'system-error "%watch-fd" "~a" '("bad")
                           (list EBADF)))))

(test-equal "a regular file is always ready"
  'ready
  (run-virtually
   (lambda ()
     (perform-operation (wait-until-readable-operation 7))
     'ready)
   #:watch-fd (lambda (fd event)
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

(test-end)
