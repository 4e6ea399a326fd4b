;;; (tests fake-host) -- a core for tests: virtual time, pretended processes.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A pretended process lives until it is signalled.  What it is, is said by
;;; its program: "missing" cannot be executed, "short" ends at once with exit
;;; code 3, "stubborn" heeds SIGKILL alone.

(define-module (tests fake-host)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (shepherd comm)
  #:use-module (shepherd host)
  #:use-module (shepherd process)
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:export (run-with-fake-host
            virtual-seconds
            living-processes
            end-process!
            published
            log-lines
            shutdown-request))

(define time 1000000000000)             ;ns
(define events '())                     ;latest first
(define processes '())                  ;alist: PID -> program
(define last-pid 100)
(define publications '())               ;alist: name -> (HEAD TAIL)
(define lines '())                      ;latest first
(define shutdown #f)

(define (post! event)
  (set! events (cons event events)))

(define (virtual-seconds)
  "Return the virtual time since the start, in seconds."
  (/ (- time 1000000000000) 1e9))

(define (living-processes)
  "Return the PIDs of the processes that live."
  (map car processes))

(define (end-process! pid status)
  "Let process PID end with wait STATUS."
  (set! processes (alist-delete pid processes))
  (post! `(exited ,pid ,status)))

(define (spawn id command environment options)
  (match command
    (("missing" . _)
     (post! `(spawn-failed ,id exec ,ENOENT)))
    ((program . _)
     (set! last-pid (+ 1 last-pid))
     (let ((pid last-pid))
       (set! processes (acons pid program processes))
       (post! `(spawned ,id ,pid))
       (when (string=? program "short")
         (end-process! pid (ash 3 8)))))))

(define (signal id pid signal)
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
              host-process-group)
            (list (lambda () time)
                  (lambda () time)
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
                  identity)))           ;each process leads its group

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
     (when (= nanoseconds -1)
       (error "deadlock: nothing will ever happen"))
     (set! time (+ time nanoseconds))
     '())
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
  (install!)
  (let ((collector (make-client-collector)))
    (run-scheduler
     (lambda ()
       (parameterize ((log-output-port (%make-void-port "w"))
                      (%current-client-socket collector)
                      (%current-service-output-port
                       (make-shepherd-output-port))
                      (current-output-port (make-shepherd-output-port)))
         (let ((value (catch #t thunk
                        (lambda (key . arguments)
                          (cons key arguments)))))
           (stop-scheduler! value (collector-lines collector)))))
     #:wait wait-for-event
     #:now (lambda () time)
     #:watch-fd (const #t)
     #:forget-fd (const #t)
     #:dispatch dispatch)))
