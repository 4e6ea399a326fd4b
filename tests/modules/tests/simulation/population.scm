;;; (tests simulation population) -- services drawn from chance.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A plan says in plain data, which a trace shows, what a service is like; it
;;; is then made into a service.  A plan is *plain* when its service's process
;;; is started and ended by the ready-made methods, so that nothing excuses a
;;; process that is left over.

(define-module (tests simulation population)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (shepherd comm)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd service)
  #:use-module (tests simulation chance)
  #:use-module (tests simulation world)
  #:export (plan-service
            plan->service
            plan-name
            plan-plain?
            plan-properties
            %names))

(define %names '(a b c d e f))

(define %aliases '(x y))

(define (aliases chance)
  (if (odds? chance 1 8)
      (list (one-of chance %aliases))
      '()))

(define (requirements chance name)
  "Return what a service called NAME requires: mostly names before its own."
  (let ((before (take-while (lambda (other)
                              (not (eq? other name)))
                            %names)))
    (delete-duplicates
     (chance-case chance
       (6 '())
       (10 (if (null? before)
               '()
               (list (one-of chance before))))
       (6 (if (null? before)
              '()
              (list (one-of chance before) (one-of chance before))))
       (2 (list (one-of chance (append %aliases %names))))
       (1 (list 'missing))))))

(define (seconds chance)
  (chance-case chance
    (4 0)
    (2 (/ (below chance 100) 1000))
    (1 (/ (below chance 4000) 1000))))

(define (life chance)
  "Return how long a process lives in nanoseconds, or #f, for ever."
  (chance-case chance
    (8 #f)
    (2 0)
    (2 (below chance (milliseconds 20)))
    (4 (below chance (milliseconds 5000)))))

(define (on-term chance)
  (chance-case chance
    (6 0)
    (4 (below chance (milliseconds 30)))
    (2 (below chance (milliseconds 8000)))
    (2 #f)))

(define (program-plan chance)
  "Return what a process is like: (program FAILURE LIFE STATUS ON-TERM HELPER)."
  `(program ,(chance-case chance
               (12 #f)
               (1 (cons 'exec ENOENT)))
            ,(life chance)
            ,(one-of chance (list 0 256 768 9 11))
            ,(on-term chance)
            ,(chance-case chance
               (4 #f)
               (1 (list (below chance (milliseconds 2000))
                        (life chance)
                        (on-term chance))))))

(define (mortal plan)
  "Return PLAN of a process that is waited for: it ends by itself, by and by."
  (match plan
    (('program failure ('certain . _) . _)
     plan)
    (('program failure life . rest)
     `(program ,failure (certain . ,(or life 0)) ,@rest))))

(define (start-plan chance)
  (chance-case chance
    (20 (list 'fork (program-plan chance)))
    (6 (list 'slow-fork (seconds chance) (program-plan chance)))
    (4 (list 'pid (program-plan chance)))
    (6 (list 'work (seconds chance)))
    (2 (list 'fail (seconds chance)))
    (2 (list 'throw (seconds chance)))
    (2 (list 'fork-throw (program-plan chance)))
    (2 (list 'helper (program-plan chance)))
    (3 (list 'later (seconds chance) (program-plan chance)))
    (3 (list 'system (mortal (program-plan chance))))
    (1 (list 'values))
    (1 (list 'unprintable))))

(define (grace chance)
  (one-of chance '(1 1/2 2 4)))

;; A successor takes the process of a one-shot service that was starting for
;; what the start waits for.
(define (start-plan-of-kind kind chance)
  (if (eq? 'one-shot kind)
      (map (match-lambda
             ((and ('program . _) plan) (mortal plan))
             (other other))
           (start-plan chance))
      (start-plan chance)))

(define (stop-plan chance)
  (chance-case chance
    (20 (list 'kill (grace chance)))
    (3 (list 'slow-kill (seconds chance) (grace chance)))
    (2 (list 'nothing))
    (2 (list 'true))
    (2 (list 'throw (seconds chance)))
    (2 (list 'kill-throw (grace chance)))))

(define (plan-service chance id name)
  "Return the plan, number ID, of a service called NAME."
  (let ((kind (chance-case chance
                (10 'respawned)
                (6 'ordinary)
                (3 'one-shot)
                (3 'transient))))
    `(plan (id ,id)
           (names ,(cons name (aliases chance)))
           (requires ,(requirements chance name))
           (kind ,kind)
           ,@(one-of chance
                     '(((limit (5 . 7)) (delay 0))
                       ((limit (5 . 7)) (delay 1/10))
                       ((limit (2 . 3)) (delay 1/10))
                       ((limit (2 . 3)) (delay 1))
                       ((limit (1 . 1)) (delay 0))
                       ((limit (1 . 1)) (delay 3))
                       ((limit (0 . 1)) (delay 1))
                       ((limit (+inf.0 . 1)) (delay 1/10))))
           (handler ,(chance-case chance
                       (10 'default)
                       (1 'slow)
                       (1 'throw)
                       (1 'none)))
           (start ,(start-plan-of-kind kind chance))
           (stop ,(stop-plan chance)))))

(define (plan-properties plan)
  "Return the alist of PLAN's properties: name and one value each."
  (cdr plan))

(define (property plan name)
  (car (assq-ref (plan-properties plan) name)))

(define (plan-name plan)
  "Return the canonical name of PLAN's service."
  (car (property plan 'names)))

(define (plan-plain? plan)
  "Return true if PLAN's service owns one process and ends it."
  (and (not (eq? 'one-shot (property plan 'kind)))
       (memq (car (property plan 'start)) '(fork slow-fork pid))
       (memq (car (property plan 'stop)) '(kill slow-kill))
       #t))


;;;
;;; Programs.
;;;

(define (enter-program! profiles plan program)
  "Enter PROGRAM of PLAN in PROFILES; return the command that runs it."
  (match program
    (('program failure life status on-term helper)
     (let ((name (simple-format #f "~a~a" (plan-name plan)
                                (property plan 'id))))
       (hash-set! profiles name
                  (make-profile name plan failure life status on-term
                                (match helper
                                  (#f #f)
                                  ((delay life on-term)
                                   (cons delay
                                         (make-profile (string-append name "'")
                                                       plan #f life 0 on-term
                                                       #f))))))
       (list name)))))


;;;
;;; Methods.
;;;

;; A value that can neither be printed nor sent.
(define-record-type <unprintable>
  (make-unprintable)
  unprintable?)

(define (refuse . _)
  (error "cannot be shown"))

(set-record-type-printer! <unprintable> refuse)

(define-record-type-serializer (serialize-unprintable (object <unprintable>))
  (refuse))

(define (nap seconds)
  (unless (zero? seconds)
    (fiber-sleep seconds)))

(define (start-method plan profiles cancelled)
  "Return the start method of PLAN; it tells whoever holds the variable
CANCELLED whether it still is to start something."
  (define (command program)
    (enter-program! profiles plan program))

  (match (property plan 'start)
    (('fork program)
     (make-forkexec-constructor (command program)))
    (('slow-fork seconds program)
     (let ((start (make-forkexec-constructor (command program))))
       (lambda _
         (nap seconds)
         (start))))
    (('pid program)
     (let ((command (command program)))
       (lambda _
         (fork+exec-command command))))
    (('work seconds)
     (lambda _
       (nap seconds)
       'work))
    (('fail seconds)
     (lambda _
       (nap seconds)
       #f))
    (('throw seconds)
     (lambda _
       (nap seconds)
       (throw 'oops (plan-name plan))))
    (('fork-throw program)
     (let ((command (command program)))
       (lambda _
         (fork+exec-command command)
         (throw 'oops 'after-fork))))
    (('helper program)
     (let ((command (command program)))
       (lambda _
         (fork+exec-command command)
         #t)))
    (('later seconds program)
     (let ((command (command program)))
       (lambda _
         (lambda (set-value!)
           (variable-set! cancelled #f)
           (spawn-fiber (lambda ()
                          (fork-later command seconds set-value! cancelled)))
           'waiting))))
    (('system program)
     (make-system-constructor (car (command program))))
    (('values)
     (lambda _
       (values)))
    (('unprintable)
     (lambda _
       (make-unprintable)))))

(define (fork-later command seconds set-value! cancelled)
  (nap seconds)
  (unless (variable-ref cancelled)
    (catch 'system-error
      (lambda ()
        (set-value! (fork+exec-command command)))
      (const #f))))

(define (stop-method plan cancelled)
  (define (kill-method grace)
    (let ((kill (make-kill-destructor #:grace-period grace)))
      (lambda (value . _)
        (if (or (process? value) (integer? value))
            (kill value)
            #f))))

  (define method
    (match (property plan 'stop)
      (('kill grace)
       (kill-method grace))
      (('slow-kill seconds grace)
       (let ((kill (kill-method grace)))
         (lambda (value . _)
           (nap seconds)
           (kill value))))
      (('nothing)
       (const #f))
      (('true)
       (const #t))
      (('throw seconds)
       (lambda _
         (nap seconds)
         (throw 'oops 'stop)))
      (('kill-throw grace)
       (let ((kill (kill-method grace)))
         (lambda (value . _)
           (kill value)
           (throw 'oops 'after-kill))))))

  (lambda arguments
    (variable-set! cancelled #t)
    (apply method arguments)))

(define (handler-method plan)
  (match (property plan 'handler)
    ('default default-service-termination-handler)
    ('slow (lambda (service value status)
             (fiber-sleep 1/2)
             (respawn-service service)))
    ('throw (lambda _
              (throw 'oops 'handler)))
    ('none (const #t))))

(define (plan->service plan profiles on-start)
  "Return the service that PLAN describes, its programs entered in PROFILES.
ON-START is called with PLAN whenever its start method is."
  (let* ((cancelled (make-variable #f))
         (start (start-method plan profiles cancelled)))
    (service (property plan 'names)
      #:requirement (property plan 'requires)
      #:one-shot? (eq? 'one-shot (property plan 'kind))
      #:transient? (eq? 'transient (property plan 'kind))
      #:respawn? (eq? 'respawned (property plan 'kind))
      #:respawn-limit (property plan 'limit)
      #:respawn-delay (property plan 'delay)
      #:termination-handler (handler-method plan)
      #:start (lambda arguments
                (on-start plan)
                (apply start arguments))
      #:stop (stop-method plan cancelled))))
