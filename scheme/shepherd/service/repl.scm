;;; (shepherd service repl) -- a service to program the daemon with, as it runs.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Each connection to its socket is a transient service, whose running value is
;;; a port that reads from it.  Guile's REPL is loaded by the first one.

(define-module (shepherd service repl)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd controller)
  #:use-module (shepherd host)
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd publication)
  #:use-module (shepherd repl client)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd service)
  #:use-module (shepherd sockets accepting)
  #:use-module (shepherd sockets endpoint)
  #:use-module (shepherd sockets listeners)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (default-repl-socket-file
            repl-service))

(define default-repl-socket-file
  ;; Where clients connect.
  (make-parameter (string-append default-socket-dir "/repl")))


;;;
;;; Clients.
;;;

;; Not a weak table: a client knows its running value, and would keep it there.
(define clients (make-hash-table))      ;running value -> client

(define (start-client service connection)
  "Run a REPL on @var{connection} for @var{service}; return its running value."
  (let* ((client (serve-client connection
                               (lambda ()
                                 (stop-service service))))
         (port (client-input client)))
    (hashq-set! clients port client)
    port))

(define (stop-client port)
  (dismiss-client (hashq-ref clients port))
  (hashq-remove! clients port)
  #f)

(declare-ending-value! (lambda (value)
                         (and (port? value)
                              (hashq-ref clients value))))

(define (client-service name connection)
  "Return the service called @var{name} for @var{connection}."
  (service (list name)
           #:transient? #t
           #:documentation (l10n "Serve a client of the REPL.")
           #:start (lambda _
                     (start-client (current-service) connection))
           #:stop stop-client))

(define (handle-client service connection)
  "Start @var{service}, which is for @var{connection}; forget both if that fails.
Suspends."
  (unless (start-on-behalf service)
    (close-port connection)
    (unregister-services (list service))))


;;;
;;; The socket.
;;;

;; What one call of repl-service made.
(define-record-type <repl>
  (make-repl endpoint count end)
  repl?
  (endpoint repl-endpoint)
  (count    repl-count set-repl-count!) ;number of the latest client
  (end      repl-end set-repl-end!))    ;condition: accept no more

(define repls (make-weak-key-hash-table)) ;listening socket -> <repl>

(define (admits? connection)
  "Return true if the user on the other side of @var{connection} may use the REPL:
root and the daemon's own, whatever became of the socket file's permissions."
  (let ((user (catch-system-error (host-peer-user (fileno connection)))))
    (or (eqv? user 0)
        (eqv? user (getuid))
        (begin
          (when user
            (log-message (l10n "Refused REPL connection of user ~a.") user))
          #f))))

(define (accepted repl parent connection)
  "See to @var{connection}, which was accepted by the service @var{parent}."
  (if (admits? connection)
      (let-values (((name number)
                    (fresh-service-name "repl-client"
                                        (+ 1 (repl-count repl)))))
        (let ((service (client-service name connection)))
          (log-message (l10n "Accepting REPL connection."))
          (set-repl-count! repl number)
          (publish-service! parent)
          (register-services (list service))
          (spawn-fiber (lambda ()
                         (handle-client service connection))
                       #:name (symbol->string name))))
      (close-port connection)))

(define (listen-on repl listener service)
  "Accept connections for @var{service} until its end; return its running value."
  (let ((sock (listener-socket listener)))
    (hashq-set! repls sock repl)
    (accept-connections service listener (repl-end repl)
                        (lambda (connection peer)
                          (accepted repl service connection)))
    sock))

(define (begin-listening! repl)
  "Return what ends the accepting of connections that is about to begin."
  (let ((end (make-condition)))
    (set-repl-end! repl end)
    (lambda ()
      (signal-condition! end))))

(define (start repl)
  (match (open-listeners (list (repl-endpoint repl)) (begin-listening! repl))
    ((listener)
     (set-repl-count! repl 0)
     (listen-on repl listener (current-service)))))

(define (stop sock)
  (signal-condition! (repl-end (hashq-ref repls sock)))
  #f)


;;;
;;; For a successor: listeners are kept on their own.
;;;

(define (repl-socket? value)
  (and (port? value)
       (hashq-ref repls value)))

(define (repl->datum sock)
  (repl-count (hashq-ref repls sock)))

(define (datum->repl count service)
  (let ((repl (service-maker service repl?)))
    (match (service-listeners service)
      ((listener)
       (set-repl-count! repl count)
       (close-at-rest! service (begin-listening! repl))
       (listen-on repl listener service)))))

(declare-saved-value! 'repl repl-socket? repl->datum datum->repl)


;;;
;;; The service.
;;;

(define (file-name? object)
  (and (string? object)
       (not (string-null? object))))

(define* (repl-service #:optional (socket-file (default-repl-socket-file)))
  "Return a service with a REPL for each connection to @var{socket-file}, a socket
that only the daemon's user and root can use.  They are transient services called
@code{repl-client-1} and so on; when this service stops, they go on."
  (check-argument-types (file-name? socket-file))
  (let ((repl (make-repl (private-endpoint socket-file) 0 #f)))
    (service '(repl)
             #:documentation (l10n "Evaluate expressions of clients.")
             #:start (with-maker repl
                       (lambda _
                         (start repl)))
             #:stop stop)))
