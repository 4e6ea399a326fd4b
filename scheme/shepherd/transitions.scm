;;; (shepherd transitions) -- what a service does next, as pure functions.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; `step' takes the state of a service, an event and the time, and returns
;;; the next state and the effects to perform, in order.  It knows no clock,
;;; process or channel, and answers every event in every status.
;;;
;;; Events (TOKEN is the state's own count of method calls, so that the end of
;;; a call that nobody waits for any more is recognised; REPLY is opaque):
;;;
;;;   (start REPLY ARGUMENTS)            someone wants it to run
;;;   (started TOKEN VALUE)              `start' returned
;;;   (start-threw TOKEN KEY ARGUMENTS)  `start' threw
;;;   (stop REPLY ARGUMENTS EXCUSED)     someone wants it stopped; EXCUSED is for
;;;                                      (shepherd admission) to look at
;;;   (stopped TOKEN FAILED?)            `stop' returned; true: it may have failed
;;;   (stop-threw TOKEN KEY ARGUMENTS)   `stop' threw
;;;   (exited PID STATUS)                a process tied to the service ended
;;;   (lost STATUS)                      what runs has ended, as a process with
;;;                                      wait status STATUS would
;;;   (exit-status STATUS)               `stop' saw the main process end
;;;   (value TOKEN VALUE)                the running value changes; TOKEN as
;;;                                      above, or #f for any
;;;   (logger LOGGER)                    a process logs through LOGGER now
;;;   (enable REPLY) (disable REPLY)
;;;   (replacement SERVICE)              take SERVICE's place when stopped
;;;   (respawn? REPLY MOMENT)            may it be respawned, and when?
;;;   (retry? REPLY)                     the same, of a respawn that the system had
;;;                                      no room for: there is no limit
;;;   (respawn REPLY TICKET MOMENT)      the delay is over
;;;
;;; A MOMENT is in ns of the monotonic clock: no leap of the other one makes
;;; respawns more or less frequent.
;;;
;;; Effects:
;;;
;;;   (log FORMAT ARGUMENT ...)          a line, starting with the service's name
;;;   (call-start TOKEN ARGUMENTS) (call-stop TOKEN VALUE ARGUMENTS)
;;;   (answer REPLY ANSWER)
;;;   (post EVENT)                       handle a postponed event now
;;;   (detach LOGGER)
;;;   (replace SERVICE)                  register SERVICE in its place
;;;   (unregister)                       transient and stopped
;;;   (terminated VALUE STATUS)          run the termination handler
;;;
;;; Answers: to `start' (running VALUE), (already-running VALUE), (failed),
;;; (threw KEY ARGUMENTS) or
;;; (disabled VALUE); to `stop' (stopped), (already-stopped) or (threw KEY
;;; ARGUMENTS); to `respawn?' and `retry?' (wait TICKET), (too-fast) or (no); to `respawn'
;;; a Boolean; to the others #t.

(define-module (shepherd transitions)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (shepherd lasting)
  #:use-module (shepherd records)
  #:use-module ((shepherd support syntax) #:select (l10n match-tagged))
  #:export (initial-state
            state?
            state-status
            state-value
            state-enabled?
            state-changes
            state-respawns
            state-failures
            state-exits
            state-replacement
            state-logger
            state-unclaimed
            state-respawn-due?
            restore-state
            %restored-token
            adjust-enabled
            adjust-value
            step))

(define-immutable-record-type <state>
  (make-state status value enabled? changes respawns failures exits
              replacement logger token waiting postponed unclaimed ticket)
  state?
  (status      state-status)     ;stopped | starting | running | stopping
  (value       state-value)      ;running value, #f unless running or stopping
  (enabled?    state-enabled?)   ;Boolean
  (changes     state-changes)    ;list of (STATUS . SECONDS), latest first
  (respawns    state-respawns)   ;list of (MOMENT . SECONDS), latest first
  (failures    state-failures)   ;list of seconds, latest first
  (exits       state-exits)      ;list of (WAIT-STATUS . SECONDS), latest first
  (replacement state-replacement) ;service or #f
  (logger      state-logger)     ;logger or #f
  (token       state-token)      ;number of method calls so far
  (waiting     state-waiting)    ;replies awaiting the end of start or stop
  (postponed   state-postponed)  ;events for later, latest first
  (unclaimed   state-unclaimed)  ;(PID . STATUS) that ended, latest first
  ;; Respawn being waited for: a number; `due', it may still be asked for; `off',
  ;; it may not be asked for any more; or #f.
  (ticket      state-ticket))

(define initial-state
  (make-state 'stopped #f #t '() '() '() '() #f #f 0 '() '() '() #f))

;; Of the start or stop that a restored state may be in.
(define %restored-token 1)

(define* (restore-state #:key status value enabled? changes respawns failures
                        exits logger unclaimed due?)
  "Return the state that an earlier image of the process left: nobody waits for
anything; if @var{due?}, a respawn is to come."
  (make-state status value enabled? changes respawns failures exits
              #f logger %restored-token '() '() unclaimed (and due? 'due)))

(define %max-changes 30)
(define %max-failures 10)
(define %max-exits 10)
(define %max-unclaimed 10)

(define (adjust-enabled state enabled?)
  "Return @var{state} with its flag set to @var{enabled?}."
  (set-field state (state-enabled?) enabled?))

(define (adjust-value state value)
  "Return @var{state} with running value @var{value}."
  (set-field state (state-value) value))

(define (nanoseconds->seconds time)
  "Return @var{time}, in nanoseconds, in whole seconds."
  (quotient time 1000000000))

(define (state-respawn-due? state)
  "Return true if the service is about to be respawned."
  (->bool (or (integer? (state-ticket state))
              (eq? 'due (state-ticket state)))))

(define (push item items limit)
  (let ((items (lasting-cons item items)))
    (if (> (length items) limit)
        (take items limit)
        items)))

(define (enter state status now)
  "Return @var{state} with @var{status}, entered at @var{now}."
  (set-fields state
    ((state-status) status)
    ((state-changes) (push (lasting-cons status (nanoseconds->seconds now))
                           (state-changes state) %max-changes))))

(define (answers state answer)
  (map (lambda (reply) `(answer ,reply ,answer))
       (reverse (state-waiting state))))

(define (postponed-effects state)
  (map (lambda (event) `(post ,event))
       (reverse (state-postponed state))))

(define (settle state)
  "Return @var{state} with nobody waiting."
  (set-fields state
    ((state-waiting) '())
    ((state-postponed) '())))

(define (value-of-interest value)
  "Return the running value for what @code{start} returned: integers above 1
stand for processes."
  (if (and (integer? value) (exact? value) (> value 1))
      (process value #f)
      value))


;;;
;;; Starting.
;;;

(define (start state reply arguments now)
  (match (state-status state)
    ((or 'stopped)
     (if (state-enabled? state)
         (let ((token (+ 1 (state-token state))))
           (values (set-fields (enter state 'starting now)
                     ((state-token) token)
                     ((state-waiting) (list reply))
                     ((state-ticket) #f))
                   `((log ,(l10n "Starting service ~a..."))
                     (call-start ,token ,arguments))))
         (values state `((answer ,reply (disabled #f))))))
    ('starting
     (values (set-field state (state-waiting)
                        (cons reply (state-waiting state)))
             '()))
    ('running
     (values state
             `((answer ,reply (already-running ,(state-value state))))))
    ('stopping
     (values (set-field state (state-postponed)
                        (cons `(start ,reply ,arguments)
                              (state-postponed state)))
             `((log ,(l10n "Waiting for ~a to stop...")))))))

(define (claimed-exit state)
  "Return the (PID . STATUS) of the main process if it ended before it was known
to be that, or @code{#f}."
  (let ((value (state-value state)))
    (and (process? value)
         (assv (process-id value) (state-unclaimed state)))))

(define (started state value one-shot? now)
  "Follow the return of @code{start} with a true @var{value}."
  (let* ((value (value-of-interest value))
         (next (if one-shot?
                   (set-fields (enter state 'stopped now)
                     ((state-logger) #f)
                     ((state-replacement) #f))
                   (set-field (enter state 'running now)
                              (state-value) value))))
    (values (settle next)
            `((log ,(l10n "Service ~a started."))
              (log ,(l10n "Service ~a running with value ~s.") ,value)
              ,@(if one-shot? (farewell state) '())
              ,@(answers state `(running ,value))
              ,@(claimed-exit-effects next)
              ,@(postponed-effects state)))))

(define (claimed-exit-effects state)
  (match (claimed-exit state)
    (#f '())
    ((pid . status) `((post (exited ,pid ,status))))))

(define (change-value state value)
  "Follow a change of the running value."
  (let* ((value (value-of-interest value))
         (next (set-field state (state-value) value)))
    (values next
            `((log ,(l10n "Running value of service ~a changed to ~s.") ,value)
              ,@(claimed-exit-effects next)))))

(define (start-failed state answer now)
  "Follow a @code{start} that returned false or threw."
  (values (set-fields (settle (enter state 'stopped now))
            ((state-value) #f)
            ((state-logger) #f)
            ((state-replacement) #f)
            ((state-unclaimed) '())
            ((state-failures) (push (nanoseconds->seconds now)
                                    (state-failures state) %max-failures)))
          `((log ,(l10n "Service ~a failed to start."))
            ,@(farewell state)
            ,@(answers state answer)
            ,@(postponed-effects state))))


;;;
;;; Stopping.
;;;

(define (stop state event reply arguments now)
  (match (state-status state)
    ('stopped
     ;; A respawn, be it being waited for or only about to be, is thereby
     ;; called off.
     (values (set-field state (state-ticket) 'off)
             `((answer ,reply (already-stopped)))))
    ('starting
     (values (set-field state (state-postponed)
                        (cons event (state-postponed state)))
             `((log ,(l10n "Waiting for ~a to start...")))))
    ('running
     (let ((token (+ 1 (state-token state))))
       (values (set-fields (enter state 'stopping now)
                 ((state-token) token)
                 ((state-waiting) (list reply)))
               `((log ,(l10n "Stopping service ~a..."))
                 (call-stop ,token ,(state-value state) ,arguments)))))
    ('stopping
     (values (set-field state (state-waiting)
                        (cons reply (state-waiting state)))
             '()))))

(define (stopped state answer failed? transient? now)
  "Follow the end of @code{stop}: whatever it said, the service is stopped."
  (values (set-fields (settle (enter state 'stopped now))
            ((state-value) #f)
            ((state-logger) #f)
            ((state-respawns) '())
            ((state-failures) '())
            ((state-unclaimed) '())
            ((state-ticket) 'off)
            ((state-replacement) #f))
          `((log ,(if failed?
                      (l10n "Service ~a might have failed to stop.")
                      (l10n "Service ~a stopped.")))
            (log ,(l10n "Service ~a is now stopped."))
            ,@(farewell state)
            ,@(if (and transient? (not (state-replacement state)))
                  `((log ,(l10n "Transient service ~a unregistered."))
                    (unregister))
                  '())
            ,@(answers state answer)
            ,@(postponed-effects state))))

(define (detachment state)
  "Return the effects that detach the logger, if any."
  (match (state-logger state)
    (#f '())
    (logger `((detach ,logger)))))

(define (departure state)
  "Return the effects that put the replacement, if any, in place."
  (match (state-replacement state)
    (#f '())
    (service `((replace ,service)))))

(define (farewell state)
  "Return the effects of a start that is over, or a stop, before anybody is told."
  (append (detachment state) (departure state)))

(define (exited state pid status respawn? now)
  "Follow the end of process @var{pid}, which was started for the service."
  (define main?
    (let ((value (state-value state)))
      (and (process? value) (= pid (process-id value)))))

  (define (unclaimed)
    ;; It may turn out to be the main process.
    (set-field state (state-unclaimed)
               (push (cons pid status) (state-unclaimed state)
                     %max-unclaimed)))

  (match (state-status state)
    ('starting
     (values (unclaimed) '()))
    ('running
     (if main?
         (main-ended state status respawn? now (exit-report pid status))
         (values (unclaimed) '())))
    (_
     (values state '()))))

(define (lost state status respawn? now)
  "Follow the end, as if with wait status @var{status}, of what runs."
  (match (state-status state)
    ('running (main-ended state status respawn? now '()))
    (_ (values state '()))))

(define (main-ended state status respawn? now report)
  "Follow the end of the main process, which the effects @var{report} tell."
  (values (set-fields (record-exit (enter state 'stopped now) status now)
            ((state-value) #f)
            ((state-logger) #f)
            ((state-unclaimed) '())
            ((state-ticket) (and respawn? (state-enabled? state) 'due))
            ((state-replacement) #f))
          `(,@report
            ,@(departure state)
            (terminated ,(state-value state) ,status)
            ,@(detachment state))))

(define (exit-report pid status)
  (cond ((zero? status)
         '())
        ((status:exit-val status)
         => (lambda (code)
              `((log ,(l10n "Service ~a (PID ~a) exited with ~a.")
                     ,pid ,code))))
        ((status:term-sig status)
         => (lambda (signal)
              `((log ,(l10n "Service ~a (PID ~a) terminated with signal ~a.")
                     ,pid ,signal))))
        (else
         `((log ,(l10n "Service ~a (PID ~a) stopped with signal ~a.")
                ,pid ,(status:stop-sig status))))))

(define (record-exit state status now)
  (set-field state (state-exits)
             (push (cons status (nanoseconds->seconds now))
                   (state-exits state) %max-exits)))


;;;
;;; Respawning.
;;;

(define (too-fast? state limit moment)
  "Return true if one more respawn at @var{moment} would be more than @var{limit},
a pair (TIMES . SECONDS), allows."
  (match limit
    ((times . seconds)
     (>= (count (match-lambda
                  ((earlier . _)
                   (< (- moment earlier) (* seconds 1000000000))))
                (state-respawns state))
         times))))

(define (may-respawn state reply respawn? too-fast?)
  (cond ((not respawn?)
         (values state `((answer ,reply (no)))))
        ((or (not (eq? 'stopped (state-status state)))
             (eq? 'off (state-ticket state)))
         (values state `((answer ,reply (no)))))
        ((not (state-enabled? state))
         (values state `((answer ,reply (no)))))
        (too-fast?
         (values (set-field (adjust-enabled state #f) (state-ticket) 'off)
                 `((answer ,reply (too-fast)))))
        (else
         (let ((ticket (+ 1 (state-token state))))
           (values (set-fields state
                     ((state-token) ticket)
                     ((state-ticket) ticket))
                   `((answer ,reply (wait ,ticket))))))))

(define (respawn state reply ticket limit moment now)
  (if (eqv? ticket (state-ticket state))
      (values (set-fields state
                ((state-ticket) #f)
                ((state-respawns)
                 (push (cons moment (nanoseconds->seconds now))
                       (state-respawns state)
                       (if (inf? (car limit))
                           %max-exits
                           (max %max-exits (car limit))))))
              `((answer ,reply #t)))
      (values state `((answer ,reply #f)))))


;;;
;;; All events.
;;;

(define (set-logger state logger)
  (match (list (state-status state) (state-logger state))
    (('stopped _)
     ;; The process outlives the service, or is none of its main ones.
     (values state `((detach ,logger))))
    ((_ #f)
     (values (set-field state (state-logger) logger) '()))
    ((_ old)
     (values (set-field state (state-logger) logger)
             `((log ,(l10n "Registering new logger for ~a."))
               (detach ,old))))))

(define (current? state token status)
  (and (eq? status (state-status state))
       (eqv? token (state-token state))))

(define (step service state event now)
  "Return the state that follows @var{state} of @var{service} after @var{event}
at @var{now}, in nanoseconds since the Epoch, and the list of effects.
@var{service} only gives its constant properties."
  (match-tagged event
    (('start reply arguments)
     (start state reply arguments now))
    (('started token value)
     (cond ((not (current? state token 'starting))
            (values state '()))
           (value
            (started state value (one-shot-service? service) now))
           (else
            (start-failed state '(failed) now))))
    (('start-threw token key arguments)
     (if (current? state token 'starting)
         (start-failed state `(threw ,key ,arguments) now)
         (values state '())))
    (('stop reply arguments _)
     (stop state event reply arguments now))
    (('stopped token failed?)
     (if (current? state token 'stopping)
         (stopped state '(stopped) failed? (transient-service? service) now)
         (values state '())))
    (('stop-threw token key arguments)
     (if (current? state token 'stopping)
         (stopped state `(threw ,key ,arguments) #t
                  (transient-service? service) now)
         (values state '())))
    (('exited pid status)
     (exited state pid status (respawn-service? service) now))
    (('lost status)
     (lost state status (respawn-service? service) now))
    (('exit-status status)
     (values (record-exit state status now) '()))
    (('value token value)
     (if (current? state (or token (state-token state)) 'running)
         (change-value state value)
         (values state '())))
    (('logger logger)
     (set-logger state logger))
    (('enable reply)
     (values (set-fields state
               ((state-enabled?) #t)
               ((state-respawns) '()))
             `((answer ,reply #t))))
    (('disable reply)
     (values (set-fields state
               ((state-enabled?) #f)
               ((state-ticket) 'off))
             `((answer ,reply #t))))
    (('replacement new)
     (if (eq? 'stopped (state-status state))
         (values state `((replace ,new)))
         (values (set-field state (state-replacement) new)
                 `((log ,(l10n "Recording replacement for ~a."))))))
    (('respawn? reply moment)
     (may-respawn state reply (respawn-service? service)
                  (too-fast? state (service-respawn-limit service) moment)))
    (('retry? reply)
     (may-respawn state reply (respawn-service? service) #f))
    (('respawn reply ticket moment)
     (respawn state reply ticket (service-respawn-limit service) moment
              now))))
