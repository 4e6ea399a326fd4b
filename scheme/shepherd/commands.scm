;;; (shepherd commands) -- what clients ask for.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Each command runs in a fiber of its own; what is printed meanwhile is
;;; collected for the client.  `status' does not come here, but for services
;;; with a `status' action of their own: the core answers it.

(define-module (shepherd commands)
  #:use-module (ice-9 match)
  #:use-module (shepherd actions)
  #:use-module (shepherd comm)
  #:use-module (shepherd conditions)
  #:use-module (shepherd controller)
  #:use-module (shepherd host)
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd preemption)
  #:use-module (shepherd publication)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd registry)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (handle-command
            client-gone!))

(define (start service arguments)
  "Start @var{service} and return the result for the client: @var{service}, or
@code{#f}."
  (if (eq? 'running (service-status service))
      (begin
        (local-output (l10n "Service ~a is already running.")
                      (service-canonical-name service))
        service)
      (and (apply start-service service arguments)
           service)))

(define (stop service arguments)
  "Stop @var{service} and return the result for the client."
  (if (service-stopped? service)
      (begin
        (call-off-respawn service)
        '())
      (map service-canonical-name
           (apply stop-service service arguments))))

(define (perform action name arguments)
  "Perform @var{action} of the service called @var{name} and return the result for
the client; raise a service error."
  (let ((service (and (symbol? name) (lookup-service name))))
    (unless service
      (raise-exception (make-missing-service-error name)))
    (match action
      ('start
       (start service arguments))
      ('stop
       (stop service arguments))
      (_
       (list (result->sexp
              (apply perform-service-action service action arguments)))))))

(define (error-of-exception action name key arguments)
  (match arguments
    (((? service-error? condition))
     (condition->sexp condition))
    (_
     (condition->sexp
      (make-action-runtime-error name action key arguments)))))

(define (send-reply client result error messages)
  "Reply to @var{client}.  A service stands for what clients see of it."
  (if (and (service? result) (published? result))
      ;; The core has it in writing.
      (host-reply-service! client (service-canonical-name result) messages)
      (host-reply! client
                   `(reply (version 0)
                           (result ,(if (service? result)
                                        (service->sexp result)
                                        result))
                           (error ,error)
                           (messages ,messages)))))

(define (answer client command)
  "Perform @var{command} and reply to @var{client}."
  (let* ((collector (make-client-collector))
         (action (shepherd-command-action command))
         (service (shepherd-command-service command))
         (reply (lambda (result error)
                  (force-output (%current-service-output-port))
                  (send-reply client result error
                              (collector-lines collector)))))
    (parameterize ((%current-client-socket collector)
                   (current-client client)
                   (current-output-port (%current-service-output-port)))
      (catch #t
        (lambda ()
          (reply (perform action service (shepherd-command-arguments command))
                 #f))
        (lambda (key . arguments)
          (reply #f (error-of-exception action service key arguments)))))))

(define answering (make-hash-table))    ;client -> fiber

(define (answered? command)
  "Has the core answered @var{command}, as it does while this side is stuck?"
  (and (eq? 'backtrace (shepherd-command-action command))
       (abandoned-fiber? (current-fiber))))

(define (spawn-command-fiber client command)
  (let* ((name (shepherd-command-service command))
         (service (and (symbol? name) (lookup-service name))))
    (spawn-fiber (lambda ()
                   (fiber-dynamic-wind
                    (const #t)
                    (lambda ()
                      (unless (answered? command)
                        (answer client command)))
                    (lambda ()
                      (hashv-remove! answering client))))
                 #:name (if (symbol? name)
                            (symbol->string name)
                            (object->string name display))
                 #:limit (execution-limit->nanoseconds
                          (and service (service-execution-limit service))))))

(define (handle-command client uid datum)
  "Have the command that @var{client}, of user @var{uid}, sent as @var{datum}, or
as the text of one, performed and answered; close the connection if it is
malformed.  Does not suspend."
  (match (if (string? datum)
             (read-command (open-input-string datum))
             (datum->command datum))
    (#f
     (host-close-client! client))
    (command
     (hashv-set! answering client (spawn-command-fiber client command)))))

(define (client-gone! client)
  "Note that @var{client} did not wait for the answer to its command.  The command
is performed all the same, but may not compute for longer than the limit."
  (let ((fiber (hashv-ref answering client)))
    (when fiber
      (abandon-fiber! fiber))))
