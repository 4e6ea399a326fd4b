;;; (shepherd records) -- services, actions and processes as data.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A service is what its author wrote, immutable, beside four cells that
;;; belong to its controller: its latest state, the one that was published last,
;;; its mailbox, and whether it is registered.

(define-module (shepherd records)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (shepherd comm)
  #:use-module (shepherd file-contents)
  #:use-module (shepherd lasting)
  #:use-module (shepherd support)
  #:export (<service>
            make-service
            service?
            service-provision
            service-requirement
            one-shot-service?
            transient-service?
            respawn-service?
            service-respawn-limit
            service-respawn-delay
            service-start
            service-stop
            service-actions
            service-execution-limit
            service-termination-handler
            service-documentation
            service-location
            service-state
            set-service-state!
            service-published
            set-service-published!
            service-mailbox
            set-service-mailbox!
            service-registration
            set-service-registration!
            service-canonical-name
            service-action-list
            lookup-service-action
            service-defines-action?

            action
            actions
            action?
            action-name
            action-procedure
            action-documentation
            list-of-actions?

            process
            process?
            process-id
            process-command
            running-process
            process-given-command
            process->string))

(define-record-type <action>
  (make-action name procedure documentation)
  action?
  (name          action-name)           ;symbol
  (procedure     action-procedure)      ;running value, arguments -> any
  (documentation action-documentation)) ;string

(define default-action-documentation
  (l10n "[No documentation.]"))

(define* (action name procedure
                 #:optional (documentation default-action-documentation))
  "Return a custom action called @var{name}, a symbol, that calls
@var{procedure} with the running value of its service, then with the arguments
that the user gave."
  (check-argument-types (symbol? name) (procedure? procedure))
  (make-action name procedure documentation))

(define-syntax actions
  (syntax-rules ()
    "Return a list of actions, each given as @code{(@var{name}
@var{documentation} @var{procedure})} or @code{(@var{name} @var{procedure})}."
    ((_ clause ...)
     (list (action-of-clause clause) ...))))

(define-syntax action-of-clause
  (syntax-rules ()
    ((_ (name documentation procedure))
     (action 'name procedure documentation))
    ((_ (name procedure))
     (action 'name procedure))))

(define list-of-actions? (list-predicate action?))

(define-record-type <process>
  (make-process id command)
  process?
  (id      process-id)                  ;PID
  ;; List of strings, or #f: ask /proc.
  (command process-given-command))

(define (process id command)
  "Return the process @var{id} that was started by @var{command}, if not
@code{#f}."
  (lasting (make-process id command)))

(define (process-command process)
  "Return the command line of @var{process} as a list of strings; for a process
that is known by its PID alone, what /proc says now, or the empty list."
  (or (process-given-command process)
      (match (file-contents (simple-format #f "/proc/~a/cmdline"
                                           (process-id process)))
        ((or #f "") '())
        (text (string-split (string-trim-right text #\nul) #\nul)))))

(define (running-process pid)
  "Return the process @var{pid} with the command line that it has now."
  (process pid (process-command (process pid #f))))

(define %plain-characters
  (char-set-delete (ucs-range->char-set #x20 #x7f) #\" #\\))

(define (word->string word)
  "Return @var{word} of a command as @code{write} shows it."
  (if (and (string? word) (string-every %plain-characters word))
      (string-append "\"" word "\"")
      (object->string word)))

(define (process->string process)
  "Return what @code{write} shows of @var{process}.  It is shown each time that a
service starts, for which a port is expensive."
  (let ((command (process-given-command process)))
    (string-append "#<<process> id: "
                   (number->string (process-id process))
                   " command: "
                   (if (list? command)
                       (string-append "("
                                      (string-join (map word->string command))
                                      ")")
                       (object->string command))
                   ">")))

(define (write-process process port)
  (display (process->string process) port))

(set-record-type-printer! <process> write-process)

(define-record-type-serializer (process->sexp (object <process>))
  `(process (version 0)
            (id ,(process-id object))
            (command ,(process-command object))))

(define-record-type <service>
  (%make-service provision requirement one-shot? transient? respawn?
                 respawn-limit respawn-delay start stop actions
                 execution-limit termination-handler documentation location
                 state published mailbox registration)
  service?
  (provision     service-provision)     ;list of symbols, canonical name first
  (requirement   service-requirement)   ;list of symbols
  (one-shot?     one-shot-service?)     ;Boolean
  (transient?    transient-service?)    ;Boolean
  (respawn?      respawn-service?)      ;Boolean
  (respawn-limit service-respawn-limit) ;(TIMES . SECONDS)
  (respawn-delay service-respawn-delay) ;seconds
  (start         service-start)         ;arguments -> running value
  (stop          service-stop)          ;running value, arguments -> Boolean
  (actions       service-actions)       ;list of <action>
  (execution-limit service-execution-limit) ;seconds, or #f
  (termination-handler service-termination-handler)
  (documentation service-documentation) ;string
  (location      service-location)      ;"FILE:LINE" where it was made, or #f
  (state         service-state set-service-state!)
  (published     service-published set-service-published!) ;state, or #f
  (mailbox       service-mailbox set-service-mailbox!)
  ;; Place in the order of registration (an integer); `withdrawn' for a
  ;; service that was registered and is not any more; or #f.
  (registration  service-registration set-service-registration!))

(define* (make-service provision #:key requirement one-shot? transient?
                       respawn? respawn-limit respawn-delay start stop actions
                       execution-limit termination-handler documentation
                       location state)
  "Return a service, unregistered; nothing is checked here."
  (%make-service provision requirement one-shot? transient? respawn?
                 respawn-limit respawn-delay start stop actions
                 execution-limit termination-handler documentation location
                 state #f #f #f))

(define (write-service service port)
  (simple-format port "#<<service> ~a ~a>"
                 (service-canonical-name service)
                 (number->string (object-address service) 16)))

(set-record-type-printer! <service> write-service)

(define (service-canonical-name service)
  "Return the first name that @var{service} provides, a symbol."
  (car (service-provision service)))

(define (service-action-list service)
  "Return the names of the custom actions of @var{service}."
  (map action-name (service-actions service)))

(define (lookup-service-action service name)
  "Return the custom action @var{name} of @var{service}, or @code{#f}."
  (let loop ((actions (service-actions service)))
    (match actions
      (() #f)
      ((action . rest)
       (if (eq? name (action-name action))
           action
           (loop rest))))))

(define (service-defines-action? service name)
  "Return true if @var{service} has a custom action called @var{name}."
  (->bool (lookup-service-action service name)))
