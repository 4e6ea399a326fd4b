;;; (tests fake-host) -- a core for tests: virtual time, pretended processes.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A pretended process lives until it is signalled.  What it is, is said by
;;; its program: "missing" cannot be executed, "stuck" never gets to that,
;;; "short" ends at once with exit code 3, "stubborn" heeds SIGKILL alone.

(define-module (tests fake-host)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd comm)
  #:use-module (shepherd host)
  #:use-module (shepherd process)
  #:use-module ((shepherd publication) #:select (dismiss-service!))
  #:use-module ((shepherd registry) #:select (for-each-service))
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:export (run-with-fake-host
            outcome
            value-of
            virtual-seconds
            wall-seconds
            set-wall-clock!
            suspend-machine!
            alarm-settings
            living-processes
            newest-process
            newest-request
            end-process!
            published
            log-lines
            shutdown-request))

(define time 1000000000000)             ;ns
(define ahead 0)                        ;ns by which the wall clock is ahead
(define alarm #f)                       ;ns of the wall clock
(define alarm-reason #f)                ;why the alarm is readable
(define alarms-set 0)
(define %alarm-descriptor 1000)
(define events '())                     ;latest first
(define processes '())                  ;alist: PID -> program
(define last-pid 100)
(define last-request #f)
(define publications '())               ;alist: name -> (HEAD TAIL)
(define lines '())                      ;latest first
(define shutdown #f)

(define (post! event)
  (set! events (cons event events)))

(define (virtual-seconds)
  "Return the virtual time since the start, in seconds."
  (/ (- time 1000000000000) 1e9))

(define (wall-time)
  (+ time ahead))

(define (wall-seconds)
  "Return what the wall clock shows."
  (quotient (wall-time) 1000000000))

(define (set-wall-clock! seconds)
  "Let somebody set the wall clock."
  (set! ahead (- (* seconds 1000000000) time))
  (when alarm
    (ring-alarm! 'clock-set)))

(define (suspend-machine! seconds)
  "Let the machine sleep: only the wall clock goes on."
  (set-wall-clock! (+ seconds (wall-seconds))))

(define (alarm-settings)
  "Return how often the kernel's timer was set."
  alarms-set)

(define (ring-alarm! reason)
  (set! alarm #f)
  (set! alarm-reason reason)
  (post! `(readable ,%alarm-descriptor)))

(define (set-alarm descriptor time)
  (set! alarm time)
  (set! alarms-set (+ 1 alarms-set))
  (when (and time (<= time (wall-time)))
    (ring-alarm! 'due))
  #t)

(define (read-alarm descriptor)
  (let ((reason alarm-reason))
    (set! alarm-reason #f)
    reason))

(define (living-processes)
  "Return the PIDs of the processes that live."
  (map car processes))

(define (newest-process)
  "Return the PID given last; the next one follows it."
  last-pid)

(define (newest-request)
  "Return what was asked for last: (COMMAND ENVIRONMENT OPTIONS)."
  last-request)

(define (end-process! pid status)
  "Let process PID end with wait STATUS."
  (set! processes (alist-delete pid processes))
  (post! `(exited ,pid ,status)))

(define (spawn id command environment options)
  (set! last-request (list command environment options))
  (match command
    (("missing" . _)
     (post! `(spawn-failed ,id exec ,ENOENT)))
    (("stuck" . _)
     #t)
    ((program . _)
     (set! last-pid (+ 1 last-pid))
     (let ((pid last-pid))
       (set! processes (acons pid program processes))
       (post! `(spawned ,id ,pid))
       (when (string=? program "short")
         (end-process! pid (ash 3 8)))))))

(define (signal id pid signal patient?)
  (match (assv (abs pid) processes)
    (#f (post! `(killed ,id ,ESRCH)))
    ((pid . program)
     (post! `(killed ,id 0))
     (when (or (= signal SIGKILL)
               (and (= signal SIGTERM) (not (string=? program "stubborn"))))
       (end-process! pid signal)))))

(define (published name)
  "Return what is published for service NAME, or #f."
  (assq-ref publications name))

(define (log-lines)
  "Return the lines logged so far."
  (reverse lines))

(define (shutdown-request)
  "Return how the core was asked to shut down, or #f."
  shutdown)

(define (install!)
  (for-each install-host!
            '(host-now host-time host-spawn! host-kill! host-watch-process!
              host-publish! host-unpublish! host-log! host-query-log!
              host-detach-log! host-shutdown-begins! host-shutdown!
              host-process-group host-group-members
              host-open-alarm host-set-alarm! host-read-alarm)
            (list (lambda () time)
                  wall-time
                  spawn
                  signal
                  (lambda (pid)
                    (unless (assv pid processes)
                      (post! `(exited ,pid 0))))
                  (lambda (flags ring names head tail saved)
                    (set! publications
                          (acons (car names) (list head tail)
                                 (alist-delete (car names) publications))))
                  (lambda (name)
                    (set! publications (alist-delete name publications)))
                  (lambda (text stdout?)
                    (set! lines (cons text lines)))
                  (lambda (id ring)
                    (post! `(log-history ,id ())))
                  (const #t)
                  (const #t)
                  (lambda (how)
                    (set! shutdown how))
                  identity              ;each process leads its group
                  (const '())
                  (const %alarm-descriptor)
                  set-alarm
                  read-alarm)))

(define (dispatch event)
  (match event
    (('spawned id pid) (process-spawned! id pid))
    (('spawn-failed id step errno)
     (answer-from-host! id `(failed ,id ,step ,errno)))
    (('exited pid status) (process-exited! pid status))
    ((_ id answer) (answer-from-host! id answer))))

(define (wait-for-event nanoseconds)
  "Return the events so far; with none, let NANOSECONDS pass at once."
  (match events
    (()
     (let ((alarm-in (and alarm (max 0 (- alarm (wall-time))))))
       (when (and (= nanoseconds -1) (not alarm-in))
         (error "deadlock: nothing will ever happen"))
       (if (and alarm-in (or (= nanoseconds -1) (<= alarm-in nanoseconds)))
           (begin
             (set! time (+ time alarm-in))
             (ring-alarm! 'due))
           (set! time (+ time nanoseconds)))
       '()))
    (_
     (let ((now (reverse events)))
       (set! events '())
       now))))

(define (run-with-fake-host thunk)
  "Run THUNK in a fiber over the fake core, from a clean slate, and return its
value and the messages for the client, in two values."
  (set! events '())
  (set! processes '())
  (set! publications '())
  (set! lines '())
  (set! shutdown #f)
  (set! time 1000000000000)
  (set! ahead 0)
  (set! alarm #f)
  (set! alarm-reason #f)
  (set! alarms-set 0)
  (install!)
  (let ((collector (make-client-collector)))
    (run-scheduler
     (lambda ()
       (parameterize ((log-output-port (%make-void-port "w"))
                      (%current-client-socket collector)
                      (%current-service-output-port
                       (make-shepherd-output-port))
                      (current-output-port (make-shepherd-output-port)))
         ;; Those of the test before, whose processes are gone.
         (for-each-service dismiss-service!)
         (let ((value (catch #t thunk
                        (lambda (key . arguments)
                          (cons key arguments)))))
           (stop-scheduler! value (collector-lines collector)))))
     #:wait wait-for-event
     #:now (lambda () time)
     #:watch-fd (const #t)
     #:forget-fd (const #t)
     #:dispatch dispatch)))

(define-syntax-rule (outcome expression ...)
  ;; The value of the last EXPRESSION and the client's messages, as a list.
  (let-values (((value messages)
                (run-with-fake-host
                 (lambda ()
                   expression ...))))
    (list value messages)))

(define-syntax-rule (value-of expression ...)
  (car (outcome expression ...)))
