;;; fibers-compatibility-test.scm --- Modules named like those of Fibers
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

;; As in a configuration file.
(define-module (user)
  #:use-module (fibers)
  #:use-module (fibers channels)
  #:use-module (fibers conditions)
  #:use-module (fibers io-wakeup)
  #:use-module (fibers operations)
  #:use-module (fibers timers)
  #:use-module (srfi srfi-64)
  #:use-module (tests virtual-time)
  #:duplicates (replace warn-override-core warn last))

(test-begin "fibers-compatibility")

(test-equal "run-fibers calls its thunk where it is"
  '(1 2)
  (in-fibers
   (call-with-values
       (lambda ()
         (run-fibers (lambda () (values 1 2)) #:drain? #t #:hz 0))
     list)))

(test-equal "fibers spawned run, sleep and talk over channels"
  '(hello 3/2)
  (in-fibers
   (let ((channel (make-channel)))
     (spawn-fiber (lambda ()
                    (sleep 1.5)
                    (put-message channel 'hello))
                  #:parallel? #t)
     (let ((message (get-message channel)))
       (list message (virtual-time))))))

(test-equal "a choice of get-operation and sleep-operation times out"
  '(timeout 5)
  (in-fibers
   (let ((result (perform-operation
                  (choice-operation
                   (get-operation (make-channel))
                   (wrap-operation (sleep-operation 5)
                                   (lambda () 'timeout))))))
     (list result (virtual-time)))))

(test-equal "conditions signal"
  '(#t #t 2)
  (in-fibers
   (let ((condition (make-condition)))
     (spawn-fiber (lambda () (sleep 2) (signal-condition! condition)))
     (wait condition)
     (perform-operation (wait-operation condition))
     (list (condition? condition)
           (not (signal-condition! condition))
           (virtual-time)))))

(test-equal "spawn-fiber returns the fiber, and lets others go first"
  '(#f (main spawned))
  (in-fibers
   (let* ((order '())
          (note (lambda (who)
                  (set! order (cons who order))))
          (fiber (spawn-fiber (lambda () (note 'spawned)))))
     (note 'main)
     (yield-current-fiber)
     (list (unspecified? fiber) (reverse order)))))

(test-equal "channels are told from others; a put may be chosen, too"
  '(#t #f (sent received) timeout)
  (in-fibers
   (let ((channel (make-channel))
         (received #f))
     (define (put-or-not)
       (perform-operation
        (choice-operation
         (wrap-operation (put-operation channel 'received) (const 'sent))
         (wrap-operation (sleep-operation 1) (const 'timeout)))))
     (spawn-fiber (lambda () (set! received (get-message channel))))
     (let ((result (put-or-not)))
       (sleep 1)
       (list (channel? channel) (channel? 'channel)
             (list result received)
             (put-or-not))))))

(test-equal "ports are waited for, in a choice, too"
  '(readable writable nothing)
  (in-fibers
   (let ((ends (pipe)))
     (define (wait-for port operation result)
       (perform-operation
        (choice-operation
         (wrap-operation (operation port) (const result))
         (wrap-operation (sleep-operation 5) (const 'nothing)))))
     (event-at! 1 `(readable ,(fileno (car ends))))
     (event-at! 2 `(writable ,(fileno (cdr ends))))
     (let* ((read (wait-for (car ends) wait-until-port-readable-operation
                            'readable))
            (write (wait-for (cdr ends) wait-until-port-writable-operation
                             'writable))
            (none (wait-for (car ends) wait-until-port-readable-operation
                            'readable)))
       (list read write none)))))

(test-assert "timer-operation takes a time of get-internal-real-time"
  (in-fibers
   (perform-operation
    (timer-operation (+ (get-internal-real-time)
                        (* 10 internal-time-units-per-second))))
   (< 9 (virtual-time) 11)))

(test-end)
