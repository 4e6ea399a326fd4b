;;; (shepherd controller) -- the process that owns a service.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; One controller per service that something happens to: a fiber that takes
;;; events from the service's mailbox, one at a time, lets (shepherd
;;; transitions) decide, publishes, and performs the effects.  It never waits
;;; for anything else: methods run in fibers of their own and post how they
;;; ended.

(define-module (shepherd controller)
  #:use-module (ice-9 match)
  #:use-module ((srfi srfi-1) #:select (remove second))
  #:use-module (srfi srfi-11)
  #:use-module (shepherd admission)
  #:use-module (shepherd bequests)
  #:use-module (shepherd comm)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd host)
  #:use-module (shepherd lasting)
  #:use-module (shepherd log-source)
  #:use-module (shepherd preemption)
  #:use-module (shepherd publication)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:use-module ((shepherd support syntax) #:select (match-tagged))
  #:use-module (shepherd transitions)
  #:export (current-service
            call-in-service-context
            log-message
            post-event!
            ask-service
            fiber-of-service?
            service-fibers
            call-start-again
            call-stop-again
            exception-text))

(define current-service
  ;; The service whose method, action or termination handler is running.
  (make-parameter #f))

(inherit-parameter! current-service)
(inherit-parameter! %current-client-socket)

(define (log-message format . arguments)
  "Log @var{format}, where @code{~a} and @code{~s} stand for @var{arguments}, as a
message of the daemon that concerns no client."
  (host-log! (or (fill-in format arguments logged-text)
                 (apply format-text format arguments))
             #t))

(define (logged-text object proc)
  (if (process? object)
      (process->string object)          ;logged most often, after names
      (object->text-by object proc)))

(define (exception-text key arguments)
  "Return the exception @var{key} with @var{arguments} as log messages show it."
  (object->text (cons key arguments)))

(define* (call-in-service-context service client thunk
                                  #:optional
                                  (handler (lambda (key arguments)
                                             (apply throw key arguments))))
  "Call @var{thunk} with @var{service} as the current service and what it prints
going to the log and to @var{client}, if any.  Return its values, or if it throws
those of @var{handler}, called with the key and the list of arguments.  A line that
it leaves unfinished ends with it."
  (parameterize ((current-service service)
                 (%current-client-socket client)
                 (current-output-port (%current-service-output-port))
                 (current-error-port (%current-service-output-port)))
    (call-with-values
        (lambda ()
          (catch #t
            thunk
            (lambda (key . arguments)
              (flush-partial-line!)
              (handler key arguments))))
      (lambda results
        (flush-partial-line!)
        (apply values results)))))

(define (post-event! service event)
  "Send @var{event} to the controller of @var{service}.  Never suspends."
  ;; A controller that ends between the two would not see EVENT.
  (without-preemption
   (mailbox-put! (or (service-mailbox service)
                     (start-controller service))
                 event)))

(define (ask-service service make-event)
  "Send the controller of @var{service} the event that @var{make-event} returns
for a request; return the answer.  Suspends."
  (let ((request (make-request)))
    (post-event! service (make-event request))
    (await-request request)))

(define (fiber-of-service? fiber service)
  "Return true if @var{fiber} runs for @var{service}: as its controller, a method,
an action or a command."
  (let loop ((names (service-provision service)))
    (and (pair? names)
         (or (equal? (fiber-name fiber) (symbol->string (car names)))
             (loop (cdr names))))))

(define (service-fibers service)
  "Return the fibers that run for @var{service}."
  (filter (lambda (fiber)
            (fiber-of-service? fiber service))
          (all-fibers)))

(define (start-controller service)
  (let ((mailbox (make-mailbox)))
    (set-service-mailbox! service mailbox)
    (parameterize ((current-service #f)
                   (%current-client-socket #f))
      (spawn-fiber (lambda ()
                     (control service mailbox))
                   #:preemptible? #f
                   #:name (symbol->string (service-canonical-name service))))
    mailbox))

(define (guarded service what thunk)
  "Call @var{thunk}, which does for @var{service} what @var{what} returns; log what
it throws, so that nobody waits in vain for what comes after it."
  (catch #t
    thunk
    (lambda (key . arguments)
      (log-message (l10n "Failed to handle ~a of service ~a: ~a")
                   (what) (service-canonical-name service)
                   (exception->string key arguments)))))

(define (control service mailbox)
  "Handle the events of @var{service} until there are no more."
  (let loop ()
    (let ((event (mailbox-get mailbox)))
      (guarded service (lambda () (car event))
               (lambda ()
                 (handle service event))))
    (if (mailbox-empty? mailbox)
        ;; A fiber that waits takes more memory than all else of a service.
        (set-service-mailbox! service #f)
        (loop))))

(define (handle service event)
  "Handle @var{event}, one of (shepherd transitions), unless (shepherd admission)
objects."
  (match (objection service event)
    (#f
     (advance service event))
    (answer
     (answer-request! (second event) answer))))

;; After these, nobody but a user starts a service that is stopped.  What
;; happens after the end of its process is up to its termination handler.
(define %events-of-rest
  '(started start-threw stop stopped stop-threw))

(define (at-rest? service)
  (eq? 'stopped (state-status (service-state service))))

(define (advance service event)
  (let ((state (service-state service)))
    (let-values (((next effects) (step service state event (host-time))))
      (when (eq? 'starting (state-status state))
        (unless (eq? 'starting (state-status next))
          (set-start-progress! service #f)))
      (unless (eq? state next)
        (set-service-state! service (lasting next)))
      ;; What nobody can have noticed yet may be followed by more.
      (unless (and (null? effects)
                   (not (mailbox-empty? (service-mailbox service))))
        (publish-change! service))
      (when (and (memq (car event) %events-of-rest) (at-rest? service))
        (release-bequest! service))
      (perform-all service effects))))

(define (publish-change! service)
  (unless (eq? (service-state service) (service-published service))
    (guarded service (const 'publication)
             (lambda ()
               (publish-service! service)))))

(define (perform-all service effects)
  "Perform @var{effects} in order, each even if one before it throws."
  (unless (null? effects)
    (let ((effect #f) (rest effects))
      (guarded service (lambda () (car effect))
               (lambda ()
                 (let loop ()
                   (set! effect (car rest))
                   (set! rest (cdr rest))
                   (perform service effect)
                   (unless (null? rest)
                     (loop)))))
      (perform-all service rest))))

(define (perform service effect)
  (match-tagged effect
    (('log format . arguments)
     (apply log-message format (service-canonical-name service) arguments))
    (('answer request answer)
     (answer-request! request answer))
    (('post event)
     (handle service event))
    (('call-start token (client . arguments))
     (call-method service client
                  (lambda ()
                    (post-event! service
                                 `(started ,token
                                           ,(call-start service token
                                                        arguments))))
                  (lambda (key arguments)
                    (log-exception "Start" service key arguments)
                    `(start-threw ,token ,key ,arguments))))
    (('call-stop token value (client . arguments))
     (call-method service client
                  (lambda ()
                    (post-event! service
                                 `(stopped ,token
                                           ,(first-value
                                             (lambda ()
                                               (apply (service-stop service)
                                                      value arguments))
                                             #f))))
                  (lambda (key arguments)
                    (log-exception "Stop" service key arguments)
                    `(stop-threw ,token ,key ,arguments))))
    (('detach logger)
     (note-past-log-files! service (logger-files logger))
     (detach-logger! logger))
    (('replace new)
     (take-over service new))
    (('unregister)
     (dismiss-service! service))
    (('terminated value status)
     (call-method service #f
                  (lambda ()
                    ((service-termination-handler service)
                     service value status)
                    (end-termination service))
                  (lambda (key arguments)
                    (log-exception "Termination" service key arguments)
                    (end-termination service)
                    #f)))))

(define (end-termination service)
  "Have @var{service} give up what it keeps for its next run if its termination
handler did not start it."
  (when (at-rest? service)
    (release-bequest! service)))

(define (call-start-again service)
  "Call the @code{start} method of @var{service}, which an earlier image of the
process left starting."
  (perform service `(call-start ,%restored-token (#f))))

(define (call-stop-again service)
  "Call the @code{stop} method of @var{service}, which an earlier image of the
process left stopping."
  (perform service `(call-stop ,%restored-token
                               ,(state-value (service-state service))
                               (#f))))

(define (take-over old new)
  "Register @var{new} in place of @var{old}, which is stopped, or, if it provides a
name of one that is not, later in place of that one."
  (match (live-clashes new)
    (()
     (replace-service! old new))
    ((live . _)
     (post-event! live `(replacement ,new)))))

(define (live-clashes service)
  (remove (lambda (other)
            (eq? 'stopped (state-status (service-state other))))
          (service-clashes service)))

(define (log-exception what service key arguments)
  "Log that method @var{what} of @var{service} threw @var{key}."
  (log-message (l10n "~a method of service ~a threw an exception: ~a")
               what (service-canonical-name service)
               (exception->string key arguments)))

(define (call-method service client thunk handler)
  "Call @var{thunk} in a fiber and in the context of @var{service}; if it throws,
post the event that @var{handler} returns, if any."
  (spawn-fiber
   (lambda ()
     (call-in-service-context service client thunk
                              (lambda (key arguments)
                                (let ((event (handler key arguments)))
                                  (when event
                                    (post-event! service event))))))
   #:name (symbol->string (service-canonical-name service))
   #:limit (execution-limit->nanoseconds (service-execution-limit service))))

(define (first-value thunk default)
  "Return the first value of @var{thunk}, @var{default} if it returns none."
  (call-with-values thunk
    (case-lambda
      (() default)
      ((value . _) value))))

(define (call-start service token arguments)
  "Return the running value that the @code{start} method gives.  A procedure
stands for the value that it returns when it is given the setter, which is good
for what call @var{token} started only."
  (define (first-of thunk)
    (first-value thunk *unspecified*))

  (let ((value (first-of (lambda ()
                           (apply (service-start service) arguments)))))
    (if (procedure? value)
        (first-of (lambda ()
                    (value (lambda (new)
                             (post-event! service `(value ,token ,new))))))
        value)))
