;;; (shepherd legacy) -- the interface of old configuration files.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Before version 1.0, services of GNU Shepherd were GOOPS objects, made by
;;; `make <service>', and acted upon by name.  Here the same forms make and take
;;; the services of today.  Only old files need this: (shepherd service) loads
;;; it when it meets one.

(define-module (shepherd legacy)
  #:use-module (ice-9 match)
  #:use-module (oop goops)
  #:use-module (srfi srfi-1)
  #:use-module ((shepherd actions) #:select (perform-service-action))
  #:use-module (shepherd conditions)
  #:use-module ((shepherd constructors)
                #:select (make-system-constructor make-system-destructor))
  #:use-module ((shepherd controller) #:select (current-service))
  #:use-module ((shepherd definition) #:select (service))
  #:use-module ((shepherd lifecycle) #:select (start-service stop-service))
  #:use-module (shepherd queries)
  #:use-module ((shepherd records) #:hide (<service>))
  #:use-module ((shepherd registration) #:select (unregister-services))
  #:use-module ((shepherd registry) #:select (lookup-service
                                              registered-services))
  #:use-module ((shepherd support)
                #:select (l10n local-output user-homedir %user-config-dir
                          %user-log-dir %user-runtime-dir))
  #:use-module ((shepherd transitions) #:select (adjust-enabled))
  #:use-module ((shepherd user-module)
                #:select (current-load-location first-note?))
  #:export (<service>
            make-actions
            start
            stop
            enable
            disable
            doc
            perform-old-action
            provides
            requires
            provided-by
            required-by
            canonical-name
            running?
            enabled?
            respawn?
            one-shot?
            transient?
            action-list
            lookup-action
            defines-action?
            service-list
            lookup-services
            deregister-service
            make-init.d-service
            note-old-value)
  ;; Old files had these without importing them.
  #:re-export (make
               slot-ref
               slot-set!
               slot-bound?
               is-a?
               class-of
               define-class
               define-generic
               define-method
               define-accessor
               initialize
               <object>
               <top>
               <symbol>
               <string>
               <list>
               <procedure>
               %user-config-dir
               %user-log-dir
               %user-runtime-dir
               user-homedir))


;;;
;;; Telling.
;;;

(define %modern-service
  "(service '(NAME ...) #:requirement '(...) #:start ... #:stop ...)")
(define %goops "(use-modules (oop goops)) first")
(define %support "(use-modules (shepherd support)) first")

;; What to write in place of each name.
(define modern-forms
  `((<service> . ,%modern-service)
    (make . ,%modern-service)
    (make-actions . "(actions (NAME \"DOCUMENTATION\" PROCEDURE) ...)")
    (make-init.d-service . ,%modern-service)
    (start . "(start-service (lookup-service 'NAME))")
    (stop . "(stop-service (lookup-service 'NAME))")
    (enable . "(enable-service (lookup-service 'NAME))")
    (disable . "(disable-service (lookup-service 'NAME))")
    (doc . "(service-documentation SERVICE)")
    (action . "(perform-service-action (lookup-service 'NAME) 'ACTION)")
    (provides . "(service-provision SERVICE)")
    (provided-by . "(service-provision SERVICE)")
    (requires . "(service-requirement SERVICE)")
    (required-by . "(service-requirement SERVICE)")
    (canonical-name . "(service-canonical-name SERVICE)")
    (running? . "(service-running? SERVICE)")
    (enabled? . "(service-enabled? SERVICE)")
    (respawn? . "(respawn-service? SERVICE)")
    (one-shot? . "(one-shot-service? SERVICE)")
    (transient? . "(transient-service? SERVICE)")
    (action-list . "(service-action-list SERVICE)")
    (lookup-action . "(lookup-service-action SERVICE 'NAME)")
    (defines-action? . "(service-defines-action? SERVICE 'NAME)")
    (service-list . "(for-each-service PROCEDURE)")
    (lookup-services . "(lookup-service 'NAME)")
    (deregister-service . "(unregister-services (list SERVICE))")
    (slot-ref . "a procedure such as (service-provision SERVICE)")
    (slot-set! . "another service")
    ,@(map (lambda (name)
             (cons name %goops))
           '(slot-bound? is-a? class-of initialize
             define-class define-generic define-method define-accessor
             <object> <top> <symbol> <string> <list> <procedure>))
    ,@(map (lambda (name)
             (cons name %support))
           '(%user-config-dir %user-log-dir %user-runtime-dir
             user-homedir))))

(define (place)
  "Return \"FILE:LINE\", where the method that runs belongs, or the form that is
being evaluated; @code{#f} if that is nowhere."
  (or (and=> (current-service) service-location)
      (current-load-location)))

(define (note name)
  "Say that the file being loaded, or that of the current service, uses
@var{name}, and what to write instead, unless something like that was said about
the file."
  (let* ((place (place))
         (file (and place (substring place 0 (string-rindex place #\:)))))
    (when (and file (first-note? file))
      (local-output (l10n "~a: warning: '~a' is of an old interface; write ~a \
instead (see \"Old Configuration Files\" in the manual)")
                    place
                    (if (eq? name 'make) "make <service>" name)
                    (assq-ref modern-forms name)))))

(define (note-old-value name)
  "Note @var{name}, which is used by being looked up: @code{<service>} is not, but
where it was, services are about to be made."
  (unless (eq? name '<service>)
    (note (if (hashq-ref (module-import-obarray (current-module)) '<service>)
              'make
              name))))


;;;
;;; Making services.
;;;

(define-class <service-class> (<class>))

(define-class <service> ()
  #:metaclass <service-class>)

;; The class that GOOPS has for the records that services are.  To methods, they
;; are instances of <service>.
(let ((class (class-of (service '(none)))))
  (slot-set! class 'cpl (list class <service> <top>)))

(define (->old-value value)
  "Return @var{value}, a running value, as it was: a process was its PID."
  (if (process? value)
      (process-id value)
      value))

(define (old-method procedure)
  "Return a method that calls @var{procedure}, which expects an old running
value."
  (lambda (running . arguments)
    (apply procedure (->old-value running) arguments)))

(define (old-actions actions)
  (map (lambda (object)
         (action (action-name object)
                 (old-method (action-procedure object))
                 (action-documentation object)))
       actions))

(define (old-handler procedure)
  (lambda (service process status)
    (procedure service (->old-value process) status)))

(define (docstring object)
  (match object
    ((? string?) object)
    (((? string?) ...) (string-join object))
    (_ (object->string object))))

(define %keywords
  ;; Old keyword, keyword of `service', conversion.
  `((#:requires #:requirement ,identity)
    (#:one-shot? #:one-shot? ,->bool)
    (#:transient? #:transient? ,->bool)
    (#:respawn? #:respawn? ,->bool)
    (#:respawn-limit #:respawn-limit ,identity)
    (#:respawn-delay #:respawn-delay ,identity)
    (#:start #:start ,identity)
    (#:stop #:stop ,old-method)
    (#:actions #:actions ,old-actions)
    (#:handle-termination #:termination-handler ,old-handler)
    (#:docstring #:documentation ,docstring)))

(define (make-old-service arguments)
  "Return a service made with the old keywords and their values in
@var{arguments}.  Others are ignored; of equal ones, the first counts."
  (define absent (list 'absent))

  (define (translate entry)
    (match entry
      ((old new convert)
       (let ((value (get-keyword old arguments absent)))
         (if (eq? value absent)
             '()
             (list new (convert value)))))))

  (let ((result (apply service (get-keyword #:provides arguments '())
                       (append-map translate %keywords))))
    (unless (null? (get-keyword #:conflicts arguments '()))
      (local-output (l10n "~a: warning: service ~a: '#:conflicts' is ignored")
                    (place) (service-canonical-name result)))
    (unless (get-keyword #:enabled? arguments #t)
      (set-service-state! result (adjust-enabled (service-state result) #f)))
    result))

(define-method (make (class <service-class>) . arguments)
  (note 'make)
  (unless (eq? class <service>)
    (raise-message "make" (l10n "class ~a is derived from <service>, which is \
not possible any more; use a procedure that calls 'service'")
                   (class-name class)))
  (make-old-service arguments))

(define-syntax-rule (make-actions clause ...)
  ;; Return a list of actions, given as for `actions'.
  (actions clause ...))


;;;
;;; Acting on them, by object or name.
;;;

(define-syntax-rule (define-old (name . formals) documentation body ...)
  ;; Define a generic procedure: old files may have methods of their own.
  (begin
    (define-generic name)
    (set-procedure-property! name 'documentation documentation)
    (define-method (name . formals)
      (note 'name)
      body ...)))

(define (find-service who)
  "Return the service that @var{who} is or names; raise
@code{&missing-service-error} if there is none."
  (cond ((service? who) who)
        ((symbol? who)
         (or (lookup-service who)
             (raise-exception (make-missing-service-error who))))
        (else
         (raise-message #f (l10n "neither a service nor the name of one: ~s")
                        who))))

(define-old (start who . arguments)
  "Start the service @var{who}; return its running value or @code{#f}.  Suspends."
  (->old-value (apply start-service (find-service who) arguments)))

(define-old (stop who . arguments)
  "Stop the service @var{who}; return @code{#f}, as it does not run then.
Suspends."
  (apply stop-service (find-service who) arguments)
  #f)

(define-old (enable who)
  "Allow the service @var{who} to be started."
  (perform-service-action (find-service who) 'enable))

(define-old (disable who)
  "Forbid the service @var{who} to be started."
  (perform-service-action (find-service who) 'disable))

(define-old (doc who . arguments)
  "Output the documentation of the service @var{who}."
  (apply perform-service-action (find-service who) 'doc
         (map (lambda (argument)
                (if (symbol? argument) (symbol->string argument) argument))
              arguments)))

(define (perform-old-action who name . arguments)
  "Perform the action @var{name}, @code{start} and @code{stop} being among them,
of the service @var{who}; return its value.  May suspend."
  (note 'action)
  (match name
    ('start (apply start who arguments))
    ('stop (apply stop who arguments))
    (_ (apply perform-service-action (find-service who) name arguments))))

(define-old (deregister-service name)
  "Stop and unregister the service called @var{name}, a string or symbol, or
@code{all}.  Do nothing if there is none.  Suspends."
  (match (if (string? name) (string->symbol name) name)
    ('all
     (unregister-services (remove (lambda (service)
                                    (memq 'root (service-provision service)))
                                  (registered-services))))
    (name
     (unregister-services (service-list-of name)))))

(define-old (make-init.d-service name . arguments)
  "Return a service that runs the script @var{name} of /etc/init.d with
@code{start} and @code{stop}."
  (let ((script (string-append "/etc/init.d/" name)))
    (make-old-service
     (append (list #:provides (list (string->symbol name))
                   #:start (make-system-constructor script " start")
                   #:stop (make-system-destructor script " stop"))
             arguments))))


;;;
;;; Asking about them.
;;;

(define (service-list-of name)
  (match (lookup-service name)
    (#f '())
    (service (list service))))

(define-syntax-rule (define-old-accessors (name accessor documentation) ...)
  (begin
    (define-old (name service)
      documentation
      (accessor service))
    ...))

(define (running-value service)
  (->old-value (service-running-value service)))

(define-old-accessors
  (provides service-provision "Return the names of @var{service}.")
  (provided-by service-provision "Return the names of @var{service}.")
  (requires service-requirement "Return the names that @var{service} requires.")
  (required-by service-requirement
               "Return the names that @var{service} requires.")
  (canonical-name service-canonical-name
                  "Return the first name of @var{service}.")
  (running? running-value
            "Return the running value of @var{service}, or @code{#f}.")
  (enabled? service-enabled? "Return true if @var{service} may be started.")
  (respawn? respawn-service? "Return true if @var{service} is respawned.")
  (one-shot? one-shot-service? "Return true if @var{service} is one-shot.")
  (transient? transient-service? "Return true if @var{service} is transient.")
  (action-list service-action-list
               "Return the names of the actions of @var{service}."))

(define-old (lookup-action service name)
  "Return the action @var{name} of @var{service}, or @code{#f}."
  (lookup-service-action service name))

(define-old (defines-action? service name)
  "Return true if @var{service} has an action @var{name}."
  (service-defines-action? service name))

(define-old (service-list)
  "Return the list of registered services."
  (registered-services))

(define-old (lookup-services name)
  "Return the list of the services that provide @var{name}: one, or none."
  (service-list-of name))

(define-method (slot-missing (class <class>) (service <service>) name)
  (note 'slot-ref)
  (match name
    ('provides (service-provision service))
    ('requires (service-requirement service))
    ('one-shot? (one-shot-service? service))
    ('transient? (transient-service? service))
    ('respawn? (respawn-service? service))
    ('respawn-limit (service-respawn-limit service))
    ('respawn-delay (service-respawn-delay service))
    ('start (service-start service))
    ('stop (service-stop service))
    ('actions (service-actions service))
    ('handle-termination (service-termination-handler service))
    ('docstring (service-documentation service))
    ('enabled? (service-enabled? service))
    ('running (running-value service))
    ('last-respawns (service-respawn-times service))
    ('conflicts '())
    (_
     (raise-message "slot-ref" (l10n "services have no slot '~a'") name))))

(define-method (slot-missing (class <class>) (service <service>) name value)
  (note 'slot-set!)
  (match name
    ('enabled?
     ((if value enable-service disable-service) service))
    (_
     (raise-message "slot-set!" (l10n "slot '~a' of service ~a cannot be \
changed; define another service")
                    name (service-canonical-name service)))))
