;;; services-test.scm -- starting, stopping, respawning, over a fake core.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 match)
             (srfi srfi-1)
             (srfi srfi-64)
             (shepherd conditions)
             ((shepherd lifecycle) #:select (stop-services))
             (shepherd scheduler)
             (shepherd service)
             (tests fake-host))

(define (daemon name . rest)
  (apply service (list name)
         #:start (make-forkexec-constructor (list "daemon"))
         #:stop (make-kill-destructor)
         rest))

(define (statuses . names)
  (map (compose service-status lookup-service) names))

(define (error-of thunk)
  (catch #t thunk
    (lambda (key . arguments)
      (match arguments
        (((? service-error? condition)) (condition->sexp condition))
        (_ (cons key arguments))))))

(define (settle)
  "Let everything else happen that can happen now."
  (fiber-sleep 0.001))

(test-begin "services")

(test-equal "a service and what it requires are started"
  '((running running) ("Service dep has been started."
                       "Service proc has been started."))
  (outcome
   (register-services (list (daemon 'dep)
                            (daemon 'proc #:requirement '(dep))))
   (start-service (lookup-service 'proc))
   (statuses 'dep 'proc)))

(test-equal "the running value is the process"
  '(#t ("daemon"))
  (value-of
   (register-services (list (daemon 'a)))
   (let ((value (start-service (lookup-service 'a))))
     (list (process? value) (process-command value)))))

(test-equal "requirements start in parallel"
  2.0
  (value-of
   (define (slow name)
     (service (list name) #:start (lambda _ (fiber-sleep 2) #t)))
   (register-services
    (list (slow 'a) (slow 'b) (slow 'c)
          (service '(top) #:requirement '(a b c))))
   (start-service (lookup-service 'top))
   (virtual-seconds)))

(test-equal "a failed requirement fails the start, and is named"
  '((#f stopped stopped) ("Service bad could not be started."
                          "Service top depends on bad."))
  (outcome
   (register-services (list (service '(bad) #:start (const #f))
                            (service '(top) #:requirement '(bad))))
   (cons (start-service (lookup-service 'top))
         (statuses 'bad 'top))))

(test-equal "an exec failure names the program, the step and the reason"
  '(system-error "fork+exec-command" "cannot run ~s: ~a failed: ~a"
                 ("missing" "exec" "No such file or directory") (2))
  (value-of
   (error-of (lambda () (fork+exec-command '("missing"))))))

(test-equal "the status of a command that ends at once is not missed"
  '(768 256)
  (value-of
   (list (spawn-command '("short")) (spawn-command '("missing")))))

;; Weak spot: it looked like a start, then an exit with code 127.
(test-equal "an exec failure fails the start"
  '((error (version 0) action-exception start x system-error
           ("fork+exec-command" "cannot run ~s: ~a failed: ~a"
            ("missing" "exec" "No such file or directory") (2)))
    stopped)
  (value-of
   (register-services
    (list (service '(x) #:start (make-forkexec-constructor '("missing")))))
   (list (error-of (lambda () (start-service (lookup-service 'x))))
         (service-status (lookup-service 'x)))))

;; Weak spot: a cycle was started without end.
(test-equal "a cycle is refused at once, with its members"
  '(error (version 0) action-exception start a misc-error
          (#f "service ~a requires itself: ~a" (a "a -> b -> c -> a") #f))
  (value-of
   (register-services (list (daemon 'a #:requirement '(b))
                            (daemon 'b #:requirement '(c))
                            (daemon 'c #:requirement '(a))))
   (error-of (lambda () (start-service (lookup-service 'a))))))

;; Weak spot: an unknown name further down left the client waiting.
(test-equal "an unknown indirect requirement is refused by name"
  '((error (version 0) service-not-found nope) (stopped stopped))
  (value-of
   (register-services (list (daemon 'a #:requirement '(b))
                            (daemon 'b #:requirement '(nope))))
   (list (error-of (lambda () (start-service (lookup-service 'a))))
         (statuses 'a 'b))))

;; Weak spot: requirements were started first, one-shots once more.
(test-equal "a disabled service starts neither itself nor its requirements"
  '((#f stopped stopped) ("Service a is currently disabled."))
  (outcome
   (register-services (list (daemon 'dep) (daemon 'a #:requirement '(dep))))
   (disable-service (lookup-service 'a))
   (cons (start-service (lookup-service 'a)) (statuses 'a 'dep))))

(test-equal "starting a running service does not touch its requirements"
  1
  (value-of
   (let ((runs 0))
     (register-services
      (list (service '(once) #:one-shot? #t
                     #:start (lambda _ (set! runs (+ runs 1)) #t))
            (daemon 'a #:requirement '(once))))
     (start-service (lookup-service 'a))
     (start-service (lookup-service 'a))
     runs)))

(test-equal "a one-shot runs once for all that need it in one start"
  1
  (value-of
   (let ((runs 0))
     (register-services
      (list (service '(once) #:one-shot? #t
                     #:start (lambda _ (set! runs (+ runs 1)) #t))
            (daemon 'a #:requirement '(once))
            (daemon 'b #:requirement '(once))
            (service '(top) #:requirement '(a b once))))
     (start-service (lookup-service 'top))
     runs)))

;; Weak spot: the service stayed `starting' for ever.
(test-equal "a start method that returns no value succeeds"
  'running
  (value-of
   (register-services (list (service '(a) #:start (lambda _ (values)))))
   (start-service (lookup-service 'a))
   (service-status (lookup-service 'a))))

(test-equal "a start method may return a procedure, given the setter"
  '(first second)
  (value-of
   (let ((setter #f))
     (register-services
      (list (service '(a) #:start (lambda _
                                    (lambda (set)
                                      (set! setter set)
                                      'first)))))
     (let ((value (start-service (lookup-service 'a))))
       (setter 'second)
       (settle)
       (list value (service-running-value (lookup-service 'a)))))))

(test-equal "dependents are stopped first, deepest first, in the order given"
  '((a b c) (c b a))
  (value-of
   (let ((order '()))
     (define (logged name . requirement)
       (service (list name) #:requirement requirement
                #:stop (lambda _ (set! order (cons name order)) #f)))
     (register-services (list (logged 'a) (logged 'b 'a) (logged 'c 'b)))
     (start-service (lookup-service 'c))
     (let ((stopped (stop-service (lookup-service 'a))))
       (list (map service-canonical-name stopped) (reverse order))))))

;; As a one-shot service is, when its work was done.
(test-equal "services are stopped in order by way of stopped ones, too"
  '(top base)
  (value-of
   (let ((order '()))
     (define (logged name . requirement)
       (service (list name) #:requirement requirement
                #:stop (lambda _
                         (fiber-sleep 0.1)
                         (set! order (cons name order))
                         #f)))
     (register-services
      (list (logged 'base)
            (service '(once) #:one-shot? #t #:requirement '(base)
                     #:start (const #t))
            (logged 'top 'once)))
     (start-service (lookup-service 'top))
     (stop-services (list (lookup-service 'base) (lookup-service 'top)))
     (reverse order))))

(test-equal "services that came to require each other are stopped"
  '(stopped stopped)
  (value-of
   (register-services
    (list (daemon 'a) (daemon 'b)
          (service '(once) #:one-shot? #t #:start (const #t))
          (service '(twice) #:one-shot? #t #:start (const #t))
          (service '(c) #:requirement '(once))
          (service '(d) #:requirement '(twice))))
   (start-service (lookup-service 'c))
   (start-service (lookup-service 'd))
   (register-services
    (list (service '(once) #:requirement '(d))
          (service '(twice) #:requirement '(c))))
   (stop-services (list (lookup-service 'c) (lookup-service 'd)))
   (statuses 'c 'd)))

(test-equal "stopping ends the process"
  '(1 0 ((15 . 1000)))
  (value-of
   (register-services (list (daemon 'a)))
   (start-service (lookup-service 'a))
   (let ((before (length (living-processes))))
     (stop-service (lookup-service 'a))
     (list before (length (living-processes))
           (service-process-exit-statuses (lookup-service 'a))))))

(test-equal "a stubborn process is killed after the grace period"
  '(5.0 () stopped)
  (value-of
   (register-services
    (list (service '(a)
                   #:start (make-forkexec-constructor '("stubborn"))
                   #:stop (make-kill-destructor))))
   (start-service (lookup-service 'a))
   (stop-service (lookup-service 'a))
   (cons* (/ (round (* 10 (virtual-seconds))) 10)
          (living-processes) (statuses 'a))))

(test-equal "a process that ends is respawned after the delay"
  '(running 1 0.1)
  (value-of
   (register-services (list (daemon 'a #:respawn? #t)))
   (start-service (lookup-service 'a))
   (end-process! (car (living-processes)) 9)
   (fiber-sleep 1)
   (let ((service (lookup-service 'a)))
     (list (service-status service) (length (service-respawn-times service))
           (service-respawn-delay service)))))

(test-equal "a service that respawns too fast is disabled"
  '(stopped #f 5)
  (value-of
   (register-services
    (list (service '(a) #:respawn? #t
                   #:start (make-forkexec-constructor '("short")))))
   (start-service (lookup-service 'a))
   (fiber-sleep 5)
   (let ((service (lookup-service 'a)))
     (list (service-status service) (service-enabled? service)
           (length (service-respawn-times service))))))

;; By the wall clock, six hours pass between the respawns.
(test-equal "a wall clock that leaps does not change what is too fast"
  '(stopped #f 5)
  (value-of
   (register-services
    (list (service '(a) #:respawn? #t #:respawn-delay 0.5
                   #:start (make-forkexec-constructor '("short")))))
   (start-service (lookup-service 'a))
   (let leap ((leaps 10))
     (unless (zero? leaps)
       (set-wall-clock! (+ (wall-seconds) 21600))
       (fiber-sleep 0.5)
       (leap (- leaps 1))))
   (let ((service (lookup-service 'a)))
     (list (service-status service) (service-enabled? service)
           (length (service-respawn-times service))))))

;; Weak spot: what was stopped came back.
(test-equal "stopping calls off a respawn that is due"
  'stopped
  (value-of
   (register-services (list (daemon 'a #:respawn? #t #:respawn-delay 3)))
   (start-service (lookup-service 'a))
   (end-process! (car (living-processes)) 9)
   (fiber-sleep 1)
   (stop-service (lookup-service 'a))
   (fiber-sleep 5)
   (service-status (lookup-service 'a))))

;; Weak spot: it was disabled.
(test-equal "a service that ends and is not respawnable is stopped, not disabled"
  '(stopped #t)
  (value-of
   (register-services (list (daemon 'a)))
   (start-service (lookup-service 'a))
   (end-process! (car (living-processes)) 0)
   (settle)
   (let ((service (lookup-service 'a)))
     (list (service-status service) (service-enabled? service)))))

(test-equal "a transient service that ends is forgotten"
  #f
  (value-of
   (register-services (list (daemon 'a #:transient? #t)))
   (start-service (lookup-service 'a))
   (end-process! (car (living-processes)) 0)
   (settle)
   (lookup-service 'a)))

(test-equal "a transient service that is stopped is forgotten"
  '(#f #f)
  (value-of
   (register-services (list (daemon 'a #:transient? #t)))
   (start-service (lookup-service 'a))
   (stop-service (lookup-service 'a))
   (list (lookup-service 'a) (published 'a))))

(test-equal "a transient service is not started again by a restart"
  '(#f ())
  (value-of
   (register-services (list (daemon 'a #:transient? #t)))
   (start-service (lookup-service 'a))
   (perform-service-action (lookup-service 'a) 'restart)
   (list (lookup-service 'a) (living-processes))))

(test-equal "registering a running service's name records a replacement"
  '(running #t new)
  (value-of
   (register-services (list (daemon 'a)))
   (start-service (lookup-service 'a))
   (let ((new (daemon 'a #:documentation "new")))
     (register-services (list new))
     (settle)
     (let* ((old (lookup-service 'a))
            (before (list (service-status old)
                          (eq? new (service-replacement old)))))
       (perform-service-action old 'restart)
       (append before
               (list (if (eq? new (lookup-service 'a)) 'new 'old)))))))

;; Weak spot: it was dropped, its process unsupervised.
(test-equal "a service that is starting is replaced later, not lost"
  '(old new)
  (value-of
   (register-services
    (list (service '(a) #:start (lambda _ (fiber-sleep 1) #t))))
   (let ((old (lookup-service 'a))
         (new (daemon 'a)))
     (spawn-fiber (lambda () (start-service old)))
     (fiber-sleep 0.1)
     (register-services (list new))
     (fiber-sleep 2)
     (let ((before (if (eq? old (lookup-service 'a)) 'old 'new)))
       (stop-service old)
       (list before (if (eq? new (lookup-service 'a)) 'new 'old))))))

;; Weak spot: only the first name that clashed was looked at.
(test-equal "names of several running services cannot be taken"
  'misc-error
  (value-of
   (register-services (list (daemon 'a) (daemon 'b)))
   (start-service (lookup-service 'a))
   (start-service (lookup-service 'b))
   (car (error-of (lambda ()
                    (register-services (list (service '(a b)))))))))

(test-equal "a stopped service with an alias is replaced as a whole"
  '(1 #f)
  (value-of
   (register-services (list (service '(a alias))))
   (register-services (list (service '(a))))
   (list (service-name-count) (lookup-service 'alias))))

;; Weak spot: the order was reversed.
(test-equal "order of registration survives unregistering"
  '(a c d)
  (value-of
   (register-services (map daemon '(a b c d)))
   (unregister-services (list (lookup-service 'b)))
   (let ((names '()))
     (for-each-service
      (lambda (service)
        (set! names (cons (service-canonical-name service) names))))
     (reverse names))))

(test-equal "unregistering takes what replaces a service, too"
  '(#f #f (root) ())
  (value-of
   (register-services (list (daemon 'root) (daemon 'a)
                            (daemon 'b #:requirement '(a))))
   (start-service (lookup-service 'b))
   (let ((a (lookup-service 'a))
         (b (lookup-service 'b)))
     (register-services (list (daemon 'a) (daemon 'b)))
     (settle)
     (unregister-services (list a b))
     (list (lookup-service 'a) (lookup-service 'b)
           (let ((names '()))
             (for-each-service
              (lambda (service)
                (set! names (cons (service-canonical-name service) names))))
             names)
           (living-processes)))))

;; While root is being stopped.
(define (shut-down-during thunk)
  (register-services
   (list (service '(root) #:stop (lambda _ (thunk) #f))))
  (start-service (lookup-service 'root))
  (stop-service (lookup-service 'root)))

;; Weak spot: starts were accepted meanwhile.
(test-equal "no service starts during shutdown"
  '(#f stopped)
  (value-of
   (register-services (list (daemon 'a)))
   (let ((value 'none))
     (shut-down-during
      (lambda ()
        (set! value (start-service (lookup-service 'a)))))
     (list value (service-status (lookup-service 'a))))))

(test-equal "nor one whose requirements were being started before"
  '(#f stopped)
  (value-of
   (register-services
    (list (service '(slow) #:start (lambda _ (fiber-sleep 2) #t))
          (daemon 'a #:requirement '(slow))))
   (let ((value 'none))
     (spawn-fiber
      (lambda ()
        (set! value (start-service (lookup-service 'a)))))
     (fiber-sleep 1)
     (shut-down-during (lambda () (fiber-sleep 5)))
     (list value (service-status (lookup-service 'a))))))

(test-equal "nor one that was to start again once it is stopped"
  '(stopped #f)
  (value-of
   (register-services
    (list (service '(a) #:stop (lambda _ (fiber-sleep 2) #f))))
   (let ((a (lookup-service 'a))
         (value 'none))
     (start-service a)
     (spawn-fiber (lambda () (stop-service a)))
     (fiber-sleep 1)
     (spawn-fiber (lambda () (set! value (start-service a))))
     (settle)
     (shut-down-during (lambda () (fiber-sleep 5)))
     (list (service-status a) value))))

(test-equal "nor one that was to be respawned"
  '(stopped ())
  (value-of
   (register-services (list (daemon 'a #:respawn? #t #:respawn-delay 2)))
   (start-service (lookup-service 'a))
   (end-process! (car (living-processes)) 9)
   (fiber-sleep 1)
   (shut-down-during (lambda () (fiber-sleep 5)))
   (list (service-status (lookup-service 'a)) (living-processes))))

;; Weak spot: it was stopped, not started, and success was reported.
(test-equal "restarting a disabled service fails and leaves it running"
  '((#f running) ("Service a has been started."
                  "Service a is currently disabled."))
  (outcome
   (register-services (list (daemon 'a)))
   (start-service (lookup-service 'a))
   (disable-service (lookup-service 'a))
   (list (perform-service-action (lookup-service 'a) 'restart)
         (service-status (lookup-service 'a)))))

;; Weak spot: they were lost.
(test-equal "arguments of a restart reach the replacement"
  '("x")
  (value-of
   (let ((seen #f))
     (register-services (list (daemon 'a)))
     (start-service (lookup-service 'a))
     (register-services
      (list (service '(a) #:start (lambda args (set! seen args) #t))))
     (settle)
     (perform-service-action (lookup-service 'a) 'restart "x")
     seen)))

(test-equal "an unknown action is refused by name"
  '(error (version 0) action-not-found frob a)
  (value-of
   (register-services (list (daemon 'a)))
   (error-of (lambda ()
               (perform-service-action (lookup-service 'a) 'frob)))))

(test-equal "an action that throws names itself and the exception"
  '(error (version 0) action-exception frob a oops (1 "two"))
  (value-of
   (register-services
    (list (daemon 'a #:actions (actions (frob "Frob." (lambda _ (throw 'oops 1 "two")))))))
   (error-of (lambda ()
               (perform-service-action (lookup-service 'a) 'frob)))))

(test-equal "a chain of 1,000 services starts and stops"
  '(1000 1000)
  (value-of
   (let ((names (map (lambda (n)
                       (string->symbol (string-append "s" (number->string n))))
                     (iota 1000))))
     (register-services
      (cons (daemon (car names))
            (map (lambda (name requirement)
                   (daemon name #:requirement (list requirement)))
                 (cdr names) names)))
     (start-service (lookup-service (last names)))
     (let ((running (length (living-processes))))
       (list running
             (length (stop-service (lookup-service (first names)))))))))

;; Weak spot: an empty list of names was accepted, and most types.
(for-each
 (lambda (arguments)
   (test-equal (simple-format #f "the service ~s is refused" arguments)
     'wrong-type-arg
     (catch #t
       (lambda ()
         (apply service arguments))
       (lambda (key . _)
         key))))
 '((()) (a) ((a "b"))
   ((a) #:requirement b) ((a) #:one-shot? 1) ((a) #:transient? 1)
   ((a) #:respawn? 1) ((a) #:respawn-limit 5) ((a) #:respawn-limit (5))
   ((a) #:respawn-delay -1) ((a) #:respawn-delay b)
   ((a) #:documentation 1) ((a) #:start #t) ((a) #:stop 1)
   ((a) #:execution-limit 0) ((a) #:execution-limit +inf.0)
   ((a) #:actions 1) ((a) #:termination-handler 1)))

(test-equal "what is published is the state that clients see"
  '(running #f)
  (value-of
   (register-services (list (daemon 'a)))
   (start-service (lookup-service 'a))
   (match (published 'a)
     ((('service _ . properties) tail)
      (list (car (assq-ref properties 'status))
            (car (assq-ref tail 'pending-replacement?)))))))

;; What the simulation found.

(define (slow name seconds)
  (service (list name) #:start (lambda _ (fiber-sleep seconds) #t)))

(define-syntax-rule (in-background expression ...)
  (spawn-fiber (lambda () expression ...)))

(test-equal "a requirement that was stopped meanwhile is started again"
  '(running running)
  (value-of
   (register-services (list (daemon 'a) (slow 's 2)
                            (daemon 'b #:requirement '(a s))))
   (in-background (start-service (lookup-service 'b)))
   (fiber-sleep 1)
   (stop-service (lookup-service 'a))
   (fiber-sleep 2)
   (statuses 'a 'b)))

(test-equal "what is started while a stop waits is stopped as well"
  '(stopped stopped)
  (value-of
   (register-services
    (list (daemon 'a)
          (service '(b) #:requirement '(a)
                   #:stop (lambda _ (fiber-sleep 1) #f))))
   (start-service (lookup-service 'b))
   (in-background (stop-service (lookup-service 'a)))
   (fiber-sleep 0.5)
   (in-background (start-service (lookup-service 'b)))
   (fiber-sleep 3)
   (statuses 'a 'b)))

(test-equal "what is unregistered while it waits to start does not"
  '(#f stopped)
  (value-of
   (register-services (list (slow 's 2) (daemon 'b #:requirement '(s))))
   (let* ((b (lookup-service 'b))
          (value 'none))
     (in-background (set! value (start-service b)))
     (fiber-sleep 1)
     (unregister-services (list b))
     (fiber-sleep 2)
     (list value (service-status b)))))

(test-equal "what replaces a service that waits to start is started"
  '(stopped running)
  (value-of
   (register-services (list (slow 's 2) (daemon 'b #:requirement '(s))))
   (let ((old (lookup-service 'b)))
     (in-background (start-service old))
     (fiber-sleep 1)
     (register-services (list (daemon 'b)))
     (fiber-sleep 2)
     (list (service-status old) (service-status (lookup-service 'b))))))

(test-equal "a stop calls off a respawn that nobody has decided on yet"
  'stopped
  (value-of
   (register-services
    (list (daemon 'a #:respawn? #t
                  #:termination-handler
                  (lambda (service value status)
                    (fiber-sleep 1)
                    (respawn-service service)))))
   (start-service (lookup-service 'a))
   (end-process! (car (living-processes)) 9)
   (fiber-sleep 0.5)
   (stop-service (lookup-service 'a))
   (fiber-sleep 5)
   (service-status (lookup-service 'a))))

(test-equal "stopping a requirement calls off the respawns of its dependents"
  '(stopped stopped)
  (value-of
   (register-services
    (list (daemon 'a)
          (daemon 'b #:requirement '(a) #:respawn? #t #:respawn-delay 2)))
   (start-service (lookup-service 'b))
   (end-process! (car (living-processes)) 9)
   (fiber-sleep 1)
   (stop-service (lookup-service 'a))
   (fiber-sleep 5)
   (statuses 'a 'b)))

(test-equal "a restart brings back what was about to be respawned"
  '(running running)
  (value-of
   (register-services
    (list (daemon 'a)
          (daemon 'b #:requirement '(a) #:respawn? #t #:respawn-delay 2)))
   (start-service (lookup-service 'b))
   (end-process! (car (living-processes)) 9)
   (fiber-sleep 1)
   (perform-service-action (lookup-service 'a) 'restart)
   (statuses 'a 'b)))

(test-equal "the setter of an earlier start changes nothing"
  'second
  (value-of
   (let ((setters '()) (value 'first))
     (register-services
      (list (service '(a) #:start (lambda _
                                    (lambda (set)
                                      (set! setters (cons set setters))
                                      value)))))
     (start-service (lookup-service 'a))
     (stop-service (lookup-service 'a))
     (set! value 'second)
     (start-service (lookup-service 'a))
     ((last setters) 'stale)
     (settle)
     (service-running-value (lookup-service 'a)))))

(test-equal "a process that ended before it became the value has ended"
  '(stopped ((768 . 1000)))
  (value-of
   (let ((setter #f))
     (register-services
      (list (service '(a) #:start (lambda _
                                    (lambda (set)
                                      (set! setter set)
                                      'waiting)))))
     (start-service (lookup-service 'a))
     (let ((pid (parameterize ((current-service (lookup-service 'a)))
                  (fork+exec-command '("short")))))
       (settle)
       (setter pid)
       (settle)
       (list (service-status (lookup-service 'a))
             (service-process-exit-statuses (lookup-service 'a)))))))

(test-equal "a replacement waits for each service whose names it takes"
  '(old new new)
  (value-of
   (register-services (list (daemon 'a)))
   (start-service (lookup-service 'a))
   (let ((new (service '(a b))))
     (register-services (list new))
     (register-services (list (daemon 'b)))
     (start-service (lookup-service 'b))
     (let ((owner (lambda (name)
                    (if (eq? new (lookup-service name)) 'new 'old))))
       (stop-service (lookup-service 'a))
       (settle)
       (let ((before (owner 'b)))
         (stop-service (lookup-service 'b))
         (settle)
         (list before (owner 'a) (owner 'b)))))))

(test-equal "a start in the background survives what its requirements throw"
  '(#f stopped running)
  (value-of
   (let ((handler (fiber-error-handler))
         (died #f))
     (register-services
      (list (service '(a) #:start (lambda _ (fiber-sleep 1) (throw 'oops)))
            (daemon 'b #:requirement '(a))
            (daemon 'c)))
     (in-background (catch #t
                      (lambda () (start-service (lookup-service 'a)))
                      (const #f)))
     (settle)
     (fiber-error-handler (lambda _ (set! died #t)))
     (start-in-the-background '(a b c))
     (fiber-sleep 2)
     (fiber-error-handler handler)
     (cons died (statuses 'b 'c)))))

(test-equal "many services start a few at a time, however long some take"
  '(#t 200)
  (value-of
   (let ((names (map (lambda (number)
                       (string->symbol (string-append "s"
                                                      (number->string number))))
                     (iota 400))))
     (register-services
      (map (lambda (name program)
             (service (list name)
               #:start (make-forkexec-constructor (list program))))
           names
           (append (make-list 200 "stuck") (make-list 200 "daemon"))))
     (start-in-the-background names)
     (let ((how-many (lambda (status)
                       (count (lambda (other) (eq? status other))
                              (apply statuses names)))))
       (fiber-sleep 1/2)
       (let ((begun (how-many 'starting)))
         (fiber-sleep 60)
         (list (<= 64 begun 128) (how-many 'running)))))))

(test-equal "a stop that waited for a start stops what depends on it first"
  '((b a) stopped stopped)
  (value-of
   (let ((stopped '()))
     (define (stop-noting name seconds)
       (lambda _
         (fiber-sleep seconds)
         (set! stopped (append stopped (list name)))
         #f))

     (register-services
      (list (service '(a)
              #:start (let ((start (make-forkexec-constructor '("daemon"))))
                        (lambda _ (fiber-sleep 1) (start)))
              #:stop (stop-noting 'a 0))
            (service '(b)
              #:requirement '(a)
              #:start (lambda _ (fiber-sleep 5) #t)
              #:stop (stop-noting 'b 0))
            (service '(c)
              #:requirement '(a)
              #:stop (lambda _ (fiber-sleep 1) #f))))
     (start-service (lookup-service 'c))
     (in-background (stop-service (lookup-service 'a)))
     ;; While that waits for c, b begins to start, and a is started again.
     (fiber-sleep 0.2)
     (in-background (start-service (lookup-service 'b)))
     (fiber-sleep 0.2)
     (end-process! (car (living-processes)) 0)
     (fiber-sleep 0.2)
     (in-background (start-service (lookup-service 'a)))
     (fiber-sleep 9)
     (cons stopped (statuses 'a 'b)))))

(test-equal "a start that has begun is awaited, though it now is in a circle"
  '(running running)
  (value-of
   (register-services
    (list (daemon 'b)
          (service '(a)
            #:requirement '(b)
            #:start (lambda _ (fiber-sleep 2) #t))))
   (start-service (lookup-service 'b))
   (in-background (start-service (lookup-service 'a)))
   (settle)
   (register-services (list (daemon 'b #:requirement '(a))))
   (for-each (lambda (pid)
               (end-process! pid 0))
             (living-processes))
   (settle)
   (start-service (lookup-service 'b))
   (statuses 'a 'b)))

(test-end "services")
