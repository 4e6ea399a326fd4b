;;; (shepherd sockets systemd) -- a process that inherits listening sockets.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; The daemon opens the sockets and keeps them open as long as the service is
;;; meant to run, whatever becomes of the process: connections wait for the
;;; next one.  A lazy service's process starts with the first connection; a
;;; fiber waits for that, and its outcome is awaited by whoever stops it.

(define-module (shepherd sockets systemd)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-9)
  #:use-module (srfi srfi-9 gnu)
  #:use-module (srfi srfi-11)
  #:use-module (shepherd comm)
  #:use-module (shepherd constructors)
  #:use-module (shepherd controller)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd process)
  #:use-module (shepherd records)
  #:use-module (shepherd requests)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd sockets endpoint)
  #:use-module (shepherd sockets listeners)
  #:use-module (shepherd successor)
  #:use-module (shepherd support)
  #:export (systemd-starter
            stop-systemd))

;; What one call of make-systemd-constructor made.
(define-record-type <systemd>
  (make-systemd command endpoints environment options)
  systemd?
  (command     systemd-command)         ;list of strings
  (endpoints   systemd-endpoints)
  (environment systemd-environment)     ;list of strings
  (options     systemd-options))        ;keywords for spawn-process

;; The running value until there is a process.
(define-record-type <systemd-service>
  (make-systemd-service systemd service listeners end outcome)
  systemd-service?
  (systemd   systemd-service-systemd)
  (service   systemd-service-service)
  (listeners systemd-service-listeners)
  (end       systemd-service-end)       ;condition: start no process any more
  (outcome   systemd-service-outcome))  ;request for the process or #f

(set-record-type-printer!
 <systemd-service>
 (lambda (value port)
   (simple-format port "#<<systemd-service> ~a>"
                  (map listener-address (systemd-service-listeners value)))))

(define-record-type-serializer (systemd-service->sexp
                                (value <systemd-service>))
  (let ((listeners (systemd-service-listeners value)))
    `(systemd-service (version 0)
                      (endpoints ,(map (compose endpoint->sexp
                                                listener-endpoint)
                                       listeners))
                      (sockets ,(map listener-descriptor listeners))
                      (command ,(systemd-command
                                 (systemd-service-systemd value))))))


;;;
;;; The process.
;;;

(define (listening-variables listeners)
  (list (string-append "LISTEN_FDS=" (number->string (length listeners)))
        (string-append "LISTEN_FDNAMES="
                       (string-join (map (compose endpoint-name
                                                  listener-endpoint)
                                         listeners)
                                    ":"))))

(define (run-with listeners systemd service)
  "Run the command of @var{systemd} for @var{service} with @var{listeners}; return
its process.  Suspends."
  (log-message (l10n "Spawning systemd-style service ~a.")
               (car (systemd-command systemd)))
  (for-each (lambda (listener)
              (set-blocking! listener #t))
            listeners)
  (let-values (((pid child)
                (apply spawn-process (systemd-command systemd)
                       #:service service
                       #:extra-ports (map listener-socket listeners)
                       #:listen-pid-variable? #t
                       #:environment-variables
                       (append (listening-variables listeners)
                               (systemd-environment systemd))
                       (systemd-options systemd))))
    (process pid (systemd-command systemd))))


;;;
;;; Lazy starts.
;;;

(define %could-not-run (ash 127 8))     ;as a shell would exit

(define (run-for-connection value)
  "Run the process of @var{value}, to whose sockets somebody connected; return it,
or @code{#f} if that failed, which ends the service's run.  Suspends."
  (let ((service (systemd-service-service value)))
    (catch #t
      (lambda ()
        (run-with (systemd-service-listeners value)
                  (systemd-service-systemd value)
                  service))
      (lambda (key . arguments)
        (log-message (l10n "Failed to start process of service ~a: ~a")
                     (service-canonical-name service)
                     (exception->string key arguments))
        (post-event! service `(lost ,%could-not-run))
        #f))))

(define (await-connection value)
  "Run the process of @var{value} when somebody connects, unless the service is
stopped before.  Suspends."
  (let ((service (systemd-service-service value))
        (process (and (await-readable (systemd-service-listeners value)
                                      (systemd-service-end value))
                      (run-for-connection value))))
    (cond ((not process)
           (answer-request! (systemd-service-outcome value) #f))
          ((condition-signalled? (systemd-service-end value))
           ((make-kill-destructor) process)
           (answer-request! (systemd-service-outcome value) #f))
          (else
           (answer-request! (systemd-service-outcome value) process)
           (post-event! service `(value #f ,process))))))

(define (await-in-background value)
  (parameterize ((%current-client-socket #f))
    (spawn-fiber (lambda ()
                   (await-connection value))
                 #:name (symbol->string
                         (service-canonical-name
                          (systemd-service-service value))))))


;;;
;;; Methods.
;;;

(define (check-name endpoint)
  ;; Separators, for whoever reads LISTEN_FDNAMES.
  (when (or (string-index (endpoint-name endpoint) #\:)
            (string-index (endpoint-name endpoint) char-set:iso-control))
    (scm-error 'misc-error "make-systemd-constructor"
               (l10n "endpoint name ~s: colons and control characters are not \
allowed in LISTEN_FDNAMES")
               (list (endpoint-name endpoint)) #f)))

(define (wait-lazily systemd service listeners end)
  "Return the running value of @var{service} until somebody connects to
@var{listeners}, or @var{end} is signalled."
  (let ((value (make-systemd-service systemd service listeners end
                                     (make-request))))
    (await-in-background value)
    value))

(define (start-lazily systemd)
  (let ((end (make-condition)))
    (wait-lazily systemd (current-service)
                 (open-listeners (systemd-endpoints systemd)
                                 (lambda ()
                                   (signal-condition! end)))
                 end)))

(define (start-at-once systemd)
  (run-with (open-listeners (systemd-endpoints systemd) (const #t))
            systemd (current-service)))

(define (systemd-starter command endpoints lazy? environment options)
  "Return the start method of @code{make-systemd-constructor}."
  (define systemd
    ;; What somebody said of the daemon's own sockets is of no interest.
    (make-systemd command endpoints
                  (without-variables '("LISTEN_PID" "LISTEN_FDS"
                                       "LISTEN_FDNAMES")
                                     environment)
                  options))

  (for-each check-name endpoints)
  (with-maker systemd
    (lambda _
      (if lazy?
          (start-lazily systemd)
          (start-at-once systemd)))))

(define (stop-systemd value end-process)
  "End the process of @var{value}, a process, a PID or what waits for a
connection, by calling @var{end-process}.  Suspends."
  (if (systemd-service? value)
      (begin
        (signal-condition! (systemd-service-end value))
        ;; The process may be so new that it is not the running value yet.
        (and=> (await-request (systemd-service-outcome value)) end-process)
        #f)
      (end-process value)))


;;;
;;; For a successor: listeners are kept on their own.
;;;

(define (systemd-service->datum value)
  '())

(define (datum->systemd-service datum service)
  (let ((end (make-condition)))
    (close-at-rest! service (lambda ()
                              (signal-condition! end)))
    (wait-lazily (service-maker service systemd?) service
                 (service-listeners service) end)))

(declare-saved-value! 'systemd-service systemd-service?
                      systemd-service->datum datum->systemd-service)
