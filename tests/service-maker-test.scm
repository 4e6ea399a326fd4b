;;; service-maker-test.scm -- services that commands make, over a fake core.
;;;
;;; Copyright (C) 2026 The Shepherd authors
;;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 match)
             (srfi srfi-1)
             (srfi srfi-64)
             (shepherd conditions)
             ((shepherd publication) #:select (enroll-service!))
             (shepherd scheduler)
             (shepherd service)
             ((shepherd service-maker) #:select (words-and-options))
             (shepherd service transient)
             ((shepherd successor)
              #:select (define-from-parts recall restore-parts! saved-parts))
             (tests fake-host))

(define* (spawn #:rest arguments)
  "What the action `spawn' returns."
  (unless (lookup-service 'transient)
    (register-services (list (transient-service))))
  (apply perform-service-action (lookup-service 'transient) 'spawn arguments))

(define (error-of thunk)
  "The text of what THUNK throws, after the name of the service."
  (catch #t thunk
    (lambda (key . arguments)
      (match arguments
        (((? action-runtime-error? condition))
         (match (action-runtime-error-arguments condition)
           ((_ format (arguments ...) . _)
            (list (service-canonical-name
                   (action-runtime-error-service condition))
                  (apply simple-format #f format arguments)))))))))

(define-syntax-rule (failure arguments ...)
  (error-of (lambda () (spawn arguments ...))))

(define (registered)
  "The names of the services that there are."
  (let ((names '()))
    (for-each-service (lambda (service)
                        (set! names
                              (cons (service-canonical-name service) names))))
    (reverse names)))

(define (settle)
  "Let everything else happen that can happen now."
  (fiber-sleep 0.001))

;; Fields of the request that the core gets, see src/guile/spawn-request.c.
(define %directory 1)

(test-begin "service-maker")


;;; What comes of a command.

(test-equal "a command becomes a transient service that requires the maker"
  '((build #t #f (transient) running running)
    ("Spawning transient service for (\"daemon\" \"-x\")."
     "Service transient has been started."
     "Service build has been started."))
  (outcome
   (let* ((name (spawn "daemon" "-x" #:name 'build))
          (service (lookup-service name)))
     (list name (transient-service? service) (respawn-service? service)
           (service-requirement service) (service-status service)
           (service-status (lookup-service 'transient))))))

(test-equal "it is gone when its process ends"
  #f
  (value-of
   (spawn "short" #:name 'build)
   (settle)
   (lookup-service 'build)))

(test-equal "stopping the maker ends and forgets all of them"
  '(stopped () (transient))
  (value-of
   (spawn "daemon" #:name 'one)
   (spawn "stubborn" #:name 'two)
   (stop-service (lookup-service 'transient))
   (list (service-status (lookup-service 'transient))
         (living-processes) (registered))))

(test-assert "names are numbered, and none comes twice"
  (value-of
   (let* ((number (or (recall 'transient) 0))
          (name (lambda (n)
                  (string->symbol
                   (string-append "transient-"
                                  (number->string (+ number n))))))
          (first (spawn "short")))
     (settle)
     ;; Somebody has the next one.
     (spawn "daemon" #:name (name 2))
     (equal? (list first (spawn "daemon"))
             (list (name 1) (name 3))))))

(test-equal "another provision, and requirements"
  '((one-off) (base) (base one-off))
  (value-of
   (let ((maker (transient-service '(one-off) #:requirement '(base))))
     (register-services (list (service '(base)) maker))
     (perform-service-action maker 'spawn "daemon" #:name 'x)
     (list (service-requirement (lookup-service 'x))
           (service-requirement maker)
           (filter (lambda (name)
                     (eq? 'running (service-status (lookup-service name))))
                   '(base one-off))))))

(test-equal "the latest requirement given counts"
  '(other)
  (value-of
   (register-services (list (service '(other))))
   (spawn "daemon" #:name 'x #:requirement '(other))
   (service-requirement (lookup-service 'x))))

;; herd gives the last one first.
(test-equal "variables take the place of others of their names"
  '("A=3" "B=x=y" "E=" "C=default")
  (value-of
   (parameterize ((default-environment-variables '("A=default" "C=default")))
     (spawn "daemon"
            #:extra-environment-variables '("A=3" "B=x=y" "A=2" "E=")))
   (second (newest-request))))

(test-equal "the directory is what was asked for, or that of services"
  (list "/somewhere" (default-service-directory))
  (value-of
   (map (lambda (arguments)
          (apply spawn "daemon" arguments)
          (vector-ref (third (newest-request)) %directory))
        '((#:directory "/somewhere") ()))))


;;; What does not.

;; Weak spot: was a match-error.
(test-equal "without a command there is an error, and nothing is registered"
  '((transient "spawn lacks a command to run.") (transient))
  (value-of
   (let ((failure (failure)))
     (list failure (registered)))))

;; Weak spot: was a second, unregistered service.
(test-equal "a name in use is refused, be it that of a stopped service"
  '((transient "idle: there is a service of that name already")
    (transient "alias: there is a service of that name already")
    (idle busy transient))
  (value-of
   (register-services (list (service '(idle))
                            (service '(busy alias))))
   (start-service (lookup-service 'busy))
   (list (failure "daemon" #:name 'idle)
         (failure "daemon" #:name 'alias)
         (registered))))

;; Weak spot: what could not be started remained registered.
(test-equal "what cannot be run is forgotten"
  '((x "cannot run \"missing\": exec failed: No such file or directory")
    (transient))
  (value-of
   (list (failure "missing" #:name 'x) (registered))))

(test-equal "so is what lacks a requirement"
  '((transient "x could not be started") (broken transient))
  (value-of
   (register-services (list (service '(broken) #:start (const #f))))
   (list (failure "daemon" #:name 'x #:requirement '(broken))
         (registered))))

(for-each
 (match-lambda
   ((name arguments text)
    (test-equal name
      `((transient ,text) (transient))
      (value-of
       (let ((failure (error-of (lambda ()
                                  (apply spawn "daemon" arguments)))))
         (list failure (registered)))))))
 '(("no such user" (#:user "nobody-at-all")
    "no such user: \"nobody-at-all\"")
   ("no such group" (#:group "nobody-at-all")
    "no such group: \"nobody-at-all\"")
   ("a variable without a value" (#:extra-environment-variables ("A"))
    "\"A\": invalid environment variable; expected NAME=VALUE")
   ("a keyword that is none" (#:nmae x) "Unrecognized keyword")
   ("a name that is no symbol" (#:name 7)
    "Wrong type for argument 'provision': (7)")
   ("an empty name" (#:name #{}#)
    "Wrong type for argument 'provision': (#{}#)")
   ("a name with a NUL" (#:name #{a\x0;b}#)
    "Wrong type for argument 'provision': (#{a\\x0;b}#)")))


;;; For a successor of this process.

(define (read-back datum)
  (call-with-input-string (object->string datum) read))

(test-equal "a successor makes the same service again"
  '((x) (transient) #t ("daemon" "A=1") ((x "daemon")))
  (value-of
   (spawn "daemon" #:name 'x #:extra-environment-variables '("A=1"))
   (let ((saved (read-back (saved-parts (lookup-service 'x)))))
     (stop-service (lookup-service 'x))
     (let ((again (define-from-parts 'x saved)))
       (register-services (list again))
       (start-service again)
       (match (newest-request)
         (((program) (variable . _) _)
          (list (service-provision again) (service-requirement again)
                (transient-service? again)
                (list program variable)
                ;; And its own successor.
                (match (saved-parts again)
                  ((('request (_ words . options)))
                   (list (cons (cadr (memq #:name options))
                               words)))))))))))

(test-equal "what would not be made any more is left to others"
  #f
  (value-of
   (define-from-parts
     'x '((request (transient ("daemon") #:name x #:requirement (transient)
                              #:user "nobody-at-all"))))))

;; Returns what there is when the start of what was being started is over.
(define (registered-after-start program)
  (let ((again (define-from-parts
                 'x `((request (transient (,program) #:name x
                                          #:requirement (base)))))))
    (register-services (list (service '(base)) again))
    (start-service (lookup-service 'base))
    (spawn-fiber (lambda ()
                   (false-if-exception (start-service again))))
    (let loop ()
      (unless (eq? 'starting (service-status again))
        (yield-fiber)
        (loop)))
    (restore-parts! again (saved-parts again))
    (settle)
    (registered)))

(test-equal "what it cannot start is forgotten there, too"
  '((base) (base x))
  (list (value-of (registered-after-start "missing"))
        (value-of (registered-after-start "daemon"))))

(test-end "service-maker")
