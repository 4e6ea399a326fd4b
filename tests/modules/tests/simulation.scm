;;; (tests simulation) -- lives of a daemon, drawn from seeds.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The scheduler, controllers, registry and commands are the real ones; the
;;; core, the processes and the clock are those of (tests simulation world).
;;; Which fiber runs next is up to chance as well, and where it loses control,
;;; so every order in which things can happen does, in the end.
;;;
;;; In a crash the interpreter is gone between two resumptions of fibers, and
;;; another takes up, over the same core, what was published; clients that
;;; wait are told.  Its configuration has what was registered.
;;;
;;; A life has three parts: a storm, where the steps of the script are taken;
;;; calm, where processes that live go on living and nothing is asked for,
;;; until nothing is left to happen; and a shutdown.

(define-module (tests simulation)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (shepherd boot)
  #:use-module (shepherd comm)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd lasting)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd publication)
  #:use-module (shepherd registry)
  #:use-module (shepherd resume)
  #:use-module (shepherd root)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module ((shepherd service)
                #:select (register-services
                          unregister-services
                          start-service
                          stop-service
                          start-in-the-background))
  #:use-module (shepherd transitions)
  #:use-module (tests simulation chance)
  #:use-module (tests simulation judge)
  #:use-module (tests simulation population)
  #:use-module (tests simulation preemption)
  #:use-module (tests simulation script)
  #:use-module ((tests simulation world)
                #:select (make-world
                          world-time
                          world-processes
                          install-world!
                          wait-in-world
                          time-in-world
                          calm-world!
                          at!
                          tell!
                          deliver!
                          end-process!
                          crash-world!
                          world-inheritance
                          world-shutdown
                          process-alive?))
  #:export (simulate
            shrink))


;;;
;;; The daemon, from nothing.
;;;

(define (table-clear! table)
  (for-each (lambda (key)
              (table-remove! table key))
            (table-fold (lambda (key value keys)
                          (cons key keys))
                        '() table)))

;; A successor after a crash begins here, too, and then reads what was
;; published.
(define (forget-everything!)
  "Let the modules of the daemon be as they are when it starts."
  (for-each table-clear!
            (list (@@ (shepherd registry) names)
                  (@@ (shepherd process) children)))
  (for-each hash-clear!
            (list (@@ (shepherd requests) pending)
                  (@@ (shepherd commands) answering)
                  (@@ (shepherd bequests) bequests)
                  (@@ (shepherd successor) progress)
                  (@@ (shepherd resume) records)
                  (@@ (shepherd process) spawning)))
  (set! (@@ (shepherd registry) services) '())
  (set! (@@ (shepherd registry) %registrations) 0)
  (set! (@@ (shepherd bequests) expected) '())
  (set! (@@ (shepherd requests) %last-id) 0)
  (set! (@@ (shepherd log-source) %last-ring) 1)
  (set! held #f)
  (set! (@@ (shepherd boot) held) #f)
  (set! (@@ (shepherd resume) taken) '())
  (set! (@@ (shepherd resume) processes) '())
  (set! (@@ (shepherd resume) differences) '())
  (set-adoption! #f #f)
  (set-memory! '((shutdown . exit)))
  (set-service-state! root-service initial-state)
  (set-service-mailbox! root-service #f)
  (set-service-registration! root-service #f))

;; What is asked for while a successor takes up what was left, latest first; #f
;; at other times.
(define held #f)

(define (hand-on-held-events)
  (let ((events (reverse held)))
    (set! held #f)
    (for-each dispatch events)))

(define (dispatch event)
  (match event
    ((and ((or 'do 'command) . _) (? (const held)))
     (set! held (cons event held)))
    (('now thunk)
     (thunk))
    (('do thunk)
     (spawn-fiber thunk #:name "step"))
    (_
     ((@@ (shepherd boot) dispatch) event))))


;;;
;;; Steps.
;;;

(define (command-text action name arguments)
  (object->string
   `(shepherd-command (version 0) (action ,action) (service ,name)
                      (arguments ,arguments) (directory "/"))))

(define (registered name)
  (or (lookup-service name)
      (throw 'no-such-service name)))

(define (act what enlist)
  "Return the thunk that does WHAT in a fiber, ENLIST making plans services."
  (match what
    (('register . plans)
     (lambda ()
       (register-services (map enlist plans))))
    (('register-again name)
     (lambda ()
       (register-services (list (registered name)))))
    (('unregister . names)
     (lambda ()
       (unregister-services (map registered names))))
    (('background . names)
     (lambda ()
       (start-in-the-background names)))
    (('start name)
     (lambda ()
       (start-service (registered name))))
    (('stop name)
     (lambda ()
       (stop-service (registered name))))))

(define (take-step! world judge observe enlist crash! number what)
  "Do WHAT, step NUMBER, in WORLD."
  (observe 'step number what)
  (match what
    (('crash resumptions)
     (crash! resumptions))
    (('kill n)
     (match (filter process-alive? (world-processes world))
       (() #f)
       (processes
        (end-process! world
                      (list-ref processes (modulo n (length processes)))
                      SIGKILL))))
    (('command action name . arguments)
     (judge-command! judge number what)
     (tell! world `(command ,number 0
                            ,(command-text action name arguments))))
    (_
     (let ((thunk (act what enlist)))
       (judge-command! judge number what)
       (tell! world
              `(do ,(lambda ()
                      (let ((value (catch #t thunk list)))
                        (observe 'reply number value)))))))))


;;;
;;; A life.
;;;

(define %most-resumptions 200000)

(define %calm-after (milliseconds 10000))

(define (make-pick chance runaway count-down!)
  "Return what chooses the next fiber of several, calling COUNT-DOWN! each time."
  (define most (one-of chance '(1 4 20))) ;how often it is not the first
  (define count 0)

  (lambda (n)
    (set! count (+ 1 count))
    (when (> count %most-resumptions)
      (runaway count))
    (count-down!)
    (if (zero? (below chance most))
        (below chance n)
        0)))

(define (make-idle judge stop-root!)
  "Return the procedure that is called when nothing is left to happen: it goes
on to the next part of the life."
  (define stopped? #f)

  (lambda ()
    (cond ((or stopped? (eq? 'stopping (service-status root-service)))
           (judge! judge 'over)
           (stop-scheduler! 'over))
          (else
           (set! stopped? #t)
           (judge! judge 'rest)
           (stop-root!)))))

(define* (simulate seed #:key (skip '()) (trace #f))
  "Lead the life of SEED, without the steps whose numbers are in SKIP; return the
violations, oldest first.  TRACE, if given, is called with the time in seconds
and each observation."
  (define script
    (remove (match-lambda
              ((number . _) (memv number skip)))
            (make-script seed)))

  (define judge (make-judge))
  (define chance (make-chance seed 'world))
  (define profiles (make-hash-table))
  (define world #f)

  (define observe
    (undisturbed
     (lambda what
       (when trace
         (trace (/ (world-time world) 1e9) what))
       (apply judge! judge what))))

  (define enlist
    (undisturbed
     (lambda (plan)
       (let ((service (plan->service plan profiles
                                     (lambda (plan)
                                       (observe 'start (plan-name plan))))))
         (judge-service! judge service plan)
         service))))

  ;; Resumptions until a crash, or #f.
  (define left #f)

  (define (crash!)
    (set! left #f)
    (unless (world-shutdown world)
      (stop-scheduler! 'crash)))

  (define (crash-soon! resumptions)
    (set! left resumptions)
    (at! world %longest-agony
         (lambda ()
           (deliver! world `(now ,(lambda ()
                                    (when left
                                      (crash!))))))))

  (define (count-down!)
    (when left
      (if (zero? left)
          (crash!)
          (set! left (- left 1)))))

  (define (step! number what)
    (take-step! world judge observe enlist crash-soon! number what))

  (define (start)
    ((@@ (shepherd boot) start-root) '())
    (for-each (match-lambda
                ((number time . what)
                 (at! world time
                      (lambda ()
                        (step! number what)))))
              script)
    (at! world (+ %calm-after (if (null? script) 0 (script-end script)))
         (lambda ()
           (observe 'calm)
           (calm-world! world))))

  (forget-everything!)
  (set! world
        (make-world chance
                    #:observe observe
                    #:idle (make-idle judge
                                      (lambda ()
                                        (step! 'end '(command stop root))))
                    #:profiles profiles))
  (set-judge-world! judge world)
  (install-world! world)
  (let* ((chance (make-chance seed 'preemption))
         (points (points-between-preemptions chance))
         (pick (make-pick (make-chance seed 'pick)
                          (lambda (count)
                            (observe 'runaway count)
                            (stop-scheduler! 'runaway))
                          count-down!)))
    ;; What the configuration has.
    (define plans '())

    (define (on-death fiber key arguments stack)
      (observe 'death (and fiber (fiber-name fiber)) key
               (exception->string key arguments)))

    (call-with-preemption
     chance points
     (lambda ()
       (let lead ((start start))
         (when (eq? 'crash (live start world pick on-death))
           (unless (judge-resuming? judge)
             (set! plans (registered-plans judge)))
           (lead (crash judge world observe enlist plans)))))))
  (reverse (judge-violations judge)))

;; So long a crash is put off while nothing happens.
(define %longest-agony (milliseconds 20))

(define (registered-plans judge)
  "Return the plans of the services that are registered, and after those, those of
what is to replace them."
  (let ((services (delq root-service (registered-services))))
    (filter-map (lambda (service)
                  (and service (judge-plan judge service)))
                (append services
                        (map (compose state-replacement service-state)
                             services)))))

(define (crash judge world observe enlist plans)
  "Let the daemon die; return the first fiber of its successor, whose configuration
has PLANS."
  (define (load . _)
    (for-each (lambda (plan)
                ;; Errors in a configuration do not end its being loaded.
                (catch #t
                  (lambda ()
                    (register-services (list (enlist plan))))
                  (const #f)))
              plans)
    (observe 'resumed)
    #t)

  (observe 'crash)
  (crash-world! world)
  (for-each (lambda (client)
              (observe 'reply client 'interrupted))
            (judge-crash! judge))
  (forget-everything!)
  (set! held '())
  (let ((inheritance (world-inheritance world)))
    (lambda ()
      (set! (@@ (shepherd root) load-configuration) load)
      (resume '() inheritance
              (lambda ()
                ((@@ (shepherd boot) start-root) '())))
      (hand-on-held-events))))

(define (points-between-preemptions chance)
  "Return after how many points a fiber is preempted in one life, on average; or
#f, never."
  (chance-case chance
    (6 #f)
    (1 2000)
    (1 200)
    (1 20)))

(define (live thunk world pick on-death)
  "Run the daemon in WORLD until its end, THUNK being its first fiber."
  (let* ((void (%make-void-port "w"))
         (port (make-shepherd-output-port void)))
    (parameterize ((log-output-port void)
                   (%current-service-output-port port)
                   (current-output-port port)
                   (fiber-error-handler on-death))
      (run-scheduler thunk
                     #:wait (lambda (ns) (wait-in-world world ns))
                     #:now (undisturbed (lambda () (time-in-world world)))
                     #:watch-fd (const #t)
                     #:forget-fd (const #t)
                     #:dispatch dispatch
                     #:name "root"
                     #:pick pick))))

(define (shrink seed violations)
  "Return the numbers of steps that SEED needs not to end in the first of
VIOLATIONS."
  (match violations
    (((invariant . _) . _)
     (let loop ((steps (reverse (map car (make-script seed))))
                (skip '()))
       (match steps
         (() skip)
         ((step . rest)
          (loop rest
                (let ((more (cons step skip)))
                  (if (assq invariant (simulate seed #:skip more))
                      more
                      skip)))))))))
