;;; (shepherd root) -- the service that stands for the daemon.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Its `stop' method ends the daemon, hence the machine where it is PID 1.

(define-module (shepherd root)
  #:use-module (ice-9 match)
  #:use-module (srfi srfi-1)
  #:use-module (shepherd conditions)
  #:use-module (shepherd controller)
  #:use-module (shepherd core)
  #:use-module (shepherd definition)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd host)
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd publication)
  #:use-module (shepherd queries)
  #:use-module (shepherd records)
  #:use-module (shepherd registration)
  #:use-module (shepherd registry)
  #:use-module (shepherd requirements)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd successor)
  #:use-module ((shepherd support)
                #:hide (load-in-user-module eval-in-user-module))
  #:use-module (shepherd user-module)
  #:export (root-service
            %post-daemonize-hook
            default-shutdown-timeout
            load-configuration
            report-requirement-problems))

(define %post-daemonize-hook
  ;; Run in the new process after `daemonize'.
  (make-hook 0))

(define default-shutdown-timeout
  ;; Whole seconds that services get to stop before the core ends it all.
  (make-parameter 60))

(define (init?)
  (assq-ref (%options) 'init?))


;;;
;;; Shutting down.
;;;

(define (end-daemon)
  "Stop every service and have the core end the daemon or the machine.  Does not
return."
  (define how
    (cond ((recall 'shutdown))
          ((init?) 'reboot)
          (else 'exit)))

  (host-shutdown-begins! how (default-shutdown-timeout))
  (local-output (l10n "Exiting shepherd..."))
  (stop-services (running-dependents root-service))
  (stop-services (filter (lambda (service)
                           (and (service-running? service)
                                (not (eq? service root-service))))
                         (registered-services)))
  (log-message (match how
                 ('exit (l10n "Exiting."))
                 ('reboot (l10n "Rebooting..."))
                 ('halt (l10n "Halting..."))
                 ('power-off (l10n "Shutting down..."))
                 ('kexec (l10n "Rebooting with kexec..."))))
  (host-shutdown! how)
  (wait (make-condition)))

(define (shut-down how)
  "Stop all services, then perform @var{how} as PID 1; refuse otherwise."
  (if (init?)
      (begin
        ;; Published with the root service's next change of status.
        (remember! 'shutdown how)
        (stop-service root-service))
      (begin
        (local-output (l10n "Not running as PID 1; doing nothing."))
        #f)))

(define (kexec)
  (if (%kexec-loaded?)
      (shut-down 'kexec)
      (begin
        (local-output (l10n "No kexec image loaded; doing nothing."))
        #f)))


;;;
;;; Loading and evaluating.
;;;

(define %helpful-problems 20)

(define (report-requirement-problems services)
  "Log what is wrong with the requirements of @var{services}; return the number of
problems.  Where exactly, and what was meant, is looked for in case of the first
few only, as each takes a search through everything."
  (define locate (definition-locator))

  (define (tell service message detail helpful?)
    (local-output "~a~a"
                  (match (service-location service)
                    (#f "")
                    (location
                     (string-append
                      (if helpful?
                          (locate location (service-canonical-name service))
                          location)
                      ": ")))
                  (format-message message (service-canonical-name service)
                                  detail)))

  (define (report problem helpful?)
    (match problem
      (('missing service name)
       (tell service
             (l10n "service ~a requires ~a, which no service provides.")
             name helpful?)
       (and=> (and helpful?
                   (nearest-name name (append-map service-provision
                                                  (registered-services))))
              (lambda (near)
                (local-output (l10n "  Did you mean '~a'?") near))))
      (('cycle service text)
       (tell service (l10n "service ~a requires itself: ~a") text helpful?))))

  (let ((problems (requirement-problems services)))
    (for-each (lambda (problem number)
                (report problem (< number %helpful-problems)))
              problems (iota (length problems)))
    (length problems)))

(define (load-file file)
  "Load @var{file} in a module of its own, as the action does: errors are output,
evaluation goes on, and the first error is thrown at the end."
  (define before (registrations))

  (define (report)
    (report-requirement-problems (registered-since before)))

  (local-output (l10n "Loading ~a.") file)
  (let ((value (catch #t
                 (lambda ()
                   (load-in-user-module file))
                 (lambda (key . arguments)
                   (report)
                   (apply throw key arguments)))))
    (report)
    (remember-file! file)
    value))

(define (remember-file! file)
  "Have a successor load @var{file}, too."
  (let ((file (if (absolute-file-name? file)
                  file
                  (string-append (getcwd) "/" file)))
        (files (or (recall 'files) '())))
    (remember! 'files (append (delete file files) (list file)))
    (publish-service! root-service)))

(define (evaluate text)
  (let ((expression (call-with-input-string text read)))
    (local-output (l10n "Evaluating user expression ~a.")
                  (shorten (object->string expression) 50))
    (eval-in-user-module expression)))

(define (shorten text columns)
  (if (> (string-length text) columns)
      (string-append (substring text 0 (- columns 3)) "...")
      text))

(define (unload-service service name)
  "Unregister @var{service}, which provides @var{name}."
  (if (eq? name (service-canonical-name service))
      (local-output (l10n "Removing service '~a'...") name)
      (local-output (l10n "Removing service '~a' providing '~a'...")
                    (service-canonical-name service) name))
  (unregister-services (list service))
  (local-output (l10n "Done."))
  *unspecified*)

(define (unload name)
  "Unregister the service called @var{name}, a string; @code{all}: all but root."
  (match name
    ("all"
     (unregister-services (delq root-service (registered-services)))
     *unspecified*)
    (_
     (let ((name (string->symbol name)))
       (match (lookup-service name)
         (#f
          (raise-exception (make-missing-service-error name)))
         ((? (lambda (service) (eq? service root-service)))
          ;; It would be stopped first, and the machine restarted.
          (local-output (l10n "The root service cannot be removed; \
'herd stop root' ends shepherd."))
          #f)
         (service
          (unload-service service name)))))))


;;;
;;; Daemonizing.
;;;

(define (daemonize)
  ;; A configuration may be loaded again.
  (cond ((assq-ref (%options) 'daemonized?)
         #t)
        ((init?)
         (local-output (l10n "Running as PID 1, so not daemonizing."))
         #t)
        ((any service-running? (delq root-service (registered-services)))
         (local-output (l10n "Services already running, so not daemonizing."))
         #f)
        (else
         (local-output (l10n "Daemonizing..."))
         (let ((pid (%daemonize)))
           (run-hook %post-daemonize-hook)
           (post-event! root-service `(value #f ,(running-process pid)))
           (local-output (l10n "Now running as process ~a.") pid)
           #t))))


;;;
;;; The service.
;;;

(define %help
  (l10n "\
This is the help of the service 'root', which stands for shepherd itself.

  help                  show this text
  status                list the services
  load FILE             evaluate the expressions in FILE
  eval EXPRESSION       evaluate EXPRESSION, in Scheme
  unload NAME           stop and remove the service NAME; 'all': all services
  reload FILE           remove all services, then load FILE
  daemonize             go to the background
  reexec                execute shepherd anew; services go on
  halt, power-off       stop all services and halt the machine or switch it off
  kexec                 stop all services and start the kernel that was loaded
  stop                  stop all services and shepherd itself"))

(define root-service
  (service '(root shepherd)
    #:documentation
    (l10n "The root service is used to operate on shepherd itself.")
    #:start (lambda _
              (running-process (getpid)))
    #:stop (lambda _
             (end-daemon))
    #:actions
    (list (action 'help
                  (lambda (running) %help)
                  (l10n "Show what the root service can do."))
          (action 'status
                  (lambda (running) (registered-services))
                  (l10n "Return the list of all services."))
          (action 'halt
                  (lambda (running) (shut-down 'halt))
                  (l10n "Stop all services and halt the machine."))
          (action 'power-off
                  (lambda (running) (shut-down 'power-off))
                  (l10n "Stop all services and switch the machine off."))
          (action 'kexec
                  (lambda (running) (kexec))
                  (l10n "Stop all services and start the loaded kernel."))
          (action 'load
                  (lambda (running file) (load-file file))
                  (l10n "Load a file of Scheme code, such as service \
definitions."))
          (action 'eval
                  (lambda (running text) (evaluate text))
                  (l10n "Evaluate a Scheme expression."))
          (action 'unload
                  (lambda (running name) (unload name))
                  (l10n "Stop and remove a service, or 'all' services."))
          (action 'reload
                  (lambda (running file)
                    ;; A slip of the pen is not to stop everything.
                    (close-port (open-input-file file))
                    (unload "all")
                    (load-file file))
                  (l10n "Remove all services, then load a file."))
          (action 'daemonize
                  (lambda (running) (daemonize))
                  (l10n "Go to the background."))
          (action 'restart
                  (lambda (running)
                    (local-output (l10n "You must be kidding.")))
                  (l10n "Does nothing: restart services one by one."))
          (action 'reexec
                  (lambda (running)
                    ;; Seldom needed, so loaded when it is.
                    ((module-ref (resolve-interface '(shepherd upgrade))
                                 're-execute)))
                  (l10n "Execute shepherd anew, maybe a new version, without \
restarting services.")))))

(define* (load-configuration file #:key (and-files '()))
  "Load the configuration @var{file}, then those of @var{and-files}, a list, that are
still there and were not loaded by it; say on standard error which failed.
Return true if none did."
  (define (note-loading loading?)
    ;; Whoever takes over in the middle has to load the rest; but if it was all
    ;; loaded before, nothing that it says about starting counts.
    (unless (resuming?)
      (remember! 'loading loading?)
      (publish-service! root-service)))

  (note-loading #t)
  (let ((errors (append-map (lambda (file)
                              (if (file-loaded? file)
                                  '()
                                  (load-in-user-module* file)))
                            (cons file
                                  (filter file-exists? and-files)))))
    (note-loading #f)
    (report-requirement-problems (registered-services))
    (null? errors)))
