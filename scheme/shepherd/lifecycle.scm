;;; (shepherd lifecycle) -- starting, stopping and respawning services.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A start first works out everything that has to run, so that cycles and
;;; unknown names are refused before anything happens, then starts it all in
;;; parallel, each service once its requirements run.  A stop is the mirror
;;; image, over the services that depend on the one to stop.
;;;
;;; What suspends is not called from `filter', `remove' and their like, which
;;; are written in C and cannot be suspended; `map', `for-each' and
;;; `filter-map' can.

(define-module (shepherd lifecycle)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd admission)
  #:use-module (shepherd comm)
  #:use-module (shepherd conditions)
  #:use-module (shepherd controller)
  #:use-module (shepherd diagnostics)
  #:use-module ((shepherd host) #:select (host-now))
  #:use-module (shepherd process)
  #:use-module (shepherd preemption)
  #:use-module (shepherd publication)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd requests)
  #:use-module (shepherd requirements)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (start-service
            start-on-behalf
            start-in-the-background
            stop-service
            stop-services
            successor
            call-off-respawn
            respawn-service
            default-service-termination-handler))


;;;
;;; Starting.
;;;

(define (output-disabled service)
  (local-output (l10n "Service ~a is currently disabled.")
                (service-canonical-name service)))

(define (output-refused service)
  (local-output (l10n "Shutting down; not starting service ~a.")
                (service-canonical-name service)))

(define (ask-to-start service arguments)
  "Ask the controller of @var{service} to start it, tell the client how that went,
and return the answer."
  (let ((name (service-canonical-name service))
        (answer (ask-service service
                             (lambda (request)
                               `(start ,request
                                       ,(cons (%current-client-socket)
                                              arguments))))))
    (match answer
      (('running value)
       ;; Also when `start' got its process by other means than ours.
       (when (process? value)
         (tie-process! (process-id value) service))
       (local-output (l10n "Service ~a has been started.") name))
      (('failed)
       (local-output (l10n "Service ~a could not be started.") name))
      (('disabled _)
       (output-disabled service))
      (('refused)
       (output-refused service))
      (_ #t))
    answer))

(define (up? answer)
  "Return true if @var{answer} says that the service runs, or did its work."
  (match answer
    (((or 'running 'already-running) _) #t)
    (_ #f)))

(define (output-exception service key arguments)
  (local-output (l10n "Exception caught while starting ~a: ~a")
                (service-canonical-name service)
                (match arguments
                  (((? service-error? condition))
                   (object->text (condition->sexp condition)))
                  (_ (exception-text key arguments)))))

(define (start-on-behalf service)
  "Start @var{service} for the sake of another; return true if it runs."
  (catch #t
    (lambda ()
      (->bool (start-service service)))
    (lambda (key . arguments)
      (output-exception service key arguments)
      #f)))

(define (await-requirement requirement pending)
  "Return true once @var{requirement} runs, false if it could not be started.
@var{pending} maps the services being started to their requests."
  (match (hashq-ref pending requirement)
    (#f (start-on-behalf requirement))
    (request (up? (await-request request)))))

(define (start-successor service arguments)
  "Start what provides the names of @var{service}, which is not registered any
more; return the answer."
  (match (lookup-any (service-provision service))
    (#f
     (local-output (l10n "Service ~a is not registered any more.")
                   (service-canonical-name service))
     '(failed))
    (new
     (match (apply start-service new arguments)
       (#f '(failed))
       (value `(running ,value))))))

(define %most-attempts 3)

(define (attempt-to-start service arguments requirements pending)
  "Await @var{requirements}, then start @var{service}, trying again if meanwhile
some of them ceased to run; return the answer."
  (let loop ((attempts %most-attempts)
             (down (filter-map (lambda (requirement)
                                 (and (not (await-requirement requirement
                                                              pending))
                                      requirement))
                               requirements)))
    (if (null? down)
        (match (ask-to-start service arguments)
          (('unmet)
           (let ((unmet (unmet-requirements service)))
             (loop (- attempts 1)
                   (if (zero? attempts)
                       requirements
                       (filter-map (lambda (requirement)
                                     (and (not (start-on-behalf requirement))
                                          requirement))
                                   unmet)))))
          (('gone)
           (start-successor service arguments))
          (answer
           answer))
        (begin
          (for-each (lambda (requirement)
                      (local-output (l10n "Service ~a depends on ~a.")
                                    (service-canonical-name service)
                                    (service-canonical-name requirement)))
                    down)
          '(failed)))))

(define (requirements-to-await service)
  "Return what has to run before @var{service} starts: nothing if that has begun.
Registering anew may have made what it requires require it."
  (if (eq? 'starting (service-status service))
      '()
      (service-requirements service)))

(define (start-after-requirements service arguments pending)
  "Start @var{service} once its requirements run; return the answer, also to those
that await it in @var{pending}."
  (let ((answer (attempt-to-start service arguments
                                  (requirements-to-await service) pending)))
    (answer-request! (hashq-ref pending service) answer)
    answer))

(define (start-requirement service pending)
  "Start @var{service} for the sake of another."
  (match (catch #t
           (lambda ()
             (start-after-requirements service '() pending))
           (lambda (key . arguments)
             (let ((answer `(threw ,key ,arguments)))
               (answer-request! (hashq-ref pending service) answer)
               answer)))
    (('threw key arguments)
     (output-exception service key arguments))
    (_ #t)))

(define %batch 16)

(define (start-in-order order)
  "Start the services in @var{order}, which come after their requirements, in
parallel; return a table that maps each to a request for the answer.  Suspends if
there are many."
  (let ((pending (make-hash-table)))
    (for-each (lambda (service)
                (hashq-set! pending service (make-request)))
              order)
    ;; What a service that is being started needs stays behind as holes in the
    ;; heap: there must not be thousands at a time.
    (let launch ((order order) (room %batch))
      (cond ((null? order)
             pending)
            ((zero? room)
             (yield-fiber)
             (await-landings)
             (launch order %batch))
            (else
             (spawn-fiber (lambda ()
                            (start-requirement (car order) pending)))
             (launch (cdr order) (- room 1)))))))

(define (start-service service . arguments)
  "Start what @var{service} requires, then @var{service} itself, with
@var{arguments}.  Return its running value, or @code{#f} if it could not be
started or is disabled.  Raise @code{&missing-service-error} if something that it
needs is not provided by any service, @code{&action-runtime-error} if its
@code{start} method throws or if it requires itself.  Suspends."
  (cond ((eq? 'running (service-status service))
         (service-running-value service))
        ((resuming?)
         #f)
        ((shutting-down?)
         (output-refused service)
         #f)
        ((not (service-enabled? service))
         (output-disabled service)
         #f)
        (else
         (let* ((order (starting-order (list service)))
                (pending (start-in-order (delq service order))))
           (hashq-set! pending service (make-request))
           (match (start-after-requirements service arguments pending)
             (((or 'running 'already-running 'disabled) value)
              value)
             (((or 'failed 'refused))
              #f)
             (('threw key arguments)
              (raise-exception
               (make-action-runtime-error service 'start key arguments))))))))

(define (report-background-failures names)
  (local-output (l10n "The following service could not be started in the \
background: ~a."
                      "The following services could not be started in the \
background: ~a."
                      (length names))
                (string-join (map symbol->string names) " ")))

(define (start-all services)
  "Start @var{services} and what they require, in parallel; return those that did
not start."
  (define (startable? service)
    (catch #t
      (lambda ()
        (starting-order (list service))
        #t)
      (lambda (key . arguments)
        (output-exception service key arguments)
        #f)))

  (let*-values (((startable bad) (partition startable? services))
                ((order) (catch #t
                           (lambda ()
                             (starting-order startable))
                           (const #f))))
    (append bad
            (if order
                (let ((pending (start-in-order order)))
                  (filter-map (lambda (service)
                                (and (not (await-requirement service pending))
                                     service))
                              startable))
                ;; What they require has changed since it was looked at.
                (start-all startable)))))

(define (start-in-the-background names)
  "Start the services called @var{names}, a list of symbols, in parallel, and
return at once.  Throw @code{wrong-type-arg} if it is anything else."
  (define (known name)
    (or (lookup-service name)
        (begin
          (local-output (l10n "Service '~a' is unknown and cannot be started.")
                        name)
          #f)))

  (define (start)
    (let* ((services (filter-map known names))
           (failed (start-all services)))
      (if (null? failed)
          (local-output (l10n "Successfully started ~a service in the background."
                              "Successfully started ~a services in the background."
                              (length services))
                        (length services))
          (report-background-failures
           (map service-canonical-name failed)))))

  (check-argument-types (list-of-symbols? names))
  (unless (resuming?)
    (parameterize ((%current-client-socket #f))
      (spawn-fiber start #:name "start-in-the-background")))
  *unspecified*)


;;;
;;; Stopping.
;;;

(define (execution-limit service)
  (or (service-execution-limit service)
      (default-execution-limit)))

(define (end-computations service)
  "End the fibers of @var{service} that have computed for longer than the limit
without waiting for anything."
  (let ((limit (seconds->nanoseconds (execution-limit service))))
    (for-each (lambda (fiber)
                (when (and (> (fiber-computed fiber) limit)
                           (fiber-of-service? fiber service))
                  (end-fiber! fiber (l10n "it computed while the service \
was to stop"))))
              (preempted-fibers))))

(define (ask-to-stop service arguments excused)
  "Ask the controller of @var{service} to stop it and return the answer.  A method
that only waits is waited for; one that computes without end is ended."
  (let ((request (make-request)))
    (post-event! service
                 `(stop ,request ,(cons (%current-client-socket) arguments)
                        ,excused))
    (let loop ()
      (end-computations service)
      (match (perform-operation
              (choice-operation
               (wrap-operation (await-request-operation request) list)
               (wrap-operation (sleep-operation (execution-limit service))
                               (const #f))))
        (#f (loop))
        ((answer) answer)))))

(define (stop-when-free service arguments excused)
  "Stop @var{service} once what depends on it is stopped, but for the services in
@var{excused}, which somebody else sees to; return the answer."
  (match (ask-to-stop service arguments excused)
    (('needed dependents)
     ;; They were started meanwhile.
     (stop-services dependents (cons service excused))
     (stop-when-free service arguments excused))
    (answer answer)))

(define (call-off-respawn service)
  "Have @var{service}, stopped, not come back by itself; if it is being started
nevertheless, stop it.  Suspends."
  (stop-when-free service '() '()))

(define (dependents-among members service)
  "Return the services in table @var{members} that depend on @var{service},
directly or by way of services that are not in it, such as one-shot ones."
  (define seen (make-hash-table))

  (let visit ((service service) (result '()))
    (fold (lambda (dependent result)
            (cond ((hashq-ref seen dependent)
                   result)
                  (else
                   (hashq-set! seen dependent #t)
                   (if (hashq-ref members dependent)
                       (cons dependent result)
                       (visit dependent result)))))
          result
          (service-dependents service))))

(define (stop-dependent service excused)
  "Stop @var{service} as part of stopping others."
  (match (stop-when-free service '() excused)
    (('threw key arguments)
     (log-message (l10n "Ignoring error while stopping ~a: ~a")
                  (service-canonical-name service)
                  (exception-text key arguments)))
    (_ #t)))

(define* (stop-services services #:optional (excused '()))
  "Stop @var{services}, in parallel, each after those of them that depend on it,
and all after what else depends on them and is not in the list @var{excused}.
Suspends until all are stopped."
  (define table (make-hash-table))      ;service -> new, visited or request

  ;; Requirements may have become circular by registering anew: what is being
  ;; visited is not waited for.
  (define (visit service)
    (when (eq? 'new (hashq-ref table service))
      (hashq-set! table service 'visited)
      (let ((dependents (dependents-among table service))
            (request (make-request)))
        (for-each visit dependents)
        (let-values (((before circular)
                      (partition (lambda (dependent)
                                   (request? (hashq-ref table dependent)))
                                 dependents)))
          (hashq-set! table service request)
          (spawn-fiber (lambda ()
                         (for-each (lambda (dependent)
                                     (await-request
                                      (hashq-ref table dependent)))
                                   before)
                         (stop-dependent service
                                         (append circular excused))
                         (answer-request! request #t)))))))

  (for-each (lambda (service)
              (hashq-set! table service 'new))
            services)
  (for-each visit services)
  (for-each (lambda (service)
              (await-request (hashq-ref table service)))
            services))

(define (successor service)
  "Return the service that took the place of @var{service}, or itself."
  (if (registered? service)
      service
      (or (lookup-any (service-provision service))
          service)))

(define (dependents-to-stop service)
  "Return the services to stop before @var{service}.  There are none for the root
service: what ends everything has to begin at once, so that starts are refused
and the time is limited."
  (if (memq 'root (service-provision service))
      '()
      (running-dependents service)))

(define (stop-service service . arguments)
  "Stop what depends on @var{service}, then @var{service}, with @var{arguments} for
its @code{stop} method.  Return the list of services that were stopped,
@var{service}, or what replaces it, first.  Raise @code{&action-runtime-error} if
its @code{stop} method throws.  Suspends."
  (cond ((resuming?)
         (list service))
        ((service-stopped? service)
         (call-off-respawn service)
         (local-output (l10n "Service ~a is not running.")
                       (service-canonical-name service))
         (list service))
        (else
         (let ((dependents (dependents-to-stop service)))
           (stop-services dependents (list service))
           (match (stop-when-free service arguments '())
             (('threw key arguments)
              (raise-exception
               (make-action-runtime-error service 'stop key arguments)))
             (_
              (cons (successor service) dependents)))))))


;;;
;;; Termination and respawning.
;;;

(define (lookup-any names)
  "Return the service that provides the first of @var{names} that is provided."
  (any lookup-service names))

(define (unregister-if-transient service)
  ;; It must not begin to start between the look at it and its dismissal.
  (without-preemption
   (when (and (transient-service? service) (registered? service)
              (service-stopped? service))
     (dismiss-service! service)
     (log-message (l10n "Transient service ~a terminated, now unregistered.")
                  (service-canonical-name service)))))

(define (never-started? service)
  (null? (service-status-changes service)))

;; Seconds between attempts to respawn what the system has no room for.
(define %retry-delay 2)

(define (scarcity? exception)
  "Return true if @var{exception} says that a method lacked what the system may
have again later."
  (and (action-runtime-error? exception)
       (eq? 'system-error (action-runtime-error-key exception))
       (->bool (memv (system-error-errno
                      (cons 'system-error
                            (action-runtime-error-arguments exception)))
                     (list EAGAIN EMFILE ENFILE ENOMEM)))))

(define (start-if-room service)
  "Start @var{service}; return false if the system had no room for it."
  (with-exception-handler
      (lambda (exception)
        (if (scarcity? exception)
            #f
            (raise-exception exception)))
    (lambda ()
      (start-service service)
      #t)
    #:unwind? #t))

(define (retry-respawn service)
  "Respawn @var{service} later, so as not to pass its limit by that alone."
  (define delay
    (match (service-respawn-limit service)
      ((times . seconds)
       (max %retry-delay
            (service-respawn-delay service)
            (* 1.5 (/ seconds (max times 1)))))))

  (match (ask-service service
                      (lambda (request)
                        `(retry? ,request)))
    (('wait ticket)
     (log-message (l10n "Trying to respawn ~a again later.")
                  (service-canonical-name service))
     (respawn-after-delay service ticket delay))
    (_
     #f)))

(define (respawn-after-delay service ticket delay)
  (fiber-sleep delay)
  (when (ask-service service
                     (lambda (request)
                       `(respawn ,request ,ticket ,(host-now))))
    (let ((current (lookup-any (service-provision service))))
      (when (and current
                 (not (shutting-down?))
                 (or (eq? current service) (never-started? current)))
        (log-message (l10n "Respawning ~a.") (service-canonical-name current))
        (unless (start-if-room current)
          (retry-respawn current))))))

(define (respawn-service service)
  "Start @var{service} again after its delay if it is to be respawned and was not
respawned too often lately; disable it in the latter case.  Do nothing during
shutdown.  Suspends."
  (unless (shutting-down?)
    (match (ask-service service
                        (lambda (request)
                          `(respawn? ,request ,(host-now))))
      (('wait ticket)
       (respawn-after-delay service ticket (service-respawn-delay service)))
      (('too-fast)
       (log-message (l10n "Service ~a has been disabled.")
                    (service-canonical-name service))
       (log-message (l10n "  (Respawning too fast.)"))
       (unregister-if-transient service))
      (('no)
       (unregister-if-transient service)))))

(define (default-service-termination-handler service process status)
  "Handle the end, with wait status @var{status}, of @var{process}, the running
value of @var{service}: respawn it if it is to be.  Suspends."
  (respawn-service service))
