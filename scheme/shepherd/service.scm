;;; (shepherd service) -- the language of services.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; What configuration files see.  Each part lives in a module of its own; this
;;; one puts them together, with the few names that only exist because
;;; configurations may mention them.

(define-module (shepherd service)
  #:use-module ((shepherd actions)
                #:select ((perform-service-action . perform-action)))
  #:use-module (shepherd conditions)
  #:use-module (shepherd constructors)
  #:use-module (shepherd controller)
  #:use-module (shepherd definition)
  #:use-module (shepherd direct-exec)
  #:use-module ((shepherd host) #:select (host-time))
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd preemption)
  #:use-module (shepherd process)
  #:use-module (shepherd queries)
  #:use-module ((shepherd records) #:hide (action))
  #:use-module ((shepherd records) #:select ((action . custom-action)))
  #:use-module (shepherd registration)
  #:use-module (shepherd registry)
  #:use-module (shepherd root)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd sockets)
  #:use-module (shepherd sockets endpoint)
  #:use-module ((shepherd support syntax) #:select (l10n))
  #:re-export (service
               service?
               service-provision
               service-requirement
               service-canonical-name
               one-shot-service?
               transient-service?
               respawn-service?
               service-respawn-limit
               service-respawn-delay
               service-documentation
               service-execution-limit
               service-action-list
               lookup-service-action
               service-defines-action?
               default-respawn-limit
               default-respawn-delay

               actions
               action?
               action-name
               action-procedure
               action-documentation

               register-services
               unregister-services
               lookup-service
               lookup-running
               for-each-service
               service-name-count

               start-service
               stop-service
               start-in-the-background
               enable-service
               disable-service
               respawn-service
               default-service-termination-handler
               register-service-logger

               service-status
               service-running?
               service-stopped?
               service-enabled?
               service-running-value
               service-status-changes
               service-startup-failures
               service-respawn-times
               service-process-exit-statuses
               service-replacement
               service-logger
               service-recent-messages
               service-log-files
               current-service

               process?
               process-id
               process-command
               exec-command
               fork+exec-command
               start-command
               spawn-command
               spawn-shell-command
               terminate-process
               read-pid-file
               default-service-directory
               user-environment-variables
               default-environment-variables
               default-pid-file-timeout
               default-process-termination-grace-period
               default-execution-limit
               default-give-up-limit
               default-memory-limit
               default-stack-limit

               make-forkexec-constructor
               make-kill-destructor
               make-system-constructor
               make-system-destructor
               make-inetd-constructor
               make-inetd-destructor
               make-systemd-constructor
               make-systemd-destructor
               default-inetd-max-connections

               endpoint
               endpoint?
               endpoint-name
               endpoint-address
               endpoint-style
               endpoint-backlog
               endpoint-socket-owner
               endpoint-socket-group
               endpoint-socket-directory-permissions
               endpoint-bind-attempts
               default-bind-attempts

               &service-error
               service-error?
               &missing-service-error
               missing-service-error?
               missing-service-name
               &unknown-action-error
               unknown-action-error?
               unknown-action-name
               unknown-action-service
               &action-runtime-error
               action-runtime-error?
               action-runtime-error-service
               action-runtime-error-action
               action-runtime-error-key
               action-runtime-error-arguments
               condition->sexp

               root-service
               default-shutdown-timeout
               %post-daemonize-hook)
  #:export (action
            perform-service-action
            %precious-signals
            handle-SIGCHLD
            check-for-dead-services
            with-process-monitor
            with-service-registry
            essential-task-thunk
            get-message*))

;;;
;;; What GNU Shepherd 1.0 removed.
;;;

;; Half of the configurations around use the interface of earlier versions, based
;; on GOOPS.  (shepherd legacy) has it.  These names are seen by whoever uses
;; this module and does not have them from elsewhere, but only using them loads
;; that module: mentioning them does not, in patterns for instance.
(define old-procedures
  '(make slot-ref slot-set! slot-bound? is-a? class-of
    start stop enable disable doc
    provides requires provided-by required-by canonical-name
    running? enabled? respawn? one-shot? transient?
    action-list lookup-action defines-action?
    service-list lookup-services deregister-service make-init.d-service))

;; These are not called, so that looking for one counts as using it.
(define old-values
  '(<service> make-actions
    define-class define-generic define-method define-accessor
    <object> <top> <symbol> <string> <list> <procedure> initialize
    %user-config-dir %user-log-dir %user-runtime-dir user-homedir))

(define stand-ins (make-hash-table))    ;name -> variable

(define (old-interface)
  "Return the interface of (shepherd legacy), loading it if need be."
  (let ((interface (resolve-interface '(shepherd legacy))))
    (hash-for-each (lambda (name variable)
                     (variable-set! variable (module-ref interface name)))
                   stand-ins)
    interface))

(define (old-value name)
  (module-ref (old-interface) name))

(define (old-procedure-variable name)
  "Return a variable whose value, called, is what @var{name} was."
  (cond ((hashq-ref stand-ins name))
        ((resolve-module '(oop goops) #f #:ensure #f)
         ;; Somebody may want to add methods to it.
         (module-variable (old-interface) name))
        (else
         (let ((variable (make-variable
                          (lambda arguments
                            (apply (old-value name) arguments)))))
           (hashq-set! stand-ins name variable)
           variable))))

(define (found-elsewhere? name)
  "Return true if another module that the current one uses has @var{name}."
  (let loop ((used (module-uses (current-module))))
    (and (pair? used)
         (or (and (not (eq? bind-old-name (module-binder (car used))))
                  (module-variable (car used) name))
             (loop (cdr used))))))

(define (bind-old-name module name define?)
  "Return the variable of @var{name} in the old interface, or @code{#f}."
  (cond ((memq name old-procedures)
         (and (not (found-elsewhere? name))
              (old-procedure-variable name)))
        ((memq name old-values)
         (and (not (found-elsewhere? name))
              (begin
                ((old-value 'note-old-value) name)
                (module-variable (old-interface) name))))
        (else #f)))

(set-module-binder! (current-module) bind-old-name)
(set-module-binder! (module-public-interface (current-module)) bind-old-name)

(define (action name procedure . rest)
  "Return a custom action called @var{name}, a symbol, that calls
@var{procedure} with the running value of its service, then with the arguments
that the user gave; its documentation may follow.  In old files it performs
action @var{procedure}, a symbol, of the service @var{name}."
  (apply (if (symbol? procedure) (old-value 'perform-old-action) custom-action)
         name procedure rest))

(define (perform-service-action service name . arguments)
  "Perform action @var{name} of @var{service}, its own or one that every service
has, and return its first value.  Old files also give the name of the service.
Raise @code{&unknown-action-error} or @code{&action-runtime-error}.  May
suspend."
  (apply (if (symbol? service) (old-value 'perform-old-action) perform-action)
         service name arguments))


;;;
;;; What there is no use for.
;;;

(define %precious-signals
  ;; Signals that the core reads itself.
  (list SIGCHLD SIGINT SIGHUP SIGTERM))

(define* (handle-SIGCHLD #:optional (signal SIGCHLD))
  "Do nothing: the core reaps every process that ends."
  *unspecified*)

(define (check-for-dead-services)
  "Do nothing: the core reports every process that ends."
  *unspecified*)

;; Not exported, and used by some all the same, by `@@'.
(define (monitor-service-process service pid)
  (tie-process! pid service))

(define-syntax-rule (with-process-monitor expression ...)
  ;; Evaluate EXPRESSION..., with processes being monitored, as they always are.
  (let () expression ...))

(define-syntax-rule (with-service-registry expression ...)
  ;; Evaluate EXPRESSION..., with a registry of services, as there always is.
  (let () expression ...))

(define (essential-task-thunk name procedure . arguments)
  "Return a thunk that calls @var{procedure} with @var{arguments} for ever, logging
when it returns or throws."
  (lambda ()
    (let loop ()
      (catch #t
        (lambda ()
          (apply procedure arguments)
          (log-message (l10n "Essential task ~a exited unexpectedly.") name))
        (lambda (key . arguments)
          (log-message (l10n "Uncaught exception in essential task ~a: ~a")
                       name (exception-text key arguments))))
      (yield-fiber)
      (loop))))

(define* (get-message* channel timeout
                       #:optional default (overslept default))
  "Return a message from @var{channel}, or @var{default} after @var{timeout}
seconds, or @var{overslept} when the time was passed by far, as after a suspension
of the machine.  Suspends."
  (let* ((start (host-time))
         (margin (max 2 (min (/ timeout 10) 120)))
         (timed-out (list 'timeout))
         (message (perform-operation
                   (choice-operation
                    (get-operation channel)
                    (wrap-operation (sleep-operation timeout)
                                    (const timed-out))))))
    (cond ((not (eq? message timed-out))
           message)
          ((> (- (host-time) start)
              (* (+ timeout margin) 1000000000))
           overslept)
          (else
           default))))
