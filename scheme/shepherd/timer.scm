;;; (shepherd timer) -- services that do something at certain times.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Their methods, and how timers pass to a successor of this process; what goes
;;; on between start and stop is in (shepherd timer loop).

(define-module (shepherd timer)
  #:use-module (ice-9 match)
  #:use-module ((srfi srfi-1) #:select (filter-map))
  #:use-module (shepherd calendar)
  #:use-module (shepherd controller)
  #:use-module (shepherd host)
  #:use-module (shepherd log-source)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:use-module (shepherd time-zone)
  #:use-module (shepherd timer command)
  #:use-module (shepherd timer loop)
  #:export (make-timer-constructor
            make-timer-destructor
            trigger-timer
            timer-trigger-action
            timer->datum
            datum->timer))


;;;
;;; Methods.
;;;

(define (command-or-procedure? object)
  (or (command? object) (procedure? object)))

(define (number-of-occurrences? object)
  (or (and (integer? object) (exact? object) (positive? object))
      (eqv? object +inf.0)))

(define (file-name? object)
  (or (not object) (string? object)))

(define (duration? object)
  (or (not object) (and (real? object) (positive? object))))

(define (signal-number? object)
  (and (integer? object) (exact? object) (positive? object)))

(define (check-zone name)
  "Tell if local time is not what the environment asks for."
  (match (unknown-time-zone)
    (#f #t)
    (zone
     (local-output (l10n "Timer '~a': there is no time zone ~s (variable TZ); \
going by UTC.")
                   name zone))))

(define* (make-timer-constructor event action
                                 #:key (occurrences +inf.0) log-file
                                 max-duration
                                 (termination-signal SIGTERM)
                                 wait-for-termination?)
  "Return a start method that gives a timer as running value.  Whenever
@var{event} occurs, it performs @var{action}, a command or a procedure without
arguments: @var{occurrences} times, after which the service stops itself.

The output of a command goes to @var{log-file} or to the daemon's log.  With
@var{wait-for-termination?}, nothing happens while it is still running from
before.  After @var{max-duration} seconds, it is sent
@var{termination-signal}."
  (check-argument-types (calendar-event? event)
                        (command-or-procedure? action)
                        (number-of-occurrences? occurrences)
                        (file-name? log-file)
                        (duration? max-duration)
                        (signal-number? termination-signal))

  (define (start)
    (let ((name (and=> (current-service) service-canonical-name)))
      (check-zone name)
      (if (next-occurrence event (now))
          (let ((logger (file-logger log-file)))
            (when (current-service)
              (post-event! (current-service) `(logger ,logger)))
            (start-loop
             (make-timer (current-service) event action log-file
                         max-duration termination-signal
                         wait-for-termination? logger
                         (make-mailbox) (make-request)
                         (make-progress '() #f occurrences
                                        (ring-buffer %most-past-runs) #f))
             (now)))
          (begin
            (local-output (l10n "No matching event for timer '~a': ~s.")
                          name (calendar-event->sexp event))
            (local-output (l10n "This indicates that the calendar event is \
overly constrained."))
            #f))))

  ;; For a successor that reads the configuration again.
  (set-procedure-property! start 'timer-action action)
  start)

(define (make-timer-destructor)
  "Return a stop method for timers: it ends their processes."
  (lambda (timer)
    (check-argument-types (timer? timer))
    (mailbox-put! (timer-mailbox timer) '(stop))
    (await-request (timer-end timer))
    #f))

(define (trigger-timer timer)
  "Perform the action of @var{timer}, the running value of a service, now.  It
counts as an occurrence."
  (check-argument-types (timer? timer))
  (mailbox-put! (timer-mailbox timer) '(trigger)))

(define timer-trigger-action
  (action 'trigger
          (lambda (timer . _)
            (if timer
                (begin
                  (local-output (l10n "Triggering timer."))
                  (trigger-timer timer))
                (local-output (l10n "Attempted to trigger a timer that is not \
running; doing nothing.")))
            #t)
          (l10n "Perform the action of this timer now.")))


;;;
;;; As data, for a successor of this process.
;;;

(define (timer->datum timer)
  "Return all that is needed to go on with @var{timer}, as data."
  (let ((progress (timer-progress timer)))
    `((event ,(calendar-event->sexp (timer-event timer)))
      (action ,(match (timer-action timer)
                 ((? command? command) (command->datum command))
                 (_ 'procedure)))
      (log-file ,(timer-log-file timer))
      (max-duration ,(timer-max-duration timer))
      (termination-signal ,(timer-termination-signal timer))
      (wait? ,(->bool (timer-wait? timer)))
      (runs ,(progress-runs progress))
      (call ,(progress-call progress))
      (left ,(progress-left progress))
      (past ,(ring-buffer->list (progress-past progress)))
      (last ,(progress-last progress))
      (time ,(now)))))

(define (action-of service)
  "Return the procedure that @var{service}, made anew, has its timer call."
  (or (procedure-property (service-start service) 'timer-action)
      (scm-error 'misc-error #f (l10n "service ~a: the action of its timer is \
not known any more; restart it")
                 (list (service-canonical-name service)) #f)))

(define (interrupted past call)
  "Return the list @var{past} with a call that the predecessor did not finish."
  (match call
    (#f past)
    ((start since)
     (cons (list '(exception interrupted) (now) start) past))))

(define (list->ring-buffer elements)
  (let loop ((elements (reverse elements)) (buffer (ring-buffer %most-past-runs)))
    (match elements
      (() buffer)
      ((element . rest)
       (loop rest (ring-buffer-insert element buffer))))))

(define (all-runs runs action service)
  "Return @var{runs} with the processes that were started for @var{service} just
before it could be told."
  (if (eq? 'procedure action)
      runs                              ;they may be the procedure's
      (append (filter-map
               (match-lambda
                 ((pid . start)
                  (and (not (assv pid runs))
                       (list pid (quotient start 1000000000)
                             (- (host-now) (- (host-time) start))))))
               (inherited-processes service))
              runs)))

(define (datum->timer datum service)
  "Return the timer that @var{datum} tells of, going on as the running value of
@var{service}."
  (match datum
    ((('event event) ('action action) ('log-file log-file)
      ('max-duration max-duration) ('termination-signal signal)
      ('wait? wait?) ('runs runs) ('call call) ('left left) ('past past)
      ('last last) ('time time) _ ...)
     (let* ((logger (or (service-logger service)
                        (let ((logger (file-logger log-file)))
                          (post-event! service `(logger ,logger))
                          logger)))
            (runs (all-runs runs action service))
            (timer (make-timer service (sexp->calendar-event event)
                               (or (sexp->command action)
                                   (action-of service))
                               log-file max-duration signal wait? logger
                               (make-mailbox) (make-request)
                               (make-progress runs #f left
                                              (list->ring-buffer
                                               (interrupted past call))
                                              last))))
       ;; What came since is done now, unless that was long ago.
       (start-loop timer time)
       (for-each (match-lambda
                   ((pid start since)
                    (adopt timer pid since)))
                 runs)
       timer))))

(declare-saved-value! 'timer timer? timer->datum datum->timer
                      #:stop (make-timer-destructor)
                      #:actions (list timer-trigger-action))
