;;; legacy-test.scm -- old configuration files, over a fake core

;; Copyright (C) 2026 The Shepherd authors
;; SPDX-License-Identifier: GPL-3.0-or-later

(add-to-load-path (string-append (or (getenv "abs_top_srcdir") ".")
                                 "/tests/modules"))

(use-modules (ice-9 match)
             (ice-9 textual-ports)
             (srfi srfi-1)
             (srfi srfi-11)
             (srfi srfi-64)
             (shepherd service)
             (shepherd replacements)
             (shepherd user-module)
             (tests fake-host))

(install-core-replacements!)

(define directory
  (mkdtemp (string-append (or (getenv "TMPDIR") "/tmp") "/legacy-XXXXXX")))
(chdir directory)

(define (write-file name . lines)
  (call-with-output-file name
    (lambda (port)
      (display (string-join lines "\n" 'suffix) port))))

(define (unregister-all)
  "Forget the services of the test before, whose processes are gone."
  (for-each-service
   (lambda (service)
     ((@ (shepherd publication) dismiss-service!) service))))

(define (load-file . lines)
  "Load a file of LINES in the daemon.  Return its value, or the places and texts
of its errors; and the messages."
  (apply write-file "old.scm" lines)
  (let ((errors '()))
    (let-values (((value messages)
                  (run-with-fake-host
                   (lambda ()
                     (unregister-all)
                     (load-in-user-module
                      "old.scm"
                      #:on-error
                      (lambda (key args place hint)
                        (set! errors
                              (cons (list place
                                          ((@@ (shepherd user-module)
                                               error-text)
                                           key args))
                                    errors))))))))
      (values (if (null? errors) value (reverse errors))
              messages))))

(define-syntax-rule (value-of line ...)
  (let-values (((value messages) (load-file line ...)))
    value))

(define-syntax-rule (messages-of line ...)
  (let-values (((value messages) (load-file line ...)))
    messages))

(define (loaded?)
  (->bool (resolve-module '(shepherd legacy) #f #:ensure #f)))

(define (warning? message)
  (string-contains message "is of an old interface"))

(define (warnings messages)
  "Return where old names were seen, and which."
  (filter-map (lambda (message)
                (let ((place (string-contains message ": warning: '")))
                  (and place
                       (warning? message)
                       (string-append (string-take message place) " "
                                      (second (string-split message #\'))))))
              messages))


(test-begin "legacy")

(test-equal "names of the interface that are only mentioned do not load it"
  '((1 2 3 #t) #f)
  (list (value-of "(use-modules (ice-9 match) (srfi srfi-9))"
                  "(define-record-type <span> (make start stop) span?"
                  "  (start span-start) (stop span-stop))"
                  "(define (enable doc) doc)"
                  "(match (list 1 (list 2 3))"
                  "  ((start (provides requires))"
                  "   (let ((stop start))"
                  "     (list stop (enable provides) requires"
                  "           (span? (make 1 2))))))")
        (loaded?)))

(test-equal "nor does what makes services today"
  '(#t #f)
  (list (value-of "(use-modules (shepherd support))"
                  "(register-services)"
                  "(register-services"
                  " (list (service '(a) #:actions (actions (x (const 1)))"
                  "         #:start (const #t))))"
                  "(start-service (lookup-service 'a))")
        (loaded?)))

(test-equal "they are found where (shepherd service) is used, and only there"
  '((#t #t #t #f))
  (list (value-of "(define (has? module name)"
                  "  (->bool (module-variable module name)))"
                  "(define fresh (make-fresh-user-module))"
                  "(define before (has? fresh 'running?))"
                  "(module-use! fresh (resolve-interface '(shepherd service)))"
                  "(list (has? (current-module) 'running?)"
                  "      (has? fresh 'running?)"
                  "      (has? (resolve-module '(shepherd service)) 'running?)"
                  "      before)")))

(test-equal "a service that is made is one of today's"
  '(#t #t (a b) (c) #t #t (1 . 2) 3 "Does a." (x) "X." x-done)
  (value-of "(define a"
            "  (make <service>"
            "    #:provides '(a b) #:requires '(c)"
            "    #:respawn? 'yes #:one-shot? #f #:transient? 1"
            "    #:respawn-limit '(1 . 2) #:respawn-delay 3"
            "    #:docstring '(\"Does\" \"a.\")"
            "    #:colour 'red #:provides '(not-this-one)"
            "    #:actions (make-actions (x \"X.\" (lambda (running) 'x-done)))))"
            "(list (service? a) (is-a? a <service>)"
            "      (service-provision a) (service-requirement a)"
            "      (respawn-service? a) (transient-service? a)"
            "      (service-respawn-limit a)"
            "      ((@ (shepherd service) service-respawn-delay) a)"
            "      (service-documentation a) (service-action-list a)"
            "      (action-documentation (lookup-service-action a 'x))"
            "      (perform-service-action a 'x))"))

(test-equal "it is started and stopped by name or by itself"
  '(#t running #f stopped #t running #f stopped)
  (value-of "(define a"
            "  (make <service> #:provides '(a)"
            "    #:start (make-forkexec-constructor '(\"daemon\"))"
            "    #:stop (make-kill-destructor)))"
            "(register-services a)"
            "(define (status) (service-status a))"
            "(let* ((p (start 'a)) (s (status)) (q (stop 'a)) (u (status))"
            "       (v (start a)) (w (status)) (x (stop a)))"
            "  (list (integer? p) s q u (integer? v) w x (status)))"))

(test-equal "its methods get a PID, as they did"
  '((stop #t "argument") (action #t) (ended #t 9) #t)
  (value-of "(define log '())"
            "(define (log! . entry) (set! log (append log (list entry))))"
            "(register-services"
            " (make <service> #:provides '(a)"
            "   #:start (make-forkexec-constructor '(\"daemon\"))"
            "   #:stop (lambda (pid . args)"
            "            (log! 'stop (integer? pid) (car args))"
            "            #f)"
            "   #:actions (make-actions"
            "              (act (lambda (pid) (log! 'action (integer? pid)))))"
            "   #:handle-termination (lambda (service pid status)"
            "                          (log! 'ended (integer? pid) status))))"
            "(start 'a)"
            "(stop 'a \"argument\")"
            "(start 'a)"
            "(action 'a 'act)"
            "((@ (tests fake-host) end-process!) (slot-ref (lookup-service 'a)"
            "                                              'running) 9)"
            "((@ (shepherd scheduler) fiber-sleep) 1)"
            "(append log (list (not (running? (lookup-service 'a)))))"))

(test-equal "actions are performed on a name, 'start' and 'stop' among them"
  '(#t 7 (7 1 2) stopped)
  (value-of "(register-services"
            " (make <service> #:provides '(a) #:start (const 7)"
            "   #:stop (const #f)"
            "   #:actions (make-actions (all (lambda all all)))))"
            "(let* ((x (action 'a 'start))"
            "       (y (action 'a 'all 1 2)))"
            "  (action (lookup-service 'a) 'stop)"
            "  (list (service? (action 'a 'status)) x y"
            "        (service-status (lookup-service 'a))))"))

(test-equal "what the default configuration of old did is possible"
  '("old.scm:4 action" daemonized daemonized)
  (let-values (((value messages)
                (load-file
                 "(register-services"
                 " (service '(root shepherd)"
                 "   #:actions (actions (daemonize (const 'daemonized)))))"
                 "(define values (list (action 'shepherd 'daemonize)"
                 "                     (perform-service-action 'shepherd"
                 "                                             'daemonize)))"
                 "(for-each start '())"
                 "values")))
    (append (warnings messages) value)))

(test-equal "a service that is made disabled is, and can be enabled"
  '(#f #f #t #t #f)
  (value-of "(define a (make <service> #:provides '(a) #:enabled? #f))"
            "(register-services a)"
            "(let* ((x (enabled? a)) (y (start a)))"
            "  (enable 'a)"
            "  (let* ((z (slot-ref a 'enabled?)) (u (start a)))"
            "    (slot-set! a 'enabled? #f)"
            "    (list x y z u (service-enabled? a))))"))

(test-equal "accessors and slots"
  '((a) (a) (b) (b) a #f #t #f #f (x) #t #t (a) () () #f)
  (value-of "(define a"
            "  (make <service> #:provides '(a) #:requires '(b) #:one-shot? #t"
            "    #:actions (make-actions (x (const 1)))))"
            "(register-services a)"
            "(list (provides a) (provided-by a) (requires a) (required-by a)"
            "      (canonical-name a) (respawn? a) (one-shot? a) (transient? a)"
            "      (running? a) (action-list a) (defines-action? a 'x)"
            "      (action? (lookup-action a 'x))"
            "      (map canonical-name (service-list))"
            "      (lookup-services 'none)"
            "      (slot-ref a 'conflicts) (slot-ref a 'running))"))

(test-equal "services are forgotten by name"
  '(#f () #t)
  (value-of "(register-services (make <service> #:provides '(a b)))"
            "(deregister-service \"b\")"
            "(deregister-service 'none)"
            "(let ((a (lookup-service 'a)))"
            "  (register-services (make <service> #:provides '(c)))"
            "  (deregister-service \"all\")"
            "  (list a (service-list) (not (lookup-service 'c))))"))

(test-equal "scripts of /etc/init.d"
  '((mail-server) #t "Mail.")
  (value-of "(define s (make-init.d-service \"mail-server\" #:docstring \"Mail.\"))"
            "(list (service-provision s) (service? s) (service-documentation s))"))

(test-equal "classes and methods of the user's own, without importing GOOPS"
  '("host" (started "host") #t #t)
  (value-of "(define-class <machine> ()"
            "  (name #:init-keyword #:name #:getter name-of))"
            "(define-method (start (machine <machine>))"
            "  (list 'started (name-of machine)))"
            "(define-method (describe (service <service>)) 'service)"
            "(define m (make <machine> #:name \"host\"))"
            "(register-services (make <service> #:provides '(a)))"
            "(list (slot-ref m 'name) (start m) (start 'a)"
            "      (eq? 'service (describe (lookup-service 'a))))"))

(test-equal "GOOPS imported: its 'make' makes services, too"
  '((a) #t)
  (value-of "(use-modules (oop goops))"
            "(list (service-provision (make <service> #:provides '(a)))"
            "      (eq? make (@ (oop goops) make)))"))

(test-equal "names of (shepherd support) that old files did not import"
  '(#t #t #t)
  (value-of "(list (string? %user-log-dir) (string? %user-config-dir)"
            "      (string? user-homedir))"))


;;; Warnings.

(test-equal "each file is mentioned once, with the line and what was there"
  '("old.scm:2 make <service>" "DIR/part.scm:3 start" "DIR/other.scm:1 make <service>")
  (begin
    (write-file "part.scm" "" "" "(start 'a)" "(stop 'a)")
    (write-file "other.scm" "(list %user-log-dir (make <service> #:provides '(b)))")
    (map (lambda (warning)
           (let ((start (string-contains warning directory)))
             (if start
                 (string-append "DIR" (substring warning
                                                 (string-length directory)))
                 warning)))
         (warnings (messages-of
                    "(define (f) (make <service> #:provides '(a)))"
                    "(register-services (f))"
                    "(load \"part.scm\")"
                    "(start 'a)"
                    "(load \"other.scm\")"
                    "(load \"part.scm\")")))))

(test-equal "the same when it is loaded again"
  '(("old.scm:1 stop") ("old.scm:1 stop"))
  (let ((again (lambda ()
                 (warnings
                  (messages-of "(stop (service '(a)))")))))
    (list (again) (again))))

(test-equal "the modern form is shown"
  '("old.scm:1: warning: 'enable' is of an old interface; write \
(enable-service (lookup-service 'NAME)) instead (see \"Old Configuration \
Files\" in the manual)")
  (filter warning?
          (messages-of "(enable (service '(a)))")))

(define (later-warnings file form)
  "Load FILE with FORM, which registers service b, then perform its action `go'
twice; return the warnings of both and of loading."
  (write-file file
              "(register-services (list (service '(a))))" form)
  (let-values (((value messages)
                (run-with-fake-host
                 (lambda ()
                   (unregister-all)
                   (load-in-user-module file)
                   (perform-service-action (lookup-service 'b) 'go)
                   (perform-service-action (lookup-service 'b) 'go)))))
    (warnings messages)))

(test-equal "a method that is called later belongs to the file of its service"
  '("later.scm:2 disable")
  (later-warnings
   "later.scm"
   "(register-services (list (service '(b)
  #:actions (actions (go (lambda _ (disable 'a)))))))"))

(test-equal "which is not mentioned again if it was while it was loaded"
  '("before.scm:2 make <service>")
  (later-warnings
   "before.scm"
   "(register-services (make <service> #:provides '(b)
  #:actions (actions (go (lambda _ (disable 'a))))))"))

(test-equal "conflicts are ignored with a word"
  '("old.scm:1: warning: service a: '#:conflicts' is ignored")
  (remove warning?
          (messages-of "(make <service> #:provides '(a) #:conflicts '(b))")))


;;; Errors.

(test-equal "a class derived from <service>"
  '(("old.scm:2:1" "In procedure make: class <mine> is derived from <service>, \
which is not possible any more; use a procedure that calls 'service'"))
  (value-of "(define-class <mine> (<service>) (x #:init-keyword #:x))"
            "(make <mine> #:provides '(a) #:x 1)"))

(test-equal "slots that are not there, or cannot be changed"
  '(("old.scm:2:1" "In procedure slot-ref: services have no slot 'colour'")
    ("old.scm:3:1" "In procedure slot-set!: slot 'provides' of service a cannot \
be changed; define another service"))
  (value-of "(define a (make <service> #:provides '(a)))"
            "(slot-ref a 'colour)"
            "(slot-set! a 'provides '(b))"))

(test-equal "services that do not exist, and what is none"
  '(("old.scm:2:1" "service 'none' could not be found")
    ("old.scm:3:1" "service 'none' could not be found")
    ("old.scm:4:1" "neither a service nor the name of one: 3"))
  (value-of ""
            "(start 'none)"
            "(action 'none 'restart)"
            "(stop 3)"))

(test-equal "arguments of the wrong type"
  '(("old.scm:1:1" "In procedure service: Wrong type for argument 'provision': a"))
  (value-of "(make <service> #:provides 'a)"))


;;; The lists.

(define (private module name)
  (module-ref (resolve-module module) name))

(define old-names
  (append (private '(shepherd service) 'old-procedures)
          (private '(shepherd service) 'old-values)))

(define modern-forms
  (private '(shepherd legacy) 'modern-forms))

(define (sorted names)
  (sort (map symbol->string names) string<?))

(test-equal "what is looked for is what there is"
  (sorted old-names)
  (sorted (lset-difference eq?
                           (module-map (lambda (name variable) name)
                                       (resolve-interface '(shepherd legacy)))
                           '(perform-old-action note-old-value))))

(test-equal "each name has a modern form"
  (sorted (cons 'action old-names))
  (sorted (map car modern-forms)))

(define manual
  (call-with-input-file (string-append (or (getenv "abs_top_srcdir") ".")
                                       "/doc/old-configurations.texi")
    get-string-all))

(test-equal "the manual has each name"
  '()
  (remove (lambda (name)
            (string-contains manual name))
          (sorted (map car modern-forms))))

(test-end "legacy")
