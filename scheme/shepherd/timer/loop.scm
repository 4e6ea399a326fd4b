;;; (shepherd timer loop) -- waiting, acting, and what came of it.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The running value of such a service is a timer: what is to be done, and a
;;; cell for what was done so far, published after each change.  A fiber, the
;;; loop of the timer, waits for the next occurrence and for messages:
;;;
;;;   (trigger)            act now
;;;   (ended PID STATUS)   a process has ended
;;;   (returned STATUS)    the action, a procedure, has returned or thrown
;;;   (stop)               end all of it
;;;
;;; Times are seconds of the wall clock.  Durations go by the clock that nobody
;;; sets; it stands still while the machine sleeps, as its processes do.

(define-module (shepherd timer loop)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd alarm)
  #:use-module (shepherd calendar)
  #:use-module (shepherd comm)
  #:use-module (shepherd controller)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd host)
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd process)
  #:use-module (shepherd publication)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd support)
  #:use-module (shepherd timer command)
  #:export (make-timer
            timer?
            timer-event
            timer-action
            timer-log-file
            timer-max-duration
            timer-termination-signal
            timer-wait?
            timer-mailbox
            timer-end
            timer-progress
            make-progress
            progress-runs
            progress-call
            progress-left
            progress-past
            progress-last
            %most-past-runs
            now
            start-loop
            adopt))


;;;
;;; Timers.
;;;

(define-record-type <timer>
  (make-timer service event action log-file max-duration termination-signal
              wait? logger mailbox end progress)
  timer?
  (service            timer-service)    ;service or #f
  (event              timer-event)      ;calendar event
  (action             timer-action)     ;command or procedure
  (log-file           timer-log-file)   ;string or #f
  (max-duration       timer-max-duration)       ;seconds or #f
  (termination-signal timer-termination-signal) ;integer
  (wait?              timer-wait?)      ;no run while another goes on
  (logger             timer-logger)     ;of all processes
  (mailbox            timer-mailbox)    ;messages to the loop
  (end                timer-end)        ;request, answered when the loop ends
  (progress           timer-progress set-timer-progress!))

(define-immutable-record-type <progress>
  (make-progress runs call left past last)
  progress?
  ;; Since: as of the clock that nobody sets, in nanoseconds.
  (runs progress-runs)                  ;list of (PID START SINCE)
  (call progress-call)                  ;(START SINCE), while it is called, or #f
  (left progress-left)                  ;occurrences to come, integer or +inf.0
  (past progress-past)                  ;ring buffer of (STATUS END START)
  (last progress-last))                 ;latest occurrence that was due, or #f

(define %most-past-runs 50)

(define (runs timer) (progress-runs (timer-progress timer)))
(define (call timer) (progress-call (timer-progress timer)))
(define (left timer) (progress-left (timer-progress timer)))

(define (active? timer)
  (or (pair? (runs timer)) (call timer)))

(define (timer-name timer)
  (match (timer-service timer)
    (#f "?")
    (service (service-canonical-name service))))

(define (write-timer timer port)
  (simple-format port "#<timer ~a>" (timer-name timer)))

(set-record-type-printer! <timer> write-timer)

(define-record-type-serializer (timer->sexp (timer <timer>))
  `(timer (version 0)
          (event ,(calendar-event->sexp (timer-event timer)))
          (action ,(match (timer-action timer)
                     ((? command? command) (command->sexp command))
                     (_ 'procedure)))
          (processes ,(map (match-lambda
                             ((pid start _) (cons pid start)))
                           (runs timer)))
          (remaining-occurrences ,(left timer))
          (past-runs ,(ring-buffer->list
                       (progress-past (timer-progress timer))))))

(define (now)
  "Return what the wall clock shows, in seconds."
  (quotient (host-time) 1000000000))

(define-syntax-rule (update! timer (field value) ...)
  "Change fields of what TIMER did so far, and publish it."
  (begin
    (set-timer-progress! timer
                         (set-fields (timer-progress timer)
                           ((field) value) ...))
    (when (timer-service timer)
      (publish-service! (timer-service timer)))))

(define (log-about timer format . arguments)
  (apply log-message format (timer-name timer) arguments))


;;;
;;; Runs.
;;;

(define (elapsed since)
  "Return how many nanoseconds have passed since @var{since}."
  (- (host-now) since))

(define (past-with timer status since)
  "Return the past runs of @var{timer} with one that ends now with @var{status}."
  (let* ((end (host-time))
         ;; If somebody set the clock meanwhile, the duration is still right.
         (start (- end (elapsed since))))
    (ring-buffer-insert (list status (quotient end 1000000000)
                              (quotient start 1000000000))
                        (progress-past (timer-progress timer)))))

(define (exception-status key arguments)
  "Return what clients receive for the exception @var{key} with
@var{arguments}."
  `(exception ,key ,@(map result->sexp arguments)))

(define (spawn-command-of timer)
  "Start the command of @var{timer}; return its PID and its child, as
@code{spawn-process} does."
  (let ((command (timer-action timer)))
    (spawn-process (command-arguments command)
                   #:service (timer-service timer)
                   #:logger (timer-logger timer)
                   #:user (command-user command)
                   #:group (command-group command)
                   #:supplementary-groups
                   (command-supplementary-groups command)
                   #:environment-variables
                   (command-environment-variables command)
                   #:directory (command-directory command)
                   #:resource-limits (command-resource-limits command))))

(define (start-process timer)
  (catch #t
    (lambda ()
      (let-values (((pid child) (spawn-command-of timer)))
        (log-about timer (l10n "Timer '~a' spawned process ~a.") pid)
        (update! timer
                 (progress-runs (cons (list pid (now) (host-now))
                                      (runs timer))))
        (monitor timer pid (timer-max-duration timer)
                 (lambda (timeout)
                   (await-child child timeout)))))
    (lambda (key . arguments)
      (log-about timer (l10n "Timer '~a' failed to run its command: ~a")
                 (exception->string key arguments))
      (update! timer
               (progress-past (past-with timer
                                         (exception-status key arguments)
                                         (host-now)))))))

(define (monitor timer pid allowance await)
  "Tell the loop when process @var{pid} ends, whose wait status
@code{(@var{await} TIMEOUT)} returns, terminating it after @var{allowance}
seconds, if not @code{#f}."
  (spawn-fiber
   (lambda ()
     (let ((status (or (await allowance)
                       (begin
                         (log-message (l10n "Terminating process ~a of timer \
'~a' after maximum duration of ~a seconds.")
                                      pid (timer-name timer)
                                      (timer-max-duration timer))
                         (terminate timer pid)
                         (await #f)))))
       (mailbox-put! (timer-mailbox timer) `(ended ,pid ,status))))
   ;; Not that of the fiber that takes up what an earlier image left.
   #:name (object->string (timer-name timer) display)))

(define (terminate timer pid)
  "End process @var{pid} of @var{timer} and its group."
  (catch 'system-error
    (lambda ()
      (terminate-group pid pid (timer-termination-signal timer)))
    (lambda (key . arguments)
      (log-about timer (l10n "Timer '~a' failed to terminate process ~a: ~a")
                 pid (exception->string key arguments)))))

(define (process-ended timer pid status)
  (match (assv pid (runs timer))
    ((_ start since)
     (let ((seconds (quotient (elapsed since) 1000000000)))
       (log-message (l10n "Process ~a of timer '~a' terminated with status ~a \
after ~a second."
                          "Process ~a of timer '~a' terminated with status ~a \
after ~a seconds."
                          seconds)
                    pid (timer-name timer) status seconds)
       (update! timer
                (progress-runs (assv-remove! (list-copy (runs timer)) pid))
                (progress-past (past-with timer status since)))))))

(define (start-call timer)
  "Call the action of @var{timer} in a fiber."
  (update! timer (progress-call (list (now) (host-now))))
  (spawn-fiber
   (lambda ()
     (mailbox-put!
      (timer-mailbox timer)
      `(returned
        ,(catch #t
           (lambda ()
             ((timer-action timer))
             'success)
           (lambda (key . arguments)
             (log-about timer (l10n "Exception caught while calling action of \
timer '~a': ~a")
                        (exception-text key arguments))
             (exception-status key arguments))))))
   #:name (fiber-name (current-fiber))))

(define (call-returned timer status)
  (match (call timer)
    ((start since)
     (update! timer
              (progress-call #f)
              (progress-past (past-with timer status since))))))

(define (act timer)
  "Perform the action of @var{timer}, which counts as an occurrence, unless
something is in the way."
  (cond ((zero? (left timer))
         (log-about timer (l10n "Timer '~a' has no occurrence left.")))
        ((or (call timer)
             (and (timer-wait? timer) (pair? (runs timer))))
         (log-about timer (l10n "Timer '~a' is still running; skipping an \
occurrence.")))
        (else
         (update! timer (progress-left (- (left timer) 1)))
         (if (command? (timer-action timer))
             (start-process timer)
             (start-call timer)))))


;;;
;;; The loop.
;;;

;; Setting the clock back by less than so many seconds does not repeat the
;; latest occurrence.
(define %longest-set-back (* 3 3600))

(define (next-due timer after)
  "Return when @var{timer} is due next after @var{after}, or @code{#f}."
  (and (positive? (left timer))
       (let ((next (next-occurrence (timer-event timer) after))
             (last (progress-last (timer-progress timer))))
         (if (and next last (= next last)
                  (< (- last after) %longest-set-back))
             (next-occurrence (timer-event timer) last)
             next))))

(define (await-message timer due)
  "Return the next message to @var{timer}, or @code{alarm} if the wall clock shows
@var{due}, or is set, before."
  (if due
      (let* ((alarm (set-alarm! (* due 1000000000)))
             (message (perform-operation
                       (choice-operation
                        (mailbox-get-operation (timer-mailbox timer))
                        (wrap-operation (alarm-operation alarm)
                                        (const 'alarm))))))
        (cancel-alarm! alarm)
        message)
      (mailbox-get (timer-mailbox timer))))

(define (margin wait)
  "Return how many seconds late one may be after waiting for @var{wait}."
  (max 2 (min (/ wait 10) 120)))

(define (reschedule timer due since)
  "Follow an alarm: act if @var{timer} is due, and return when it is due next.
It has waited since @var{since}."
  (let ((time (now)))
    (cond ((< time due)
           ;; Somebody set the clock.
           (next-due timer time))
          ((> (- time due) (margin (- due since)))
           (log-about timer (l10n "Waiting anew for timer '~a' (resuming from \
sleep state?)."))
           (next-due timer time))
          (else
           (update! timer (progress-last due))
           (act timer)
           (next-due timer due)))))

(define (replaced? timer)
  "Return true if the service of @var{timer} was stopped without it being told."
  (let ((service (timer-service timer)))
    (and service
         (or (service-stopped? service)
             (let ((value (service-running-value service)))
               (and (timer? value) (not (eq? value timer))))))))

(define (finished? timer)
  (and (zero? (left timer)) (not (active? timer))))

(define (finish timer)
  "Stop the service of @var{timer}, which has done all its work."
  (log-about timer (l10n "Finished last occurrence of timer '~a'."))
  (when (timer-service timer)
    (spawn-fiber (lambda ()
                   (stop-service (timer-service timer)))
                 #:name "timer")))

(define (run timer start)
  "Act when @var{timer} is due after the time @var{start}, until it is to stop."
  (let loop ((due (next-due timer start)) (since start) (finishing? #f))
    (let ((finished? (finished? timer)))
      (when (and finished? (not finishing?))
        (finish timer))
      (match (await-message timer due)
        ('alarm
         (unless (replaced? timer)
           (let ((next (reschedule timer due since)))
             (loop next (now) finished?))))
        (('trigger)
         (act timer)
         (loop (and (positive? (left timer)) due) since finished?))
        (('stop)
         (end-runs timer))
        (message
         (note-end timer message)
         (loop due since finished?))))))

(define (note-end timer message)
  (match message
    (('ended pid status) (process-ended timer pid status))
    (('returned status) (call-returned timer status))
    (_ #f)))

(define (end-runs timer)
  "Terminate what @var{timer} has running."
  (let ((count (length (runs timer))))
    (log-about timer
               (l10n "Terminating timer '~a' with ~a process running."
                     "Terminating timer '~a' with ~a processes running."
                     count)
               count)
    (for-each (match-lambda
                ((pid . _)
                 (spawn-fiber (lambda () (terminate timer pid))
                              #:name (fiber-name (current-fiber)))))
              (runs timer))
    (let ((deadline (+ (host-now)
                       (seconds->nanoseconds
                        (default-process-termination-grace-period)))))
      (let loop ()
        (when (active? timer)
          (match (perform-operation
                  (choice-operation
                   (mailbox-get-operation (timer-mailbox timer))
                   (if (pair? (runs timer))
                       never
                       (wrap-operation (timer-operation deadline)
                                       (const 'late)))))
            ('late
             ;; A procedure that does not return is left alone: it is not
             ;; ours to end.
             (log-about timer (l10n "The action of timer '~a' is still \
running.")))
            (message
             (note-end timer message)
             (loop))))))))

(define never
  (choice-operation))

(define (start-loop timer start)
  "Start the loop of @var{timer}, for what occurs after the time @var{start}, as
part of its service but of no command."
  (open-clock)
  (parameterize ((%current-client-socket #f)
                 (current-service (timer-service timer)))
    (spawn-fiber (lambda ()
                   (catch #t
                     (lambda ()
                       (run timer start))
                     (lambda (key . arguments)
                       (log-about timer (l10n "Timer '~a' failed: ~a")
                                  (exception->string key arguments))))
                   (answer-request! (timer-end timer) #t))
                 #:name (object->string (timer-name timer) display)))
  timer)

(define (adopt timer pid since)
  "Wait for process @var{pid}, which was started before this one was there."
  (monitor timer pid
           (and=> (timer-max-duration timer)
                  (lambda (duration)
                    (max 0 (- duration
                              (/ (elapsed since) 1000000000.)))))
           (lambda (timeout)
             (await-process pid timeout))))
