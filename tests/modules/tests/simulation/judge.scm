;;; (tests simulation judge) -- what must hold, whatever happens.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The judge is told of all that happens in a world and knows what its
;;; services look like.  %invariants, at the end, is the law: each has a name,
;;; when it is looked at (one of the observations of (tests simulation world)
;;; and (tests simulation), or `rest', when nothing will happen any more, or
;;; `over', after the shutdown), why it matters, and a procedure that returns
;;; what is wrong, a list, or #f.

(define-module (tests simulation judge)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (shepherd lasting)
  #:use-module (shepherd log-source)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd requirements)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd transitions)
  #:use-module (tests simulation population)
  #:use-module ((tests simulation world)
                #:select (world-time
                          world-processes
                          world-rings
                          world-publications
                          world-shutdown
                          process-pid
                          process-profile
                          process-helper?
                          process-alive?
                          profile-owner)
                #:prefix w:)
  #:export (make-judge
            set-judge-world!
            judge-violations
            judge-service!
            judge-command!
            judge-crash!
            judge-resuming?
            judge-plan
            judge!
            %invariants))

(define-record-type <judge>
  (%make-judge world violations plans services publications commands
               targets respawns exits stops deaths shutdown resuming?)
  judge?
  (world        judge-world set-judge-world!)
  (violations   judge-violations set-judge-violations!) ;latest first
  (plans        judge-plans)            ;service -> plan, by identity
  (services     judge-services set-judge-services!) ;all there ever were
  (publications judge-publications)     ;name -> (HEAD TAIL), before the latest
  (commands     judge-commands)         ;client -> (WHAT . number of answers)
  (targets      judge-targets)          ;client -> service, when it asked
  (respawns     judge-respawns)         ;name -> times in ns, latest first
  (exits        judge-exits)            ;name -> ns of an exit to be answered
  (stops        judge-stops)            ;name -> #t if stopped by a command
  (deaths       judge-deaths set-judge-deaths!)
  (shutdown     judge-shutdown set-judge-shutdown!) ;ns when it began, or #f
  (resuming?    judge-resuming? set-judge-resuming!)) ;is the state taken over?

(define (make-judge)
  "Return a judge that saw nothing yet."
  (%make-judge #f '() (make-hash-table) '() (make-hash-table)
               (make-hash-table) (make-hash-table) (make-hash-table) (make-hash-table)
               (make-hash-table) '() #f #f))

(define (judge-service! judge service plan)
  "Tell JUDGE that SERVICE was made from PLAN."
  (hashq-set! (judge-plans judge) service plan)
  (set-judge-services! judge (cons service (judge-services judge))))

(define (judge-command! judge client what)
  "Tell JUDGE that CLIENT asked for WHAT."
  (match what
    (('command _ name . _)
     (hash-set! (judge-targets judge) client (lookup-service name)))
    (_ #f))
  (hash-set! (judge-commands judge) client (cons what 0)))

(define (judge-crash! judge)
  "Tell JUDGE that the interpreter crashed; return the clients that were not
answered."
  (set-judge-services! judge '())
  (hash-clear! (judge-targets judge))
  (set-judge-resuming! judge #t)
  (hash-fold (lambda (client entry clients)
               (if (eqv? 0 (cdr entry))
                   (cons client clients)
                   clients))
             '() (judge-commands judge)))

(define (judge-plan judge service)
  "Return the plan of SERVICE, or #f."
  (plan-of judge service))

(define (violate! judge name why)
  (set-judge-violations! judge
                         (cons (cons name why) (judge-violations judge))))

(define (judge! judge kind . arguments)
  "Look at the observation KIND with ARGUMENTS; note what it violates."
  (when (eq? kind 'reply)
    (count-answer! judge (first arguments)))
  (for-each (match-lambda
              ((name occasion why check)
               (when (or (eq? kind occasion)
                         (and (pair? occasion) (memq kind occasion)))
                 (match (apply check judge arguments)
                   (#f #f)
                   (wrong (violate! judge name wrong))))))
            %invariants)
  (apply remember! judge kind arguments))


;;;
;;; What is remembered.
;;;

(define (property head name)
  (car (assq-ref (cdr head) name)))

(define (status-of head)
  (property head 'status))

(define (previous judge names)
  "Return the HEAD published for NAMES before, or #f."
  (and=> (hashq-ref (judge-publications judge) (car names)) car))

(define (previous-status judge names)
  (match (previous judge names)
    (#f 'stopped)
    (head (status-of head))))

(define (enters? judge names head status)
  "Return true if HEAD says that the service NAMES has just entered STATUS."
  (and (eq? status (status-of head))
       (not (eq? status (previous-status judge names)))))

(define (count-answer! judge client)
  (match (hash-ref (judge-commands judge) client)
    (#f #f)
    ((what . answers)
     (hash-set! (judge-commands judge) client (cons what (+ 1 answers))))))

(define (remember! judge kind . arguments)
  (match (cons kind arguments)
    (('publish names head tail ring)
     (remember-status! judge (car names)
                       (previous-status judge names) (status-of head))
     (unless (property head 'enabled?)
       ;; Whoever enables it later has to start it, too.
       (hashq-remove! (judge-exits judge) (car names)))
     (when (null? (property head 'last-respawns))
       (hashq-remove! (judge-respawns judge) (car names)))
     (hashq-set! (judge-publications judge) (car names) (list head tail)))
    (('unpublish name)
     (hashq-remove! (judge-publications judge) name)
     (hashq-remove! (judge-respawns judge) name)
     (hashq-remove! (judge-stops judge) name)
     (hashq-remove! (judge-exits judge) name))
    (('log text)
     (match (respawned-name text)
       (#f #f)
       (name
        (hashq-set! (judge-respawns judge) name
                    (cons (now judge)
                          (hashq-ref (judge-respawns judge) name '()))))))
    (('reply client 'interrupted)
     (hash-clear! (judge-exits judge)))
    (('resumed)
     (set-judge-resuming! judge #f))
    (('reply client datum)
     (remember-answer! judge (hash-ref (judge-commands judge) client)
                       (hash-ref (judge-targets judge) client)))
    (('shutdown-begins how)
     (set-judge-shutdown! judge (now judge)))
    (_ #f)))

(define (remember-answer! judge command target)
  "Note that COMMAND, an entry of the judge's, was answered; it meant the service
TARGET."
  (match command
    ((('command 'stop name) . _)
     (let ((service (lookup-service name)))
       ;; Another of that name may have been registered and started since.
       (when (and service (eq? service target) (service-stopped? service))
         (hashq-set! (judge-stops judge) (service-canonical-name service)
                     #t))))
    (_ #f))
  (match command
    ((('command (or 'start 'enable 'doc) . _) . _) #f)
    ((('start _) . _) #f)
    (_
     ;; It may have stopped others as well, for good.
     (hash-clear! (judge-exits judge)))))

(define (remember-status! judge name before after)
  (match (list before after)
    (('running 'stopped)
     (hashq-remove! (judge-stops judge) name)
     (hashq-set! (judge-exits judge) name (now judge)))
    (('stopped 'starting)
     (hashq-remove! (judge-stops judge) name)
     (hashq-remove! (judge-exits judge) name))
    (_ #f)))

(define (now judge)
  (w:world-time (judge-world judge)))

(define (plan-of judge service)
  (hashq-ref (judge-plans judge) service))

(define (plain? judge service)
  (and=> (plan-of judge service) plan-plain?))

(define (service-of judge names)
  (lookup-service (car names)))

(define (living judge)
  (filter w:process-alive? (w:world-processes (judge-world judge))))

(define (process-owner process)
  (w:profile-owner (w:process-profile process)))

(define (respawned-name text)
  "Return the name in a log line that says that a service is respawned."
  (and (string-prefix? "Respawning " text)
       (string->symbol (string-drop-right (substring text 11) 1))))


;;;
;;; The checks.
;;;

(define (second-main judge process)
  (let ((plan (process-owner process)))
    (and (plan-plain? plan)
         (not (w:process-helper? process))
         (match (filter (lambda (other)
                          (let ((owner (process-owner other)))
                            (and (not (eq? other process))
                                 (not (w:process-helper? other))
                                 (plan-plain? owner)
                                 (eq? (plan-name plan) (plan-name owner)))))
                        (living judge))
           (() #f)
           (others (list (plan-name plan) (w:process-pid process)
                         (map w:process-pid others)))))))

(define (down-requirements judge names head tail ring)
  "The requirements of a service that starts, one-shot ones aside, run."
  (define (down? name)
    (match (lookup-service name)
      (#f #t)
      (service
       (not (or (one-shot-service? service)
                (eq? 'running (service-status service)))))))

  (and (enters? judge names head 'starting)
       (match (filter down? (property head 'requires))
         (() #f)
         (down (list (car names) 'requires down)))))

(define (requires? service other)
  "Return true if SERVICE requires OTHER, directly or not."
  (define seen (make-hash-table))

  (let visit ((service service))
    (any (lambda (name)
           (let ((requirement (lookup-service name)))
             (cond ((not requirement) #f)
                   ((eq? requirement other) #t)
                   ((hashq-ref seen requirement) #f)
                   (else
                    (hashq-set! seen requirement #t)
                    (visit requirement)))))
         (service-requirement service))))

(define (live-dependents judge names head tail ring)
  (and (enters? judge names head 'stopping)
       (not (memq 'root names))
       (let ((service (service-of judge names)))
         (match (filter (lambda (dependent)
                          (and (service-running? dependent)
                               (not (eq? dependent service))
                               ;; Registering anew may have made a circle.
                               (not (requires? service dependent))))
                        (if service (service-dependents service) '()))
           (() #f)
           (live (list (car names) 'stops-under
                       (map service-canonical-name live)))))))

(define (second-answer judge client datum)
  (match (hash-ref (judge-commands judge) client)
    ((what . 1) #f)
    (what (list client what))))

(define (unanswered judge)
  (match (hash-fold (lambda (client entry others)
                      (match entry
                        ((('command 'stop 'root) . _) others)
                        ((what . 0) (cons what others))
                        (_ others)))
                    '() (judge-commands judge))
    (() #f)
    (others others)))

(define (left-over judge names head tail ring)
  "When a plain service has been stopped, its process is gone."
  (define service (service-of judge names))

  (and (enters? judge names head 'stopped)
       (eq? 'stopping (previous-status judge names))
       (plain? judge service)
       (match (filter (lambda (process)
                        (and (eq? (plan-of judge service)
                                  (process-owner process))
                             (not (w:process-helper? process))))
                      (living judge))
         (() #f)
         (left (list (car names) (map w:process-pid left))))))

(define (too-many-respawns judge text)
  (match (respawned-again text)
    (#f #f)
    (name
     (match (service-respawn-limit (lookup-service name))
       ((times . seconds)
        (let ((recent (take-while
                       (lambda (time)
                         (< (- (now judge) time) (* seconds 1000000000)))
                       (hashq-ref (judge-respawns judge) name '()))))
          (and (>= (length recent) times)
               (list name 'respawned (+ 1 (length recent)) 'times 'in
                     seconds))))))))

(define (starts-disabled judge names head tail ring)
  (and (enters? judge names head 'starting)
       (not (property head 'enabled?))
       names))

(define (outdated-publications judge)
  (define published
    (hash-map->list (lambda (name entry)
                      (match entry
                        ((names head tail _ _) (list names head tail))))
                    (w:world-publications (judge-world judge))))

  (define current
    (map (lambda (service)
           (let ((state (service-state service)))
             (list (service-provision service)
                   ((@@ (shepherd publication) service-head) service state)
                   ((@@ (shepherd publication) service-tail) state))))
         (filter showable? (registered-services))))

  (match (lset-xor equal?
                   (filter (match-lambda
                             ((names . _)
                              (and=> (lookup-service (car names)) showable?)))
                           published)
                   current)
    (() #f)
    (different (map car different))))

(define (showable? service)
  (catch #t
    (lambda ()
      ((@@ (shepherd publication) service-head) service
       (service-state service))
      #t)
    (const #f)))

;; What a successor makes of a service is what was published of it.
(define (other-state judge names head tail ring)
  (match (and (judge-resuming? judge) (previous judge names))
    (#f #f)
    (before
     (match (lset-xor equal? (cdr before) (cdr head))
       (() #f)
       ;; Of any object whatever, no more can be kept.
       ((('running #t) ('running (? string?))) #f)
       (different (cons (car names) different))))))

;; Those that are stopped may still be forgotten, when all is loaded.
(define (lost-services judge)
  (match (filter-map (match-lambda
                       ((name head tail)
                        (and (not (eq? 'stopped (status-of head)))
                             (not (lookup-service name))
                             name)))
                     (hash-map->list cons (judge-publications judge)))
    (() #f)
    (lost lost)))

(define (long-histories judge names head tail ring)
  (define limits
    `((status-changes . 30) (startup-failures . 10) (exit-statuses . 10)
      (last-respawns . ,(match (property head 'respawn-limit)
                          ((times . _) (if (inf? times) 10 (max 10 times)))))))

  (match (filter (match-lambda
                   ((name . limit)
                    (> (length (property head name)) limit)))
                 limits)
    (() #f)
    (long (list (car names) long))))

(define (starts-late judge names head tail ring)
  (and (judge-shutdown judge)
       (enters? judge names head 'starting)
       names))

(define %legal
  '((stopped starting) (starting running) (starting stopped)
    (running stopping) (running stopped) (stopping stopped)))

(define (illegal-transition judge names head tail ring)
  (let ((transition (list (previous-status judge names) (status-of head))))
    (and (previous judge names)
         (not (eq? (first transition) (second transition)))
         (not (member transition %legal))
         (cons (car names) transition))))

(define (shared-names judge . _)
  (match (filter-map (lambda (service)
                       (match (remove (lambda (name)
                                        (eq? service (lookup-service name)))
                                      (service-provision service))
                         (() #f)
                         (names (cons (service-canonical-name service)
                                      names))))
                     (registered-services))
    (() #f)
    (lost lost)))

(define (late-replacement judge names head tail ring)
  (and (eq? 'stopped (status-of head))
       (car (assq-ref tail 'pending-replacement?))
       names))

(define (unseen judge)
  (match (filter (lambda (service)
                   (and (service-running? service)
                        (not (registered? service))))
                 (judge-services judge))
    (() #f)
    (unseen (map (lambda (service)
                   (list (service-canonical-name service)
                         (service-status service)))
                 unseen))))

(define (respawned-again text)
  "Like respawned-name, but not for one that replaces what is to be respawned."
  (match (respawned-name text)
    (#f #f)
    (name
     (and (pair? (service-process-exit-statuses (lookup-service name)))
          name))))

(define (come-back judge text)
  (match (respawned-again text)
    (#f #f)
    (name
     (and (hashq-ref (judge-stops judge) name)
          (list name 'respawned 'though 'it 'was 'stopped)))))

(define (forgotten judge)
  "Services that are to be respawned, and ended by themselves, and were neither
started, stopped nor disabled since, and nothing that they require either."
  (define (forgotten? service)
    (and (respawn-service? service)
         (service-enabled? service)
         (not (unmet-requirement? service))
         (hashq-ref (judge-exits judge) (service-canonical-name service))
         (eq? 'default (car (assq-ref (plan-properties
                                       (plan-of judge service))
                                      'handler)))))

  (match (filter (lambda (service)
                   (and (plan-of judge service) (forgotten? service)
                        (service-stopped? service)
                        (not (attempted? judge service))))
                 (registered-services))
    (() #f)
    (services (map service-canonical-name services))))

(define (attempted? judge service)
  "Return true if a respawn of SERVICE was tried since its last exit."
  (let ((name (service-canonical-name service)))
    (match (hashq-ref (judge-respawns judge) name '())
      (() #f)
      ((time . _) (>= time (hashq-ref (judge-exits judge) name))))))

(define (stray-rings judge)
  (define shown
    (filter-map (lambda (service)
                  (and=> (service-logger service) logger-ring))
                (registered-services)))

  (match (hash-fold (lambda (ring program strays)
                      (if (memv ring shown)
                          strays
                          (cons (list ring program) strays)))
                    '() (w:world-rings (judge-world judge)))
    (() #f)
    (strays strays)))

(define (stray-loggers judge)
  (match (filter (lambda (service)
                   (and (service-stopped? service) (service-logger service)))
                 (judge-services judge))
    (() #f)
    (services (map service-canonical-name services))))

(define (leftovers-in-tables judge)
  (let ((pids (cons (getpid)
                    (map w:process-pid
                         (w:world-processes (judge-world judge))))))
    (match (append
            (hash-map->list list (@@ (shepherd requests) pending))
            (hash-map->list list (@@ (shepherd process) spawning))
            (remove (match-lambda ((pid _) (memv pid pids)))
                    (table-fold (lambda (pid child result)
                                  (cons (list pid child) result))
                                '() (@@ (shepherd process) children))))
      (() #f)
      (entries entries))))

(define (stuck-fibers judge)
  (match (map (lambda (fiber)
                (list (fiber-name fiber) (fiber-state fiber)
                      (fiber-waiting-on fiber)))
              (all-fibers))
    (() #f)
    (fibers fibers)))

(define (unknown-processes judge)
  "Living processes of plain services that are not running values."
  (define values
    (filter-map (lambda (service)
                  (let ((value (service-running-value service)))
                    (and (process? value) (process-id value))))
                (registered-services)))

  (match (filter (lambda (process)
                   (and (plan-plain? (process-owner process))
                        (not (w:process-helper? process))
                        (not (memv (w:process-pid process) values))))
                 (living judge))
    (() #f)
    (unknown (map (lambda (process)
                    (list (plan-name (process-owner process))
                          (w:process-pid process)))
                  unknown))))

(define (dead-values judge)
  "Services that run with a process that has ended."
  (define pids (map w:process-pid (living judge)))

  (match (filter (lambda (service)
                   (let ((value (service-running-value service)))
                     (and (eq? 'running (service-status service))
                          (process? value)
                          (plan-of judge service)
                          (not (memv (process-id value) pids)))))
                 (registered-services))
    (() #f)
    (services (map service-canonical-name services))))

(define (not-ended judge)
  (cond ((not (w:world-shutdown (judge-world judge)))
         '(the core was never asked to shut down))
        (else
         (match (filter service-running?
                        (delq (lookup-service 'root) (registered-services)))
           (() #f)
           (services (map service-canonical-name services))))))

(define %longest-shutdown (* 120 1000000000))

(define (long-shutdown judge how)
  (let ((time (- (now judge) (judge-shutdown judge))))
    (and (> time %longest-shutdown)
         (list 'took (quotient time 1000000000) 'seconds))))

(define (died judge fiber key arguments)
  (list fiber key arguments))

(define (ran-away judge resumptions)
  (list 'no 'end 'after resumptions 'resumptions))

(define (unhandled judge text)
  (and (string-prefix? "Failed to handle" text)
       (list text)))

(define %invariants
  `((one-main-process process
     "two instances of a daemon at once damage what it keeps"
     ,second-main)
    (requirements-run publish
     "a service may rely on what it requires from its first instruction on"
     ,down-requirements)
    (dependents-stop-first publish
     "what depends on a service may rely on it to the last"
     ,live-dependents)
    (answered-at-most-once reply
     "a second answer would be taken for that to the client's next command"
     ,second-answer)
    (answered rest
     "a client that is not answered hangs"
     ,unanswered)
    (answered-in-the-end over
     "not even a shutdown leaves a client waiting"
     ,unanswered)
    (stopped-means-gone publish
     "whoever stopped a daemon goes on to change what it uses"
     ,left-over)
    (respawn-limit log
     "a service that dies at once must not take up the machine"
     ,too-many-respawns)
    (disabled-stays-down publish
     "an administrator who disabled a service relies on it"
     ,starts-disabled)
    (status-is-true rest
     "`herd status' and a successor read what was published"
     ,outdated-publications)
    (states-outlive-crashes publish
     "a successor goes on from what was published"
     ,other-state)
    (services-outlive-crashes resumed
     "a service that is forgotten can be neither seen nor stopped"
     ,lost-services)
    (histories-are-bounded publish
     "memory must not grow with time"
     ,long-histories)
    (no-start-in-shutdown publish
     "what starts now may never be stopped"
     ,starts-late)
    (legal-transitions publish
     "each status is left by the ways that the manual shows"
     ,illegal-transition)
    (replacements-come publish
     "a service that is stopped makes room for its new definition"
     ,late-replacement)
    (names-have-one-owner (publish unpublish rest)
     "commands reach a service by its name"
     ,shared-names)
    (nothing-runs-unseen rest
     "what is not registered can be neither seen nor stopped"
     ,unseen)
    (processes-are-known (rest over)
     "a process that no service knows is never stopped"
     ,unknown-processes)
    (running-means-alive rest
     "a service whose process is gone does not run"
     ,dead-values)
    (stop-is-final log
     "a service that was stopped does not come back by itself"
     ,come-back)
    (respawn-is-certain rest
     "a service that is to be respawned is, unless somebody decides otherwise"
     ,forgotten)
    (rings-are-freed rest
     "memory must not grow with the number of processes that there were"
     ,stray-rings)
    (loggers-are-detached rest
     "a service that is stopped has no logger"
     ,stray-loggers)
    (tables-are-empty (rest over)
     "memory must not grow with the number of requests that there were"
     ,leftovers-in-tables)
    (no-fiber-is-stuck rest
     "a fiber that waits for what never comes keeps its memory and its client"
     ,stuck-fibers)
    (shutdown-stops-everything over
     "services end in order, by their own methods"
     ,not-ended)
    (shutdown-is-bounded shutdown
     "the machine must go down"
     ,long-shutdown)
    (no-fiber-dies death
     "an exception that nobody catches leaves something undone"
     ,died)
    (events-are-handled log
     "what fails while an event is handled leaves something undone"
     ,unhandled)
    (settles runaway
     "what goes on for ever, with nothing to do, wakes the processor for ever"
     ,ran-away)))
