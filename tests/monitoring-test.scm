;;; monitoring-test.scm -- telling what the daemon uses, over a fake core.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 match)
             (srfi srfi-1)
             (srfi srfi-64)
             (shepherd comm)
             (shepherd scheduler)
             (shepherd service)
             (shepherd service monitoring)
             ((shepherd successor) #:select (datum->value value->datum))
             (tests fake-host))

(define mebibytes (@@ (shepherd service monitoring) mebibytes))

;; What methods print, as in the daemon.
(define log (open-output-string))
(log-output-port log)
(%current-service-output-port (make-shepherd-output-port (%make-void-port "w")))

(define (report? line)
  (string-prefix? "service names: " line))

(define logged-before 0)

(define (reports-so-far)
  (count report? (string-split (get-output-string log) #\newline)))

(define (reports)
  "How many there were since `start!'."
  (- (reports-so-far) logged-before))

(define* (start! #:rest options)
  (set! logged-before (reports-so-far))
  (let ((service (apply monitoring-service options)))
    (register-services (list service))
    (start-service service)
    service))

(define (ask . arguments)
  (apply perform-service-action (lookup-service 'monitoring) arguments))

(test-begin "monitoring")

(test-equal "sizes have two decimals"
  '("0.00" "1.00" "1.05" "8.77" "1024.00" "1.00")
  (map mebibytes (list 0 1048576 1101005 9196011 1073741824 1048575)))

(test-equal "there is a report at start, each period, and at stop"
  '(1 1 2 11 12 #f)
  (value-of
   (let* ((service (start! #:period 60))
          (at-start (reports))
          (after (lambda (seconds)
                   (fiber-sleep seconds)
                   (reports)))
          (numbers (map after '(59 2 540))))
     (stop-service service)
     (list at-start (first numbers) (second numbers) (third numbers)
           (reports)
           ;; And none later.
           (begin
             (fiber-sleep 1000)
             (> (reports) 12))))))

(define (complete? report)
  (match (string-split report #\space)
    (("service" "names:" "1;" "heap:" size "MiB;" "file" "descriptors:" n)
     (and (string-suffix? "." (string-trim-right size char-set:digit))
          (> (string->number n) 2)))))

(test-equal "what it says"
  '(#t #t "Terminating shepherd monitoring.")
  (match (outcome
          (stop-service (start!)))
    ((_ (first _ second third))
     (list (complete? first) (complete? second) third))))

(test-equal "descriptors are counted, but for the one to look at them"
  1
  (let ((count (@@ (shepherd service monitoring) descriptor-count)))
    (let* ((before (count))
           (port (open-input-file "/dev/null"))
           (after (count)))
      (close-port port)
      (- after before))))

;; When it is of most use.
(test-equal "without a descriptor left to look at them, it says so"
  "unknown (Too many open files)"
  (call-with-values (lambda () (getrlimit 'nofile))
    (lambda (soft hard)
      (dynamic-wind
        (lambda () (setrlimit 'nofile 3 hard))
        (@@ (shepherd service monitoring) descriptor-count)
        (lambda () (setrlimit 'nofile soft hard))))))

(test-equal "herd log tells the client, also when it is stopped"
  '(#t #t)
  (list (match (outcome (start!) (ask 'log))
          ((#t messages) (= 2 (count report? messages))))
        (match (outcome
                (register-services (list (monitoring-service)))
                (ask 'log))
          ((#t ((? report?))) #t)
          (other other))))

(test-equal "a new period counts from now"
  '(#t 1 2 (monitor (version 0) (period 10)))
  (value-of
   (start! #:period 60)
   (fiber-sleep 55)
   (let ((changed? (ask 'period "10")))
     (fiber-sleep 9)
     (let ((before (reports)))
       (fiber-sleep 2)
       (list changed? before (reports)
             (match (assq-ref (cdr (first (published 'monitoring))) 'running)
               ((value) value)))))))

(test-equal "the period is said, and it is seconds"
  "Monitoring logging period changed to 90 seconds."
  (match (outcome (start!) (ask 'period "90"))
    ((#t messages) (last messages))))

;; Weak spot: 0 and fractions were a match-error.
(for-each
 (lambda (text)
   (test-equal (string-append "no period: " (object->string text))
     (list #f (string-append
               text ": invalid number; expected a positive integer"))
     (match (outcome (start!) (ask 'period text))
       ((value messages) (list value (last messages))))))
 '("0" "1.5" "-1" "" "x" "1e3" "1/2" "#x10" "٣"))

(test-equal "no number at all, or two"
  '((#f "period: expected one number of seconds")
    (#f "period: expected one number of seconds"))
  (map (lambda (arguments)
         (match (outcome (start!) (apply ask 'period arguments))
           ((value messages) (list value (last messages)))))
       '(() ("1" "2"))))

(test-equal "there is no period while it is stopped"
  '(#f ("Service monitoring is not running."))
  (outcome
   (register-services (list (monitoring-service)))
   (ask 'period "10")))

(for-each
 (lambda (period)
   (test-equal (string-append "no period: " (object->string period))
     'wrong-type-arg
     (catch #t
       (lambda ()
         (monitoring-service #:period period))
       (lambda (key . _) key))))
 (list 0 -1 "60" +inf.0 #f))

(test-equal "the default is 20 minutes, as of when the service is made"
  '(1200 (7 1))
  (list (default-monitoring-period)
        (value-of
         (parameterize ((default-monitoring-period 7))
           (start!))
         (fiber-sleep 6)
         (let ((before (reports)))
           (fiber-sleep 2)
           (list (match (value->datum (service-running-value
                                       (lookup-service 'monitoring)))
                   (('kind _ period) period))
                 (- (reports) before))))))

(test-equal "a successor goes on with the same period"
  '(30 1)
  (value-of
   (let ((service (start! #:period 1000)))
     (ask 'period "30")
     (let* ((datum (value->datum (service-running-value service)))
            (again (datum->value datum service))
            (before (reports)))
       (fiber-sleep 59)
       ;; The one before goes on in this test, but not in another process.
       (list (match (value->datum again)
               (('kind _ period) period))
             (- (reports) before 1))))))

(test-end "monitoring")
