;;; (shepherd boot) -- the interpreter's part of the daemon, from the top.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

;;; Events of the core go in at `dispatch'; what services want of the core goes
;;; out through (shepherd host).  Everything between runs in fibers.

(define-module (shepherd boot)
  #:use-module (ice-9 match)
  #:use-module (shepherd comm)
  #:use-module (shepherd commands)
  #:use-module (shepherd config)
  #:use-module (shepherd controller)
  #:use-module (shepherd core)
  #:use-module (shepherd diagnostics)
  #:use-module (shepherd host)
  #:use-module (shepherd log-source)
  #:use-module (shepherd preemption)
  #:use-module (shepherd process)
  #:use-module (shepherd publication)
  #:use-module (shepherd queries)
  #:use-module (shepherd lifecycle)
  #:use-module (shepherd requests)
  #:use-module (shepherd root)
  #:use-module (shepherd scheduler)
  #:use-module (shepherd support)
  #:use-module (shepherd user-module)
  #:export (boot))

(define (stop-root)
  "Stop the root service as soon as possible."
  (spawn-fiber (lambda ()
                 (stop-service root-service))
               #:name "shutdown"))

;; Commands that came before a successor has taken up the services; #f: it has.
(define held #f)

(define (call-holding-commands thunk)
  "Call @var{thunk}; perform the commands that came meanwhile, also if it throws."
  (set! held '())
  (catch #t
    thunk
    (lambda (key . arguments)
      (log-message (l10n "Failed to take up what was left: ~a")
                   (exception->string key arguments))))
  (let ((commands (reverse held)))
    (set! held #f)
    (for-each dispatch commands)))

(define (dispatch event)
  "Hand @var{event}, from the core, to whom it concerns."
  (match event
    (('command client uid datum)
     (if held
         (set! held (cons event held))
         (handle-command client uid datum)))
    (('client-gone client)
     (client-gone! client))
    (('spawned id pid)
     (process-spawned! id pid))
    (('spawn-failed id step errno)
     (answer-from-host! id `(failed ,id ,step ,errno)))
    (('exited pid status)
     (process-exited! pid status))
    (((or 'killed 'log-history 'log-answer) id answer)
     (answer-from-host! id answer))
    (((or 'signal 'socket-deleted) . _)
     (stop-root))))

(define (log-fiber-error fiber key arguments stack)
  (log-message (l10n "Uncaught exception in fiber ~a: ~a")
               (fiber-name fiber)
               (exception->string key arguments)))

(define (log-banner)
  (log-message "~a ~a (Guile ~a, ~a)"
               package-name Version (version) %host-type))

(define (start-root options)
  (enroll-service! root-service)
  (start-service root-service)
  (register-service-logger root-service
                           (root-logger
                            (match (assq-ref options 'log-file)
                              (#f '())
                              (file (list file))))))

(define (run options)
  "Do what a daemon does after its start: the first fiber."
  (log-banner)
  (match (%inheritance)
    (#f
     (start-root options)
     (load-configuration (assq-ref options 'config-file)))
    (inheritance
     (call-holding-commands
      (lambda ()
        ;; Seldom needed, so loaded when it is.
        ((module-ref (resolve-interface '(shepherd resume)) 'resume)
         options inheritance (lambda ()
                               (start-root options)))))))
  (heed-give-up-limit!))

(define (boot)
  "Run the daemon's services until the core ends the process."
  (let ((options (%options))
        (port (make-shepherd-output-port)))
    (default-environment-variables (environ))
    (set-program-arguments '("shepherd"))
    (%current-service-output-port port)
    (current-output-port port)
    (current-warning-port (make-log-port))
    (install-core-replacements! #:sleep fiber-sleep
                                #:call-to-load call-with-loading-limit
                                #:spawn-command spawn-command
                                #:spawn-shell-command spawn-shell-command)
    (install-suspendable-port-waiters!)
    (fiber-error-handler log-fiber-error)
    (run-scheduler (lambda ()
                     (run options))
                   #:wait %wait
                   #:now %now
                   #:watch-fd %watch-fd
                   #:forget-fd %forget-fd
                   #:dispatch dispatch
                   #:name "root"
                   #:note %note-service
                   #:allocated %allocated
                   #:meter (install-preemption!))))
