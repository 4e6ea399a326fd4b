;;; language-test.scm -- small words of (shepherd service)

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

;; What services do is in services-test.scm; here are the parts of the language
;; that only tell something.  As in a configuration file, but over a fake core.

(add-to-load-path (string-append (getenv "abs_top_srcdir") "/tests/modules"))

(use-modules (ice-9 match)
             ((ice-9 string-fun) #:select (string-replace-substring))
             (srfi srfi-34)
             (srfi srfi-64)
             (shepherd service)
             (tests fake-host))

(define channel
  (@ (fibers channels) make-channel))

(define-syntax-rule (in-background expression ...)
  ((@ (fibers) spawn-fiber) (lambda () expression ...)))

(define (sleep seconds)
  ((@ (fibers) sleep) seconds))

(test-begin "language")


;;; Services and actions as data.

(define plain
  (service '(plain alias)))

(define full
  (service '(full)
    #:requirement '(plain)
    #:transient? #t
    #:respawn? #t
    #:respawn-limit '(3 . 60)
    #:respawn-delay 2
    #:documentation "Full."
    #:actions (list (action 'first (lambda _ 1) "One.")
                    (action 'second (lambda _ 2)))))

(test-equal "what a service is by default"
  '(#t (plain alias) plain () #f #f #f (5 . 7) 0.1 "[No description]." ())
  (list (service? plain) (service-provision plain)
        (service-canonical-name plain) (service-requirement plain)
        (one-shot-service? plain) (transient-service? plain)
        (respawn-service? plain) (service-respawn-limit plain)
        (service-respawn-delay plain)
        (service-documentation plain) (service-action-list plain)))

(test-equal "how long its code may compute, and how deeply recurse"
  '(#f 9 #t)
  (list (service-execution-limit plain)
        (service-execution-limit (service '(x) #:execution-limit 9))
        (exact-integer? (default-stack-limit))))

(test-equal "what it is by choice"
  '((plain) #f #t #t (3 . 60) "Full." (first second))
  (list (service-requirement full) (one-shot-service? full)
        (transient-service? full) (respawn-service? full)
        (service-respawn-limit full) (service-documentation full)
        (service-action-list full)))

(test-equal "actions of a service, custom ones only"
  '(first "One." 1 "[No documentation.]" #f #t #f #f)
  (let ((first (lookup-service-action full 'first)))
    (list (action-name first) (action-documentation first)
          ((action-procedure first))
          (action-documentation (lookup-service-action full 'second))
          (lookup-service-action full 'restart)
          (service-defines-action? full 'second)
          (service-defines-action? full 'restart)
          (service-defines-action? plain 'first))))

(test-equal "actions, with and without documentation"
  '(() (a b) ("Do a." "[No documentation.]") #t #f)
  (let ((list-of-actions (actions (a "Do a." (const 1)) (b (const 2)))))
    (list (actions) (map action-name list-of-actions)
          (map action-documentation list-of-actions)
          (action? (car list-of-actions)) (action? 'a))))

(test-equal "defaults are those at the time when the service is made"
  '((1 . 2) 3 (5 . 7))
  (parameterize ((default-respawn-limit '(1 . 2))
                 (default-respawn-delay 3))
    (let ((other (service '(other))))
      (list (service-respawn-limit other) (service-respawn-delay other)
            (service-respawn-limit plain)))))

(test-equal "signals that are left to shepherd"
  (list SIGCHLD SIGINT SIGHUP SIGTERM)
  %precious-signals)

(test-assert "what reaping would need is there, and does nothing"
  (begin
    (handle-SIGCHLD)
    (handle-SIGCHLD SIGCHLD)
    (check-for-dead-services)
    (equal? '(1 2) (with-process-monitor
                    (with-service-registry
                     (list 1 2))))))


;;; The state of services.

(test-equal "what became of a service"
  '((stopped #t #f) (running #f #t) #t #t
    (running . 1001) (starting . 1001) #f #f)
  (value-of
   (let ((a (service '(a other-name) #:start (const 'value))))
     (define (state)
       (list (service-status a) (service-stopped? a) (service-running? a)))
     (register-services (list a))
     (let ((before (state)))
       (sleep 1)
       (start-service a)
       (let ((changes (service-status-changes a)))
         (list before (state)
               (eq? a (lookup-running 'other-name))
               (service-enabled? a)
               (car changes) (cadr changes)
               (lookup-running 'root-of-all)
               (service-replacement a)))))))

(test-equal "only what runs is found running"
  '(#t #f)
  (value-of
   (let ((a (service '(a) #:start (const #t))))
     (register-services (list a))
     (list (eq? a (lookup-service 'a)) (lookup-running 'a)))))

(test-equal "failures are remembered, latest first, up to ten"
  '((1012 1011 1010 1009 1008 1007 1006 1005 1004 1003) 24)
  (value-of
   (let ((a (service '(a) #:start (const #f))))
     (register-services (list a))
     (let loop ((n 0))
       (when (< n 12)
         (sleep 1)
         (start-service a)
         (loop (+ n 1))))
     (list (service-startup-failures a)
           (length (service-status-changes a))))))

(test-equal "a service is disabled, and enabled again, without a word"
  '((#f #f #t yes) ("Service a is currently disabled."
                    "Service a has been started."))
  (outcome
   (let ((a (service '(a) #:start (const 'yes))))
     (register-services (list a))
     (disable-service a)
     (let* ((enabled? (service-enabled? a))
            (value (start-service a)))
       (enable-service a)
       (list enabled? value (service-enabled? a) (start-service a))))))

(test-equal "nothing is logged to, and nothing is there to be seen"
  '(#f () ())
  (value-of
   (list (service-logger plain) (service-log-files plain)
         (service-recent-messages plain))))

(test-equal "a service may log through the logger of another"
  '(#t ("/log/b") ("Registering new logger for a."))
  (value-of
   (let ((a (service '(a) #:start (make-forkexec-constructor '("daemon"))))
         (b (service '(b) #:start (lambda () #t))))
     (define (logger . files)
       ((@ (shepherd log-source) make-logger) 77 files))
     (register-services (list a b))
     (start-service a)
     (start-service b)
     (register-service-logger b (logger "/log/b"))
     (sleep 1)
     (register-service-logger a (service-logger b))
     (sleep 1)
     (list (eq? (service-logger a) (service-logger b))
           (service-log-files a)
           (filter (lambda (line)
                     (string-prefix? "Registering" line))
                   (log-lines))))))

(test-equal "a method knows its service; others know none"
  '(a #f)
  (value-of
   (let ((a (service '(a) #:start (lambda ()
                                    (service-canonical-name
                                     (current-service))))))
     (register-services (list a))
     (list (start-service a) (current-service)))))


;;; Errors.

(define-syntax-rule (guarded clause expression ...)
  (value-of
   (register-services
    (list (service '(a)
            #:start (const #t)
            #:actions (actions (throw (lambda _ (throw 'oops 1 "two")))))
          (service '(b) #:requirement '(nowhere))))
   (guard clause expression ...)))

(test-equal "a service that is missing"
  '(nowhere #t #f #f (error (version 0) service-not-found nowhere))
  (guarded (c ((missing-service-error? c)
               (list (missing-service-name c) (service-error? c)
                     (unknown-action-error? c) (action-runtime-error? c)
                     (condition->sexp c))))
           (start-service (lookup-service 'b))))

(test-equal "an action that is missing"
  '(jump a #t #f (error (version 0) action-not-found jump a))
  (guarded (c ((unknown-action-error? c)
               (list (unknown-action-name c)
                     (service-canonical-name (unknown-action-service c))
                     (service-error? c) (missing-service-error? c)
                     (condition->sexp c))))
           (perform-service-action (lookup-service 'a) 'jump)))

(test-equal "an action that throws"
  '(throw a oops (1 "two") #t
          (error (version 0) action-exception throw a oops (1 "two")))
  (guarded (c ((action-runtime-error? c)
               (list (action-runtime-error-action c)
                     (service-canonical-name (action-runtime-error-service c))
                     (action-runtime-error-key c)
                     (action-runtime-error-arguments c)
                     (service-error? c)
                     (condition->sexp c))))
           (perform-service-action (lookup-service 'a) 'throw)))

(test-equal "the conditions have types, for those who make their own"
  '(#t #t #t (error (version 0) service-error))
  (let ((make (@ (srfi srfi-35) make-condition)))
    (list (missing-service-error? (make &missing-service-error 'name 'x))
          (unknown-action-error? (make &unknown-action-error
                                       'service plain 'action 'x))
          (action-runtime-error? (make &action-runtime-error
                                       'service plain 'action 'x
                                       'key 'k 'arguments '()))
          (condition->sexp (make &service-error)))))


;;; Registering and acting.

(test-equal "services may be registered one by one, in the old way"
  '(#t #t 0)
  (value-of
   (let ((before (service-name-count)))
     (register-services)
     (let ((after (service-name-count)))
       (register-services (service '(a)) (service '(b)))
       (list (service? (lookup-service 'a)) (service? (lookup-service 'b))
             (- after before))))))

(test-equal "what is unregistered is stopped, or was, which is logged"
  '(#t (#f #f) ("Service a is not running." "Stopping service b..."))
  (value-of
   (let ((a (service '(a)))
         (b (service '(b) #:start (const 'yes))))
     (register-services (list a b))
     (start-service b)
     (let ((result (unregister-services (list a b))))
       (list result (map lookup-service '(a b))
             (filter (lambda (line)
                       (or (string-suffix? "running." line)
                           (string-prefix? "Stopping" line)))
                     (log-lines)))))))

(test-equal "starting and stopping are no actions"
  '(start stop)
  (value-of
   (let ((a (service '(a))))
     (register-services (list a))
     (map (lambda (action)
            (guard (c ((unknown-action-error? c) (unknown-action-name c)))
              (perform-service-action a action)))
          '(start stop)))))

(test-equal "in the background, there is one value at once"
  1
  (value-of
   (call-with-values (lambda () (start-in-the-background '()))
     (lambda values (length values)))))

;; Start methods are called with what the user gives, stop methods with the value
;; before that.
(test-equal "arguments that methods take"
  '((0 0 #t) (1 0 #t) (0 0 #t) (0 0 #t) (0 0 #t) (1 0 #f) (0 0 #t) (1 0 #f))
  (let ((endpoints (list (endpoint (make-socket-address AF_UNIX "/x")))))
    (map procedure-minimum-arity
         (list (make-forkexec-constructor '("x")) (make-kill-destructor)
               (make-system-constructor "x") (make-system-destructor "x")
               (make-inetd-constructor '("x") endpoints)
               (make-inetd-destructor)
               (make-systemd-constructor '("x") endpoints)
               (make-systemd-destructor)))))

(test-equal "so are the keywords of all that make processes"
  '((user group supplementary-groups directory file-creation-mask
     environment-variables resource-limits log-file pid-file
     pid-file-timeout)
    (user group supplementary-groups directory file-creation-mask
     environment-variables resource-limits log-file
     keyword-argument-error keyword-argument-error)
    (user group supplementary-groups directory file-creation-mask
     environment-variables resource-limits keyword-argument-error
     keyword-argument-error keyword-argument-error))
  (value-of
   (let ((endpoints (list (endpoint (make-socket-address AF_UNIX "/x")))))
     (map (lambda (make)
            (map (lambda (keyword value)
                   (catch #t
                     (lambda ()
                       (make keyword value)
                       'accepted)
                     (match-lambda*
                       (('wrong-type-arg _ _ (argument _) . _) argument)
                       ;; It has no such keyword.
                       ((key . _) key))))
                 '(#:user #:group #:supplementary-groups #:directory
                   #:file-creation-mask #:environment-variables
                   #:resource-limits #:log-file #:pid-file
                   #:pid-file-timeout)
                 '(nobody nogroup "audio" #f #o1000 (A) (nofile . 1) #t #t "5")))
          (list (lambda keywords
                  (apply make-forkexec-constructor '("x") keywords))
                (lambda keywords
                  (apply make-systemd-constructor '("x") endpoints keywords))
                (lambda keywords
                  (apply make-inetd-constructor '("x") endpoints
                         keywords)))))))

(test-equal "commands are looked at when a constructor is made"
  '((make-forkexec-constructor "Wrong type for argument '~a': ~S"
                               (command "x") ("x"))
    (make-forkexec-constructor "Wrong type for argument '~a': ~S"
                               (environment-variables (A)) ((A))))
  (value-of
   (map (lambda (arguments)
          (catch 'wrong-type-arg
            (lambda ()
              (apply make-forkexec-constructor arguments))
            (lambda (key . arguments)
              arguments)))
        '(("x") (("x") #:environment-variables (A))))))

(test-equal "without a stop method, the log tells of the process that goes on"
  '((#t) 1 ())
  (value-of
   (let ((left (service '(left) #:start (make-forkexec-constructor '("daemon"))))
         (plain (service '(plain))))
     (define (told service)
       (start-service service)
       (stop-service service)
       (filter (lambda (line)
                 (string-contains line "no #:stop method"))
               (log-lines)))
     (register-services (list left plain))
     (let* ((plain (told plain))
            (left (told left)))
       (list (map (lambda (line)
                    (string=? line (simple-format
                                    #f "Service left has no #:stop method: \
process ~a goes on."
                                    (newest-process))))
                  left)
             (length (living-processes))
             plain)))))

;; It was expanded for ever.
(test-equal "an action without its parentheses is an error of syntax"
  'syntax-error
  (catch #t
    (lambda ()
      (eval '(actions show "Show it." (const #t)) (current-module)))
    (lambda (key . _) key)))

;; As when it is given as a stop method itself.
(test-equal "a kill destructor is not made of a process"
  '("Wrong type for argument '~a': ~S" signal)
  (value-of
   (catch 'wrong-type-arg
     (lambda ()
       (make-kill-destructor 'process))
     (lambda (key procedure message arguments . _)
       (list message (car arguments))))))

(test-equal "a wrong keyword is Guile's own error"
  'keyword-argument-error
  (catch #t
    (lambda ()
      (service '(a) #:requirements '(b)))
    (lambda (key . _) key)))


;;; Waiting.

(test-equal "a message, or none in time"
  '(hello (nothing 5.0) #f)
  (value-of
   (let ((mailbox (channel)))
     (in-background
      (sleep 1)
      ((@ (fibers channels) put-message) mailbox 'hello))
     (let* ((message (get-message* mailbox 10 'nothing))
            (before (virtual-seconds))
            (none (get-message* mailbox 5 'nothing)))
       (list message
             (list none (/ (round (* 10 (- (virtual-seconds) before))) 10))
             (get-message* mailbox 1))))))

(test-equal "a machine that slept meanwhile makes a difference"
  '(overslept nothing)
  (value-of
   (let ((mailbox (channel)))
     (define (wait-asleep seconds . rest)
       (in-background (suspend-machine! seconds))
       (apply get-message* mailbox 30 rest))
     (list (wait-asleep 100 'nothing 'overslept)
           ;; Up to a tenth is not worth mentioning.
           (wait-asleep 3 'nothing 'overslept)))))

(test-equal "a task that must go on is begun again whatever happens"
  '((1 2) ("Essential task hard exited unexpectedly."
           "Uncaught exception in essential task hard: (oops 1)"))
  (value-of
   (let ((rounds 0))
     (in-background
      ((essential-task-thunk 'hard
                             (lambda (by)
                               (set! rounds (+ rounds by))
                               (match rounds
                                 (1 'returns)
                                 (2 (throw 'oops 1))
                                 (_ (sleep 1000))))
                             1)))
     (sleep 1)
     (list (list (- rounds 2) (- rounds 1)) (log-lines)))))


;;; Processes.

(test-equal "the shell of the environment runs a command"
  '(768 256)
  (value-of
   (define (status shell)
     (setenv "SHELL" shell)
     (spawn-shell-command "whatever"))
   (list (status "short") (status "missing"))))

(test-equal "a command is started, and its end comes over a channel"
  '(#t 768)
  (value-of
   (call-with-values (lambda () (start-command '("short")))
     (lambda (pid channel)
       (list (= pid (newest-process))
             ((@ (fibers channels) get-message) channel))))))

(test-equal "a command is run, in the old form, too"
  '(768 768 256)
  (value-of
   (list (spawn-command '("short")) (spawn-command "short" "argument")
         (spawn-command "missing"))))

(test-equal "stopping kills what is a process, or the number of one"
  '(#f () #f ())
  (value-of
   (let ((stop (make-kill-destructor))
         (start (make-forkexec-constructor '("daemon"))))
     (let* ((first (stop (start)))
            (left (living-processes))
            (second (stop (fork+exec-command '("daemon")))))
       (list first left second (living-processes))))))

(test-equal "a process is terminated, or killed in the end"
  '(15 9 0 1.0 "Grace period of 1 seconds is over; sending ~a SIGKILL.")
  (value-of
   (let* ((gentle (fork+exec-command '("daemon")))
          (stubborn (fork+exec-command '("stubborn")))
          (status (terminate-process gentle SIGTERM)))
     (let* ((before (virtual-seconds))
            (other (terminate-process stubborn SIGTERM #:grace-period 1)))
       (list status other
             (terminate-process stubborn SIGTERM) ;there is none
             (- (virtual-seconds) before)
             (string-replace-substring (car (log-lines))
                                       (number->string stubborn) "~a"))))))

(define pid-file
  (string-append (getenv "TMPDIR") "/pid"))

(define (write-pid-file text)
  (call-with-output-file pid-file
    (lambda (port)
      (display text port))))

(test-equal "a PID file is waited for"
  (list #f (getpid) #f (getpid))
  (value-of
   (define (read-in-time . rest)
     (apply read-pid-file pid-file rest))
   (let* ((none (read-in-time #:max-delay 2))
          (later (begin
                   (in-background
                    (sleep 1)
                    (write-pid-file (string-append (number->string (getpid))
                                                   "\n")))
                   (read-in-time)))
          ;; Such a number no process has.
          (nobody (begin
                    (write-pid-file "4194305")
                    (read-in-time #:max-delay 2 #:validate-pid? #t)))
          (somebody (begin
                      (write-pid-file (getpid))
                      (read-in-time #:validate-pid? #t))))
     (list none later nobody somebody))))

(test-equal "the timeout for PID files is that of the time of definition"
  3.0
  (value-of
   (let ((start (parameterize ((default-pid-file-timeout 3))
                  (make-forkexec-constructor
                   '("daemon")
                   #:pid-file (string-append pid-file ".never")))))
     (register-services (list (service '(a) #:start start)))
     (start-service (lookup-service 'a))
     (/ (round (* 10 (virtual-seconds))) 10))))

(test-equal "processes start in a directory that there is"
  (if (zero? (getuid)) "/" (getenv "HOME"))
  (default-service-directory))

(test-equal "variables of a user take the place of others"
  (let ((entry (getpwuid (getuid))))
    (list (string-append "HOME=" (passwd:dir entry))
          (string-append "USER=" (passwd:name entry))
          "PATH=/bin" "HOMER=x"))
  (user-environment-variables (getuid) '("HOME=/x" "PATH=/bin" "USER=y"
                                         "HOMER=x")))

(test-equal "a user may be given by name, and is the current one by default"
  (user-environment-variables)
  (user-environment-variables (passwd:name (getpwuid (getuid)))
                              (default-environment-variables)))

(for-each
 (lambda (user)
   (test-equal (simple-format #f "~s, who does not exist, has no variables" user)
     (simple-format #f "no such user: ~s" user)
     (catch 'misc-error
       (lambda ()
         (user-environment-variables user))
       (lambda arguments
         ((@ (shepherd diagnostics) exception->string) (car arguments)
          (cdr arguments))))))
 '("nobody-of-that-name" 4294967000))

(test-end "language")
