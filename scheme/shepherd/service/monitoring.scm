;;; (shepherd service monitoring) -- a service that logs what the daemon uses.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(define-module (shepherd service monitoring)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (shepherd comm)
  #:use-module (shepherd file-contents)
  #:use-module (shepherd publication)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd service)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (default-monitoring-period
            monitoring-service))

(define default-monitoring-period
  ;; Seconds.
  (make-parameter 1200))

(define-record-type <monitor>
  (make-monitor period mailbox)
  monitor?
  (period  monitor-period set-monitor-period!) ;seconds
  (mailbox monitor-mailbox))            ;`period', when that has changed, or `stop'

(set-record-type-printer!
 <monitor>
 (lambda (monitor port)
   (simple-format port "#<monitor ~a>" (monitor-period monitor))))

(define-record-type-serializer (monitor->sexp (monitor <monitor>))
  `(monitor (version 0) (period ,(monitor-period monitor))))


;;;
;;; What there is to tell.
;;;

(define (mebibytes bytes)
  "Return @var{bytes} in MiB, as a string with two decimals."
  (let* ((hundredths (round (/ (* 100 bytes) 1048576)))
         (decimals (number->string (remainder hundredths 100))))
    (string-append (number->string (quotient hundredths 100)) "."
                   (string-pad decimals 2 #\0))))

(define (descriptor-count)
  "Return how many descriptors the daemon has open, but for the one that it takes
to look, or why that is not known."
  (catch 'system-error
    (lambda ()
      ;; "." and ".." are there, too.
      (- (length (directory-entries "/proc/self/fd")) 3))
    (lambda error
      (format-message (l10n "unknown (~a)")
                      (strerror (system-error-errno error))))))

(define (report)
  (local-output (l10n "service names: ~a; heap: ~a MiB; file descriptors: ~a")
                (service-name-count)
                (mebibytes (assq-ref (gc-stats) 'heap-size))
                (descriptor-count)))


;;;
;;; The service.
;;;

(define (run monitor)
  (let loop ()
    (match (perform-operation
            (choice-operation
             (mailbox-get-operation (monitor-mailbox monitor))
             (wrap-operation (sleep-operation (monitor-period monitor))
                             (const 'due))))
      ('due
       (report)
       (loop))
      ('period
       (loop))
      ('stop
       #f))))

(define (start-monitor period service)
  (let ((monitor (make-monitor period (make-mailbox))))
    (parameterize ((%current-client-socket #f))
      (spawn-fiber (lambda ()
                     (run monitor))
                   #:name (symbol->string (service-canonical-name service))))
    monitor))

(define (stop-monitor monitor)
  (report)
  (local-output (l10n "Terminating shepherd monitoring."))
  (mailbox-put! (monitor-mailbox monitor) 'stop)
  #f)

(define (change-period monitor text)
  "Have @var{monitor} report each @var{text} seconds; return true if that is a
number."
  (let ((period (and (string-every char-set:digit text)
                     (string->number text))))
    (cond ((and period (positive? period))
           (set-monitor-period! monitor period)
           (publish-service! (current-service))
           (mailbox-put! (monitor-mailbox monitor) 'period)
           (local-output (l10n "Monitoring logging period changed to ~a \
seconds.")
                         period)
           #t)
          (else
           (local-output (l10n "~a: invalid number; expected a positive \
integer")
                         text)
           #f))))

(define log-action
  (action 'log
          (lambda _
            (report)
            #t)
          (l10n "Tell what the daemon uses now.")))

(define period-action
  (action 'period
          (lambda (monitor . arguments)
            (match (cons monitor arguments)
              ((#f . _)
               (local-output (l10n "Service ~a is not running.")
                             (service-canonical-name (current-service)))
               #f)
              ((monitor (? string? text))
               (change-period monitor text))
              (_
               (local-output (l10n "period: expected one number of seconds"))
               #f)))
          (l10n "Set the number of seconds from one message to the next, for \
example: herd period monitoring 60")))

(define (positive-number? object)
  (and (real? object) (positive? object) (finite? object)))

(define* (monitoring-service #:key (period (default-monitoring-period)))
  "Return a service that logs, each @var{period} seconds, how many names of
services are registered, how large the heap is, and how many descriptors are
open."
  (check-argument-types (positive-number? period))
  (service '(monitoring)
           #:documentation (l10n "Log what the daemon uses.")
           #:start (lambda _
                     (report)
                     (start-monitor period (current-service)))
           #:stop stop-monitor
           #:actions (list log-action period-action)))

(declare-saved-value! 'monitor monitor? monitor-period start-monitor
                      #:stop stop-monitor
                      #:actions (list log-action period-action))
