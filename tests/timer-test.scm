;;; timer-test.scm -- services that act at certain times, over a fake core.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 match)
             (srfi srfi-1)
             (srfi srfi-11)
             (srfi srfi-64)
             (shepherd comm)
             (shepherd scheduler)
             (shepherd service)
             (shepherd service timer)
             ((shepherd host) #:select (install-host!))
             ((shepherd successor) #:select (set-inherited-processes!))
             ((shepherd timer) #:select (timer->datum datum->timer))
             (tests fake-host))

(setenv "TZ" "UTC")
(tzset)

(define %start 1800000000)              ;2027-01-15 08:00:00 UTC

;; What methods print, as in the daemon.
(%current-service-output-port (make-shepherd-output-port))

(define pid-before #f)

(define (pid n)
  "The PID of the Nth process of this test."
  (+ n pid-before))

(define (living)
  "Which processes of this test live: 1 for the first, and so on."
  (map (lambda (pid) (- pid pid-before)) (living-processes)))

(define (without-pids line)
  "LINE with PIDs as `living' gives them."
  (string-join (map (lambda (word)
                      (let ((n (string->number (string-trim-right word #\.))))
                        (if (and n (< pid-before n (+ 1 (newest-process))))
                            (string-append
                             (number->string (- n pid-before))
                             (if (string-suffix? "." word) "." ""))
                            word)))
                    (string-split line #\space))
               " "))

(define-syntax-rule (outcome expression ...)
  ((@ (tests fake-host) outcome)
   (set-wall-clock! %start)
   (set! pid-before (newest-process))
   expression ...))

(define-syntax-rule (value-of expression ...)
  (car (outcome expression ...)))

(define every-minute (calendar-event))

(define* (timer-named name event action #:key (stop (make-timer-destructor))
                      (transient? #f)
                      #:allow-other-keys #:rest options)
  (service (list name)
           #:start (apply make-timer-constructor event action
                          (let loop ((options options))
                            (match options
                              (((or #:stop #:transient?) _ . rest)
                               (loop rest))
                              ((keyword value . rest)
                               (cons* keyword value (loop rest)))
                              (() '()))))
           #:stop stop
           #:transient? transient?
           #:actions (list timer-trigger-action)))

(define (start! service)
  (register-services (list service))
  (start-service service))

(define (sleep-until seconds)
  "Let virtual time pass until SECONDS after the start."
  (fiber-sleep (- (+ seconds 0.5) (- (wall-seconds) %start))))

(define (property name)
  "Property NAME of what clients see of the service `t'."
  (match (assq-ref (cdar (published 't)) 'running)
    ((('timer properties ...))
     (car (assq-ref properties name)))))

(define (processes)
  (map (match-lambda
         ((pid . start) (cons (- pid pid-before) start)))
       (property 'processes)))

(define (past-runs)
  "Past runs, oldest first, in seconds since the start."
  (map (match-lambda
         ((status end start)
          (list status (- end %start) (- start %start))))
       (reverse (property 'past-runs))))

(define (logged prefix)
  (filter-map (lambda (line)
                (and (string-prefix? prefix line) (without-pids line)))
              (log-lines)))

(define (error-of thunk)
  (catch #t thunk
    (lambda (key . arguments)
      (match arguments
        ((_ format (arguments ...) . _)
         (list key (apply simple-format #f format arguments)))
        (_ (cons key arguments))))))

(test-begin "timer")


;;; Procedures.

(test-equal "a procedure is called whenever the event occurs"
  '(60 120 180)
  (value-of
   (define times '())
   (start! (timer-named 't every-minute
                        (lambda ()
                          (set! times (cons (- (wall-seconds) %start)
                                            times)))))
   (sleep-until 200)
   (reverse times)))

(test-equal "past runs of procedures"
  '((success 60 60) (success 120 120))
  (value-of
   (start! (timer-named 't every-minute (const #t)))
   (sleep-until 130)
   (past-runs)))

(test-equal "an exception is caught, logged, and shown in a readable form"
  '(((exception oops "#<eof>" 3) 60 60)
    ("Exception caught while calling action of timer 't': (oops #<eof> 3)"))
  (value-of
   (start! (timer-named 't every-minute
                        (lambda () (throw 'oops the-eof-object 3))))
   (sleep-until 70)
   ;; Weak spot: arguments that cannot be read back broke the reply.
   (list (car (past-runs)) (logged "Exception"))))

(test-equal "a procedure that takes long is not called again meanwhile"
  '((60 240) ((success 190 60)))
  (value-of
   (define times '())
   (start! (timer-named 't every-minute
                        (lambda ()
                          (set! times (cons (- (wall-seconds) %start) times))
                          (fiber-sleep 130))))
   (sleep-until 250)
   (list (reverse times) (past-runs))))

(test-equal "the action runs as part of its service, for no client"
  '(t #f)
  (value-of
   (define seen #f)
   (start! (timer-named 't every-minute
                        (lambda ()
                          (set! seen
                                (list (service-canonical-name
                                       (current-service))
                                      (%current-client-socket))))))
   (sleep-until 70)
   seen))


;;; Commands.

(test-equal "a command has the defaults that processes have"
  (list #t #f '("a" "b") #f #f (default-environment-variables)
        (default-service-directory) '())
  (let ((command (command '("a" "b"))))
    (list (command? command) (command? '("a" "b"))
          (command-arguments command) (command-user command)
          (command-group command) (command-environment-variables command)
          (command-directory command) (command-resource-limits command))))

(test-equal "or what it was given; clients receive it without environment"
  '(("a") "u" 7 ("X=1") "/d" ((nofile 1 2)) (("a") "u" 7 () "/d" ((nofile 1 2))))
  (let ((full (command '("a") #:user "u" #:group 7
                       #:environment-variables '("X=1") #:directory "/d"
                       #:resource-limits '((nofile 1 2)))))
    (define (parts command)
      (list (command-arguments command) (command-user command)
            (command-group command) (command-environment-variables command)
            (command-directory command) (command-resource-limits command)))
    (append (parts full)
            (list (parts (sexp->command ((@ (shepherd comm) result->sexp)
                                         full)))))))

(test-equal "what is no command is none"
  '(#f #f #f)
  (map sexp->command
       '(() (command ("a"))
         (command (version 0) (arguments ("a")) (user #f)))))

(test-equal "a command is run, and its end recorded"
  '(((768 60 60) (768 120 120))
    ("Timer 't' spawned process 1." "Timer 't' spawned process 2.")
    ("Process 1 of timer 't' terminated with status 768 after 0 seconds."
     "Process 2 of timer 't' terminated with status 768 after 0 seconds."))
  (value-of
   (start! (timer-named 't every-minute (command '("short"))))
   (sleep-until 130)
   (list (past-runs) (logged "Timer") (logged "Process"))))

(test-equal "what is published while a command runs"
  `(((1 . ,(+ %start 60))) +inf.0 (command ("daemon" "x") #f ()))
  (value-of
   (start! (timer-named 't every-minute
                        (command '("daemon" "x")
                                 #:environment-variables '("SECRET=1"))))
   (sleep-until 70)
   (list (processes)
         (property 'remaining-occurrences)
         (match (property 'action)
           (('command ('version 0) ('arguments arguments) ('user user)
                      ('group #f) ('supplementary-groups ())
                      ;; Weak spot: the environment is nobody's business.
                      ('environment-variables variables)
                      ('directory _) ('resource-limits ()))
            (list 'command arguments user variables))))))

(test-equal "the event can be read back from what is published"
  #t
  (value-of
   (define event (calendar-event #:hours '(3) #:days-of-week '(friday)))
   (start! (timer-named 't event (command '("daemon"))))
   (fiber-sleep 1)
   (equal? event (sexp->calendar-event (property 'event)))))

(test-equal "runs may overlap"
  3
  (value-of
   (start! (timer-named 't every-minute (command '("daemon"))))
   (sleep-until 200)
   (length (living))))

(test-equal "wait-for-termination?: occurrences are skipped, not queued"
  '((1) (1) (2))
  (value-of
   (start! (timer-named 't every-minute (command '("daemon"))
                        #:wait-for-termination? #t))
   (sleep-until 70)
   (let ((first (living)))
     (sleep-until 190)
     (let ((second (living)))
       (end-process! (pid 1) 0)
       (sleep-until 250)
       (list first second (living))))))

(test-equal "max-duration: the termination signal, then the past run"
  '(() ((2 90 60))
    ("Terminating process 1 of timer 't' after maximum duration of 30 \
seconds."))
  (value-of
   (start! (timer-named 't every-minute (command '("nohup"))
                        #:occurrences 2
                        #:max-duration 30 #:termination-signal SIGTERM))
   (sleep-until 100)
   (list (living)
         (map (match-lambda ((status . rest) (cons 2 rest))) (past-runs))
         (logged "Terminating process"))))

(test-equal "max-duration: SIGKILL after the grace period"
  (list '() SIGKILL 95)
  (value-of
   (start! (timer-named 't every-minute (command '("stubborn"))
                        #:max-duration 30))
   (sleep-until 100)
   (match (past-runs)
     (((status end start))
      (list (living) status end)))))

(test-equal "max-duration does not count the time that the machine sleeps"
  '(1)
  (value-of
   (start! (timer-named 't (calendar-event #:hours '(8) #:minutes '(1))
                        (command '("daemon"))
                        #:max-duration 3600))
   (sleep-until 70)
   (suspend-machine! 7200)
   (fiber-sleep 60)
   (living)))

(test-equal "a program that is missing: one line, a past run, and on it goes"
  '(2 "Timer 't' failed to run its command: In procedure fork+exec-command: \
cannot run \"missing\": exec failed: No such file or directory"
    (exception system-error))
  (value-of
   (start! (timer-named 't every-minute (command '("missing"))))
   (sleep-until 130)
   (match (past-runs)
     ((((kind key . _) _ _) _)
      (list (length (logged "Timer 't' failed"))
            (car (logged "Timer"))
            (list kind key))))))

(test-equal "no such user: one line that names timer and user"
  '("Timer 't' failed to run its command: no such user: \"nobody-at-all\"")
  (value-of
   (start! (timer-named 't every-minute
                        (command '("daemon") #:user "nobody-at-all")))
   (sleep-until 70)
   (logged "Timer")))

(test-equal "the last 50 runs are kept"
  '(50 (768 3600 3600))
  (value-of
   (start! (timer-named 't every-minute (command '("short"))))
   (sleep-until 3610)
   (list (length (past-runs)) (last (past-runs)))))


;;; Occurrences.

(test-equal "after the last occurrence the service stops itself"
  '(stopped 2 ("Finished last occurrence of timer 't'."))
  (value-of
   (define count 0)
   (define timer (timer-named 't every-minute
                              (lambda () (set! count (+ 1 count)))
                              #:occurrences 2))
   (start! timer)
   (sleep-until 300)
   (list (service-status timer) count (logged "Finished"))))

(test-equal "the last run is waited for"
  '((running 0) stopped)
  (value-of
   (define timer (timer-named 't every-minute (command '("daemon"))
                              #:occurrences 1))
   (start! timer)
   (sleep-until 300)
   (let ((before (list (service-status timer)
                       (property 'remaining-occurrences))))
     (end-process! (pid 1) 0)
     (sleep-until 310)
     (list before (service-status timer)))))

(test-equal "a transient one is unregistered then"
  #f
  (value-of
   (start! (timer-named 't every-minute (const #t) #:occurrences 1
                        #:transient? #t))
   (sleep-until 100)
   (lookup-service 't)))

(test-equal "it can be started again, from the beginning"
  '(1 1 2)
  (value-of
   (define count 0)
   (define timer (timer-named 't every-minute
                              (lambda () (set! count (+ 1 count)))
                              #:occurrences 1))
   (start! timer)
   (sleep-until 100)
   (start-service timer)
   (let ((before count)
         (left (property 'remaining-occurrences)))
     (sleep-until 200)
     (list before left count))))

(test-equal "an event that never occurs fails the start and says so"
  '(#f ("No matching event for timer 't': "
        "This indicates that the calendar event is overly constrained."))
  (match (outcome
          (start! (timer-named 't (calendar-event #:months '(2)
                                                  #:days-of-month '(30))
                               (const #t))))
    ((value (first second . _))
     (list value (list (string-take first 33) second)))))


;;; Stopping.

(test-equal "stopping terminates all that runs"
  '(() stopped ("Terminating timer 't' with 2 processes running."))
  (value-of
   (define timer (timer-named 't every-minute (command '("daemon"))))
   (start! timer)
   (sleep-until 130)
   (stop-service timer)
   (list (living) (service-status timer)
         (logged "Terminating timer"))))

(test-equal "one process is one process; a stubborn one takes longer"
  '(() ("Terminating timer 't' with 1 process running.") 5)
  (value-of
   (define timer (timer-named 't every-minute (command '("stubborn"))))
   (start! timer)
   (sleep-until 70)
   (let ((before (wall-seconds)))
     (stop-service timer)
     (list (living) (logged "Terminating timer")
           (- (wall-seconds) before)))))

(test-equal "nothing occurs any more once it is stopped"
  '(1 1)
  (value-of
   (define count 0)
   (define timer (timer-named 't every-minute
                              (lambda () (set! count (+ 1 count)))))
   (start! timer)
   (sleep-until 70)
   (stop-service timer)
   (let ((before count))
     (sleep-until 300)
     (list before count))))

(test-equal "not even if its stop method does not say so"
  '(1 1)
  (value-of
   (define count 0)
   (define timer (timer-named 't every-minute
                              (lambda () (set! count (+ 1 count)))
                              #:stop (const #f)))
   (start! timer)
   (sleep-until 70)
   (stop-service timer)
   (let ((before count))
     (sleep-until 300)
     (list before count))))

(test-equal "a procedure that does not return holds a stop up only so long"
  '(stopped 5)
  (value-of
   (define timer (timer-named 't every-minute
                              (lambda () (fiber-sleep 100000))))
   (start! timer)
   (sleep-until 70)
   (let ((before (wall-seconds)))
     (stop-service timer)
     (list (service-status timer) (- (wall-seconds) before)))))


;;; Trigger.

(test-equal "trigger acts at once, and counts"
  '((("Triggering timer.") (0 60)) stopped)
  (match (outcome
          (define times '())
          (define timer
            (timer-named 't every-minute
                         (lambda ()
                           (set! times (cons (- (wall-seconds) %start)
                                             times)))
                         #:occurrences 2))
          (start! timer)
          (perform-service-action timer 'trigger)
          (sleep-until 200)
          (list (reverse times) (service-status timer)))
    (((times status) messages)
     (list (list (filter (lambda (message)
                           (string-prefix? "Trigger" message))
                         messages)
                 times)
           status))))

(test-equal "trigger of a timer that is not running"
  '(#t ("Attempted to trigger a timer that is not running; doing nothing."))
  (outcome
   (define timer (timer-named 't every-minute (const #t)))
   (register-services (list timer))
   (perform-service-action timer 'trigger)))

(test-equal "trigger respects wait-for-termination?"
  '((1) ("Timer 't' is still running; skipping an occurrence."))
  (value-of
   (define timer (timer-named 't (calendar-event #:hours '(3))
                              (command '("daemon"))
                              #:wait-for-termination? #t))
   (start! timer)
   (trigger-timer (service-running-value timer))
   (trigger-timer (service-running-value timer))
   (fiber-sleep 1)
   (list (living) (logged "Timer 't' is still"))))


;;; The clock on the wall.

(define-syntax-rule (occurrences-with (name timer) expression ...)
  ;; When an every-hour timer acted, in seconds since the start, given what
  ;; happens to the clock.
  (value-of
   (define name '())
   (start! (timer-named 't timer
                        (lambda ()
                          (set! name (cons (- (wall-seconds) %start)
                                           name)))))
   expression ...
   (reverse name)))

(define every-hour (calendar-event #:minutes '(0)))

(test-equal "the clock is set forward, over no occurrence: at the time it shows"
  '(3600)
  (occurrences-with (times every-hour)
    (sleep-until 60)
    (set-wall-clock! (+ %start 3000))
    (fiber-sleep 700)))

(test-equal "the clock is set back: at the time it shows"
  '(-3600 0)
  (occurrences-with (times every-hour)
    (sleep-until 60)
    (set-wall-clock! (- %start 7000))
    (fiber-sleep 7100)))

(test-equal "the clock is set far forward: what is long over is skipped"
  '((86400) ("Waiting anew for timer 't' (resuming from sleep state?)."))
  (list
   (occurrences-with (times every-hour)
     (sleep-until 60)
     (set-wall-clock! (+ %start 86400 -1800))
     (fiber-sleep 1900))
   (logged "Waiting anew")))

(test-equal "from 1970 to now, as on machines without a clock of their own"
  (list (- 1800003600 %start))
  (occurrences-with (times every-hour)
    (set-wall-clock! 100)
    (fiber-sleep 100)
    (set-wall-clock! 1800000100)
    (fiber-sleep 3600)))

(test-equal "a little late is in time"
  '(3605)
  (occurrences-with (times every-hour)
    (sleep-until 3000)
    (set-wall-clock! (+ %start 3605))
    (fiber-sleep 100)))

(test-equal "a correction by a second does not repeat an occurrence"
  '(3600 7200)
  (occurrences-with (times every-hour)
    (sleep-until 3600)
    (set-wall-clock! (+ %start 3599))
    (fiber-sleep 3700)))

(test-equal "after a night asleep the timer waits anew"
  '(7200)
  (occurrences-with (times (calendar-event #:hours '(9 10) #:minutes '(0)))
    (sleep-until 60)
    (suspend-machine! 5000)             ;9:00 was meanwhile
    (fiber-sleep 3000)))

(test-equal "a far-away event: the kernel's timer is set once, nothing wakes"
  2
  (value-of
   (start! (timer-named 't (calendar-event #:months '(12)
                                           #:days-of-month '(24)
                                           #:hours '(18) #:minutes '(0))
                        (const #t)))
   (sleep-until 10)
   (let ((before (alarm-settings)))
     (sleep-until (* 300 86400))
     (+ (- (alarm-settings) before) 2))))

(test-equal "a hundred timers share one alarm"
  100
  (value-of
   (define count 0)
   (for-each (lambda (n)
               (start! (timer-named (string->symbol
                                     (string-append "t" (number->string n)))
                                    (calendar-event #:minutes
                                                    (list (modulo n 60)))
                                    (lambda () (set! count (+ 1 count))))))
             (iota 100))
   (sleep-until 3600)
   count))


;;; Bad input.

(define-syntax-rule (test-bad name expected expression)
  (test-equal name
    expected
    (value-of
     (error-of (lambda () expression)))))

(define (wrong argument value)
  (list 'wrong-type-arg
        (simple-format #f "Wrong type for argument '~a': ~s" argument value)))

(test-bad "the event is not an event" (wrong 'event 'noon)
          (make-timer-constructor 'noon (const #t)))
(test-bad "the action is neither command nor procedure" (wrong 'action "x")
          (make-timer-constructor every-minute "x"))
(test-bad "no occurrences" (wrong 'occurrences 0)
          (make-timer-constructor every-minute (const #t) #:occurrences 0))
(test-bad "half an occurrence" (wrong 'occurrences 1.5)
          (make-timer-constructor every-minute (const #t) #:occurrences 1.5))
(test-bad "a duration below 0" (wrong 'max-duration -1)
          (make-timer-constructor every-minute (const #t) #:max-duration -1))
(test-bad "a log file that is no name" (wrong 'log-file 'x)
          (make-timer-constructor every-minute (const #t) #:log-file 'x))
(test-bad "a command that is a string" (wrong 'arguments "ls")
          (command "ls"))
(test-bad "an empty command" (wrong 'arguments '())
          (command '()))

(test-equal "no descriptor is left for the clock: the start fails and says so"
  '(system-error "timerfd_create: Too many open files")
  (value-of
   (install-host! 'host-open-alarm
                  (lambda ()
                    (scm-error 'system-error "timerfd_create" "~A: ~A"
                               (list "timerfd_create" (strerror EMFILE))
                               (list EMFILE))))
   (catch #t
     (lambda ()
       (start! (timer-named 't every-minute (const #t))))
     (lambda (key condition)
       (match (cons (action-runtime-error-key condition)
                    (action-runtime-error-arguments condition))
         ((key _ format arguments . _)
          (list key (apply simple-format #f format arguments))))))))

(test-equal "no such time zone: said at the start, by the name of the timer"
  '("Timer 't': there is no time zone \"Europe/Berlyn\" (variable TZ); going \
by UTC.")
  (dynamic-wind
    (lambda () (setenv "TZ" "Europe/Berlyn"))
    (lambda ()
      (filter (lambda (message) (string-prefix? "Timer" message))
              (cadr (outcome
                     (start! (timer-named 't every-minute (const #t)))))))
    (lambda () (setenv "TZ" "UTC"))))


;;; The timer service.

(define-syntax-rule (scheduling argument ...)
  (begin
    (register-services (list (timer-service)))
    (perform-service-action (lookup-service 'timer) 'schedule
                            argument ...)))

(test-equal "schedule makes a transient timer that runs once"
  '(alarm (running running) #t (timer) () #f)
  (value-of
   (let* ((name (scheduling "at" "08:30" "daemon" "x" #:name 'alarm))
          (service (lookup-service name))
          (statuses (map (compose service-status lookup-service)
                         '(timer alarm)))
          (before (living)))
     (sleep-until 1810)
     (let ((now (living)))
       (for-each (lambda (n) (end-process! (pid n) 0)) now)
       (sleep-until 1820)
       (list name statuses (= 1 (length now)) (service-requirement service)
             before (lookup-service 'alarm))))))

(test-equal "a time of day that is over is tomorrow's"
  (- (* 23 3600) 60)
  (value-of
   (define spawned #f)
   (scheduling "at" "07:00" "daemon" #:name 'alarm)
   (sleep-until (- (* 23 3600) 60))
   (let loop ()
     (if (null? (living))
         (begin (fiber-sleep 30) (loop))
         (- (wall-seconds) %start 60)))))

(test-equal "names are made up"
  #t
  (value-of
   (let ((first (scheduling "at" "07:00" "daemon"))
         (second (scheduling "at" "07:00" "daemon")))
     (and (symbol? first) (symbol? second) (not (eq? first second))))))

(test-equal "stopping the service stops and forgets its timers"
  '(#f stopped)
  (value-of
   (scheduling "at" "07:00" "daemon" #:name 'alarm)
   (stop-service (lookup-service 'timer))
   (list (lookup-service 'alarm)
         (service-status (lookup-service 'timer)))))

(define (schedule-error . arguments)
  (value-of
   (catch #t
     (lambda () (apply scheduling* arguments))
     (lambda (key condition)
       (match (cons (action-runtime-error-key condition)
                    (action-runtime-error-arguments condition))
         ((key _ format (arguments ...) . _)
          (list key (apply simple-format #f format arguments))))))))

(define (scheduling* . arguments)
  (register-services (list (timer-service)))
  (apply perform-service-action (lookup-service 'timer) 'schedule arguments))

(test-equal "a specification without time"
  '(wrong-type-arg "Timer spec lacks 'at TIME'.")
  (schedule-error "sleep" "10"))
(test-equal "a specification without command"
  '(wrong-type-arg "Timer spec lacks a command to run.")
  (schedule-error "at" "12:00"))
(for-each
 (lambda (time)
   (test-equal (string-append "no time of day: " time)
     (list 'wrong-type-arg
           (string-append time ": invalid calendar time specification"))
     (schedule-error "at" time "true")))
 '("25:00" "12:60" "12" "12:00:60" "12:00:00:00" "-1:00" "1e1:00" "" ":"
   "012:00" "noon"))

;; Weak spot: a name in use made a second, unregistered service.
(test-equal "a name that is in use is refused"
  '(misc-error "timer: there is a service of that name already")
  (schedule-error "at" "12:00" "daemon" #:name 'timer))

(test-equal "no such user"
  '(misc-error "no such user: \"nobody-at-all\"")
  (schedule-error "at" "12:00" "daemon" #:user "nobody-at-all"))

;; Weak spot: what could not be started remained registered.
(test-equal "what cannot be started is forgotten"
  '(refused #f)
  (value-of
   (install-host! 'host-open-alarm (lambda () (throw 'oops)))
   (let ((result (catch #t
                   (lambda ()
                     (scheduling "at" "12:00" "daemon" #:name 'alarm))
                   (const 'refused))))
     (list result (lookup-service 'alarm)))))

(test-equal "the last time given counts"
  '((7) (8) (30) ("x" "at" "y"))
  (let-values (((event command)
                (timer-arguments->calendar-event+command
                 '("at" "12:00" "at" "07:08:30" "x" "at" "y"))))
    (list (calendar-event-hours event) (calendar-event-minutes event)
          (calendar-event-seconds event) command)))

;; Weak spot: HOME= came after one that was there already, and the directory
;; was not the user's.
(test-equal "a user's timer runs in that user's home, with that HOME"
  (let ((root (getpwuid (getuid))))
    (list "A=b" (string-append "HOME=" (passwd:dir root))
          (passwd:dir root)))
  (value-of
   (parameterize ((default-environment-variables '("HOME=/nowhere")))
     (scheduling "at" "07:00" "daemon" #:name 'alarm
                 #:extra-environment-variables '("A=b")
                 #:user (passwd:name (getpwuid (getuid)))))
   (match (assq-ref (timer->datum (service-running-value
                                   (lookup-service 'alarm)))
                    'action)
     ((('command properties ...))
      (match (map (lambda (name) (car (assq-ref properties name)))
                  '(environment-variables directory))
        (((first second . _) directory)
         (list first second directory)))))))


;;; A successor of this process.

(define (read-back datum)
  (call-with-input-string (object->string datum) read))

(define (resuming datum action)
  "A service that goes on with DATUM, as a configuration that was read again
makes it."
  (define (start)
    (datum->timer datum (current-service)))

  (set-procedure-property! start 'timer-action action)
  (service '(t) #:start start #:stop (make-timer-destructor)))

(test-equal "a timer is taken up again from its datum, with its processes"
  `(((2 . ,(+ %start 65))) 4
    ((0 125 65) (768 120 120) (768 60 60))
    3 (0 125 65) () stopped)
  (value-of
   (start! (timer-named 't every-minute (command '("short")) #:occurrences 5))
   (sleep-until 65)
   (let* ((datum (read-back
                  (timer->datum (service-running-value
                                 (lookup-service 't)))))
          ;; As if another process of it were running.
          (main (call-with-values
                    (lambda () (start-command '("daemon")))
                  (lambda (pid channel) pid)))
          (datum (map (match-lambda
                        (('runs _)
                         `(runs ((,main ,(wall-seconds)
                                        ,(scheduler-time)))))
                        (other other))
                      datum)))
     (stop-service (lookup-service 't))
     (let ((service (resuming datum #f)))
       (start! service)
       (sleep-until 70)
       (let ((processes (processes))
             (left (property 'remaining-occurrences)))
         (sleep-until 125)
         (end-process! main 0)
         (fiber-sleep 1)
         (let ((runs (reverse (past-runs)))
               (left-then (property 'remaining-occurrences)))
           (stop-service service)
           (list processes left runs left-then (car runs) (living)
                 (service-status service))))))))

(test-equal "the procedure is that of the new service; a call was interrupted"
  '((new old) ((success 60 60) ((exception interrupted) 130 120)
               (success 180 180)))
  (value-of
   (define calls '())
   (define (note name)
     (lambda ()
       (set! calls (cons name calls))
       (when (= (wall-seconds) (+ %start 120))
         (fiber-sleep 1000))))
   (define old (timer-named 't every-minute (note 'old)))
   (start! old)
   (sleep-until 125)
   (let ((datum (read-back (timer->datum (service-running-value old)))))
     (stop-service old)
     (set! calls '(old))
     (start! (resuming datum (note 'new)))
     (sleep-until 190)
     (list calls (past-runs)))))

(test-equal "an occurrence that came meanwhile is made up for at once"
  '(180 121)
  (value-of
   (define calls '())
   (define (note)
     (set! calls (cons (- (wall-seconds) %start) calls)))
   (define old (timer-named 't every-minute note))
   (start! old)
   (sleep-until 100)
   (let ((datum (read-back (timer->datum (service-running-value old)))))
     (stop-service old)
     (set! calls '())
     (sleep-until 120.6)
     (start! (resuming datum note))
     (sleep-until 185)
     calls)))

(test-equal "unless that was long ago"
  '(240)
  (value-of
   (define calls '())
   (define (note)
     (set! calls (cons (- (wall-seconds) %start) calls)))
   (define old (timer-named 't every-minute note))
   (start! old)
   (sleep-until 70)
   (let ((datum (read-back (timer->datum (service-running-value old)))))
     (stop-service old)
     (set! calls '())
     (sleep-until 200)
     (start! (resuming datum note))
     (sleep-until 250)
     calls)))

(test-equal "a process that was started too late to be told of is adopted"
  `(((1 . ,(+ %start 65))) ((9 75 65)))
  (value-of
   (define old (timer-named 't every-minute (command '("daemon"))))
   (start! old)
   (let ((datum (read-back (timer->datum (service-running-value old)))))
     (stop-service old)
     (sleep-until 65)
     (let ((main (call-with-values
                     (lambda () (start-command '("daemon")))
                   (lambda (pid channel) pid)))
           (then (wall-seconds)))
       (sleep-until 70)
       (set-inherited-processes!
        (const (list (cons main (* then 1000000000)))))
       (start! (resuming datum #f))
       (set-inherited-processes! (const '()))
       (fiber-sleep 0.1)
       (let ((processes (processes)))
         (sleep-until 75)
         (end-process! main 9)
         (fiber-sleep 1)
         (list processes (past-runs)))))))

(test-equal "without that procedure there is an error that names the service"
  '(misc-error "service t: the action of its timer is not known any more; \
restart it")
  (value-of
   (start! (timer-named 't every-minute (const #t)))
   (let ((datum (timer->datum (service-running-value (lookup-service 't)))))
     (error-of (lambda ()
                 (datum->timer datum (service '(t))))))))

(test-end "timer")
