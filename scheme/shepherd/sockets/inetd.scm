;;; (shepherd sockets inetd) -- a process for each connection.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; A fiber for each listening socket accepts connections.  Each becomes a
;;; transient service, whose process has it as standard input, output and
;;; error; it lives on when the service that accepted it stops.

(define-module (shepherd sockets inetd)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd admission)
  #:use-module (shepherd comm)
  #:use-module (shepherd constructors)
  #:use-module (shepherd controller)
  #:use-module (shepherd definition)
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd process)
  #:use-module (shepherd publication)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd registration)
  #:use-module (shepherd registry)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd sockets accepting)
  #:use-module (shepherd sockets endpoint)
  #:use-module (shepherd sockets listeners)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (inetd-starter
            stop-inetd))

;; What one call of make-inetd-constructor made.
(define-record-type <inetd>
  (make-inetd command endpoints stem requirements maximum environment options
              count connections starting room)
  inetd?
  (command      inetd-command)          ;list of strings
  (endpoints    inetd-endpoints)
  (stem         inetd-stem)             ;string
  (requirements inetd-requirements)     ;list of symbols
  (maximum      inetd-maximum)          ;number of connections at a time
  (environment  inetd-environment)      ;list of strings
  (options      inetd-options)          ;keywords for spawn-process
  ;; Number of the latest connection.
  (count        inetd-count set-inetd-count!)
  ;; Their services, also those that are gone but not looked at yet.
  (connections  inetd-connections set-inetd-connections!)
  ;; Number of those that no process has yet, and the condition for fewer.
  (starting     inetd-starting set-inetd-starting!)
  (room         inetd-room set-inetd-room!))

;; The running value.
(define-record-type <inetd-service>
  (make-inetd-service inetd service listeners end)
  inetd-service?
  (inetd     inetd-service-inetd)
  (service   inetd-service-service)
  (listeners inetd-service-listeners)
  (end       inetd-service-end))        ;condition: accept no more

(set-record-type-printer!
 <inetd-service>
 (lambda (value port)
   (simple-format port "#<<inetd-service> ~a>"
                  (map listener-address (inetd-service-listeners value)))))

(define-record-type-serializer (inetd-service->sexp (value <inetd-service>))
  (let ((inetd (inetd-service-inetd value))
        (listeners (inetd-service-listeners value)))
    `(inetd-service (version 0)
                    (endpoints ,(map (compose endpoint->sexp
                                              listener-endpoint)
                                     listeners))
                    (sockets ,(map listener-descriptor listeners))
                    (command ,(inetd-command inetd))
                    (connections ,(map service-canonical-name
                                       (reverse
                                        (live-connections inetd)))))))


;;;
;;; Connections.
;;;

(define (live-connections inetd)
  "Return the services of the connections of @var{inetd} that there are."
  (filter registered? (inetd-connections inetd)))

(define (fresh-name inetd)
  "Return the name of the next connection's service, which nobody has."
  (let-values (((name number)
                (fresh-service-name (inetd-stem inetd)
                                    (+ 1 (inetd-count inetd)))))
    (set-inetd-count! inetd number)
    name))

(define (connection-variables connection peer)
  "Return what the environment says of @var{connection}, a socket, and @var{peer},
its other end."
  (define (variables kind address)
    (list (string-append "TCP" kind "IP="
                         (inet-ntop (sockaddr:fam address)
                                    (sockaddr:addr address)))
          (string-append "TCP" kind "PORT="
                         (number->string (sockaddr:port address)))))

  (if (memv (sockaddr:fam peer) (list AF_INET AF_INET6))
      (append (variables "LOCAL" (getsockname connection))
              (variables "REMOTE" peer))
      '()))

(define (peer->string peer)
  (if (memv (sockaddr:fam peer) (list AF_INET AF_INET6))
      (socket-address->string peer)
      (l10n "local process")))

(define (run-on connection peer inetd)
  "Run the command of @var{inetd} on @var{connection}, a socket; return its
process.  Suspends."
  (let-values (((pid child)
                (apply spawn-process (inetd-command inetd)
                       #:service (current-service)
                       #:input-port connection
                       #:output-port connection
                       #:environment-variables
                       (append (connection-variables connection peer)
                               (inetd-environment inetd))
                       (inetd-options inetd))))
    (process pid (inetd-command inetd))))

;; So many connections are handed over at a time; the others wait in the
;; kernel, where they cost nothing, also when there is no room for processes.
(define %most-starting 16)

(define (add-starting! inetd change)
  "Add @var{change} to the number of connections of @var{inetd} that no process
has yet."
  (without-preemption
   (set-inetd-starting! inetd (+ (inetd-starting inetd) change))
   (when (< (inetd-starting inetd) %most-starting)
     (signal-condition! (inetd-room inetd))
     (set-inetd-room! inetd (make-condition)))))

(define (await-room inetd end)
  "Wait until another connection may be accepted, or @var{end} is signalled."
  (let loop ()
    (when (and (>= (inetd-starting inetd) %most-starting)
               (not (condition-signalled? end)))
      (perform-operation
       (choice-operation (wait-operation end)
                         (wait-operation (inetd-room inetd))))
      (loop))))

;; Service of a connection -> (PARENT-NAME PEER CONNECTION), where CONNECTION
;; is the socket until a process has it, then #f.
(define links (make-weak-key-hash-table))

;; How often, and with what pause in seconds, to try to run a process that the
;; system has no room for.
(define %attempts 50)
(define %pause 0.2)

(define (run-patiently connection peer inetd)
  "Do what @code{run-on} does, again and again if the system lacks descriptors,
processes or memory."
  (let loop ((attempts %attempts))
    (or (catch 'system-error
          (lambda ()
            (run-on connection peer inetd))
          (lambda error
            (if (and (memv (system-error-errno error)
                           (list EAGAIN EMFILE ENFILE ENOMEM))
                     (> attempts 1)
                     (not (shutting-down?)))
                #f
                (apply throw error))))
        (begin
          (fiber-sleep %pause)
          (loop (- attempts 1))))))

(define (connection-ended inetd parent service)
  "Follow the end of the connection handled by @var{service}."
  (close-connection! service)
  (let ((left (delq service (live-connections inetd))))
    (set-inetd-connections! inetd left)
    (publish-service! parent)
    (length left)))

(define (close-connection! service)
  "Close the daemon's side of what @var{service} handles, if it is open."
  (without-preemption
   (match (hashq-ref links service)
     ((parent peer connection)
      (hashq-set! links service (list parent peer #f))
      (when connection
        (release-descriptor! (fileno connection))
        (close-port connection)))
     (#f #f))))

(define (start-connection service inetd parent peer)
  "Run the command of @var{inetd} for @var{service}; forget that if it fails.
Suspends."
  (match (hashq-ref links service)
    ((_ _ #f)
     (forget-connection service inetd parent)
     #f)
    ((_ _ connection)
     (keep-descriptor! (fileno connection))
     (catch #t
       (lambda ()
         (let ((process (run-patiently connection peer inetd)))
           ;; It has its own now.
           (close-connection! service)
           process))
       (lambda exception
         (forget-connection service inetd parent)
         (apply throw exception))))))

(define (forget-connection service inetd parent)
  "Close what @var{service}, which cannot be started, handles, and unregister it
in the background."
  (connection-ended inetd parent service)
  (spawn-fiber (lambda ()
                 (unregister-services (list service)))))

(define (connection-service name inetd parent peer connection)
  "Return the service for @var{connection} with @var{peer}, accepted by
@var{parent}; @var{connection} is @code{#f} if a process has it."
  (define kill (make-kill-destructor))

  (define (run . _)
    (start-connection (current-service) inetd parent peer))

  (define (stop running . _)
    (kill running)
    (connection-ended inetd parent (current-service))
    #f)

  (define (handle-termination service process status)
    (let ((count (connection-ended inetd parent service)))
      (local-output
       (l10n "~a connection still in use after ~a termination."
             "~a connections still in use after ~a termination."
             count)
       count name))
    (default-service-termination-handler service process status))

  (let ((new (service (list name)
                      #:requirement (inetd-requirements inetd)
                      #:transient? #t
                      #:start run
                      #:stop stop
                      #:termination-handler handle-termination
                      #:documentation
                      (format-message (l10n "Connection from ~a.")
                                      (peer->string peer)))))
    (hashq-set! links new
                (list (service-canonical-name parent) peer connection))
    new))

(define (handle-connection service inetd parent)
  "Start @var{service}, which handles a connection, and forget both if that fails.
Suspends."
  (let ((started? (start-on-behalf service)))
    (add-starting! inetd -1)
    (unless started?
      (forget-connection service inetd parent))))

(define (accepted value listener connection peer)
  "Handle @var{connection} from @var{peer}, just accepted at @var{listener}."
  (let ((inetd (inetd-service-inetd value))
        (parent (inetd-service-service value))
        (address (listener-address listener)))
    (set-inetd-connections! inetd (live-connections inetd))
    (if (>= (length (inetd-connections inetd)) (inetd-maximum inetd))
        (begin
          (log-message
           (l10n "Maximum number of ~a clients reached; rejecting connection \
from ~a.")
           address (peer->string peer))
          (close-port connection))
        (let* ((name (fresh-name inetd))
               (service (connection-service name inetd parent peer
                                            connection)))
          (log-message (l10n "Accepted connection on ~a from ~a.")
                       address (peer->string peer))
          (register-services (list service))
          (set-inetd-connections! inetd
                                  (cons service (inetd-connections inetd)))
          (add-starting! inetd 1)
          (publish-service! parent)
          (spawn-fiber (lambda ()
                         (handle-connection service inetd parent))
                       #:name (symbol->string name))))))


(define (accept-in-background value)
  (let ((inetd (inetd-service-inetd value))
        (end (inetd-service-end value)))
    (for-each (lambda (listener)
                (accept-connections (inetd-service-service value) listener end
                                    (lambda (connection peer)
                                      (accepted value listener
                                                connection peer))
                                    #:await-room
                                    (lambda ()
                                      (await-room inetd end))))
              (inetd-service-listeners value))))


;;;
;;; Methods.
;;;

(define (check-endpoint endpoint)
  (unless (= SOCK_STREAM (endpoint-style endpoint))
    (scm-error 'misc-error "make-inetd-constructor"
               (l10n "endpoint ~a: expected style SOCK_STREAM, one connection \
per process")
               (list (socket-address->string (endpoint-address endpoint)))
               #f)))

(define (inetd-starter command endpoints stem requirements maximum environment
                       options)
  "Return the start method of @code{make-inetd-constructor}."
  (define inetd
    (make-inetd command endpoints stem requirements maximum
                (without-variables '("TCPLOCALIP" "TCPLOCALPORT"
                                     "TCPREMOTEIP" "TCPREMOTEPORT")
                                   environment)
                options 0 '() 0 (make-condition)))

  (for-each check-endpoint endpoints)
  (with-maker inetd
    (lambda _
      (let* ((end (make-condition))
             (listeners (open-listeners endpoints
                                        (lambda ()
                                          (signal-condition! end))))
             (value (make-inetd-service inetd (current-service) listeners
                                        end)))
        (accept-in-background value)
        value))))

(define (stop-inetd value)
  "Accept no more connections for @var{value}; those there are go on."
  (signal-condition! (inetd-service-end value))
  #f)


;;;
;;; For a successor: listeners are kept on their own.
;;;

(define (inetd-service->datum value)
  (inetd-count (inetd-service-inetd value)))

(define (datum->inetd-service datum service)
  (let ((inetd (service-maker service inetd?))
        (end (make-condition)))
    (set-inetd-count! inetd datum)
    (close-at-rest! service (lambda ()
                              (signal-condition! end)))
    (let ((value (make-inetd-service inetd service
                                     (service-listeners service) end)))
      (accept-in-background value)
      value)))

(declare-saved-value! 'inetd-service inetd-service?
                      inetd-service->datum datum->inetd-service)

(define (link->datum service)
  (match (hashq-ref links service)
    ((parent peer connection)
     (list parent peer (and connection (fileno connection))))
    (#f #f)))

(define (inherited-connection fd)
  "Return the socket that an earlier image of the process had as @var{fd}, or
@code{#f} if it was closed."
  (catch-system-error
   (let ((sock (fdopen fd "r+0")))
     (fcntl sock F_SETFD FD_CLOEXEC)
     (getpeername sock)
     (keep-descriptor! fd)
     sock)))

(define (datum->connection name datum)
  "Return the service called @var{name} for the connection that an earlier image
of the process had; @code{#f} if nobody knows any more what to do with it."
  (match datum
    ((parent-name peer fd)
     (let* ((parent (lookup-service parent-name))
            (inetd (and parent
                        (procedure-property (service-start parent) 'maker))))
       (and (inetd? inetd)
            (let ((service (connection-service name inetd parent peer
                                               (and fd
                                                    (inherited-connection
                                                     fd)))))
              (set-inetd-connections! inetd
                                      (cons service
                                            (inetd-connections inetd)))
              service))))))

(declare-saved-part! 'inetd-connection link->datum (const #t)
                     datum->connection)
